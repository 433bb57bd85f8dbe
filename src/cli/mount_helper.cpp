// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// mount(8) and fstab(5) call a helper with the options of every file system. Those that have a
// meaning for an image are translated to `cim mount`; unknown flags are an error, since ignoring
// one could mount something in another way than requested.
#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "cli/command_line.h"

namespace cim::cli {
namespace {

constexpr int kHelperUsage = 1;
constexpr int kHelperFailure = 32;

/// mount(8) passes "rw" by default, which does not mean that a writable mount was requested.
std::string without_read_write(std::string_view options) {
  std::string result;
  while (!options.empty()) {
    const std::string_view option = options.substr(0, options.find(','));
    options.remove_prefix(std::min(option.size() + 1, options.size()));
    if (option != "rw" && !option.empty()) {
      result += (result.empty() ? "" : ",") + std::string(option);
    }
  }
  return result;
}

// The command line of the helper, which getopt conventions govern: flags may be joined and may
// follow the arguments.
class HelperLine {
 public:
  // mount(8) passes flags before or after the two places.
  explicit HelperLine(const std::vector<std::string>& words) : words_(words) {
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      if (word.size() > 1 && word.front() == '-') {
        take_flags(word.substr(1));
      } else {
        places_.push_back(word);
      }
    }
    if (places_.size() != 2) {
      throw UsageError{"usage: mount.cim IMAGE MOUNTPOINT [-sfnv] [-o OPTIONS]"};
    }
  }

  std::vector<std::string> arguments() const {
    if (is_fake_) {
      return {};
    }
    std::vector<std::string> result = {"mount"};
    if (is_verbose_) {
      result.emplace_back("--verbose");
    }
    if (!options_.empty()) {
      result.push_back("--options=" + options_);
    }
    result.insert(result.end(), {"--", places_[0], places_[1]});
    return result;
  }

 private:
  // A value follows its flag in the same word or in the next one.
  void take_flags(std::string_view flags) {
    for (std::size_t i = 0; i < flags.size(); ++i) {
      const char flag = flags[i];
      if (flag == 'o' || flag == 't' || flag == 'N') {
        take_value(flag, flags.substr(i + 1));
        return;
      }
      take_flag(flag);
    }
  }

  void take_value(char flag, std::string_view rest) {
    if (rest.empty() && next_ == words_.size()) {
      throw UsageError{fmt::format("mount.cim: option -{} requires a value", flag)};
    }
    const std::string value = rest.empty() ? words_[next_++] : std::string(rest);
    if (flag == 'o') {
      options_ = without_read_write(options_ + "," + value);
    } else if (flag == 'N') {
      throw UsageError{"mount.cim: cannot mount in another namespace; run it there (nsenter)"};
    }
  }

  void take_flag(char flag) {
    if (flag == 'f') {
      is_fake_ = true;
    } else if (flag == 'v') {
      is_verbose_ = true;
    } else if (flag != 's' &&
               flag != 'n') {  // /etc/mtab is not written, and unknown options are always errors
      throw UsageError{fmt::format("mount.cim: unknown option -{}", flag)};
    }
  }

  const std::vector<std::string>& words_;
  std::size_t next_ = 0;
  std::vector<std::string> places_;
  std::string options_;
  bool is_fake_ = false;
  bool is_verbose_ = false;
};

int run_translated(const std::vector<std::string>& arguments, const Environment& environment) {
  const auto translated = mount_arguments(arguments);
  const int status = translated.empty() ? kSuccess : run(translated, environment);
  if (status == kSuccess) {
    return kSuccess;
  }
  return status == kUsage ? kHelperUsage : kHelperFailure;
}

}  // namespace

bool is_mount_helper(std::string_view program) {
  return program.substr(program.rfind('/') + 1) == "mount.cim";
}

std::vector<std::string> mount_arguments(const std::vector<std::string>& arguments) {
  return HelperLine(arguments).arguments();
}

int run_mount_helper(const std::vector<std::string>& arguments,
                     const Environment& environment) noexcept {
  try {
    return run_translated(arguments, environment);
  } catch (const UsageError& error) {
    Console(environment).error(error.text);
    return kHelperUsage;
  } catch (...) {
    return kHelperFailure;  // not even a message could be made
  }
}

}  // namespace cim::cli
