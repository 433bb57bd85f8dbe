// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/mount.h"

namespace cim::mount {
namespace {

constexpr std::uint32_t kMaxUmask = 0777;
constexpr std::uint32_t kMaxThreads = 256;
constexpr int kOctal = 8;
constexpr int kDecimal = 10;

/// Either true of every image mount or meant for other programs; mount(8) passes them on.
constexpr std::array<std::string_view, 20> kMeaningless = {
    "defaults", "ro",         "nosuid",      "nodev",   "noatime", "nodiratime", "relatime",
    "lazytime", "norelatime", "strictatime", "auto",    "noauto",  "user",       "users",
    "nouser",   "owner",      "noowner",     "_netdev", "nofail",  "group"};

[[noreturn]] void refuse(std::string_view option, std::string_view why) {
  throw Error(ErrorCode::kInvalidArgument, fmt::format("option {}", option), std::string(why));
}

std::uint32_t number(std::string_view option, std::string_view value, int base,
                     std::uint32_t maximum) {
  std::uint32_t result = 0;
  const char* const end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, result, base);
  if (error != std::errc() || stopped != end || result > maximum) {
    refuse(option, fmt::format("'{}' is not a number in base {} up to {}", value, base, maximum));
  }
  return result;
}

StreamNames stream_names(std::string_view option, std::string_view value) {
  if (value == "none") {
    return StreamNames::kNone;
  }
  if (value == "xattr") {
    return StreamNames::kXattrs;
  }
  if (value == "windows") {
    return StreamNames::kPaths;
  }
  refuse(option, fmt::format("'{}' is not one of none, xattr, windows", value));
}

BackendChoice backend_choice(std::string_view option, std::string_view value) {
  if (value == "fuse") {
    return BackendChoice::kFuse;
  }
  if (value == "erofs") {
    return BackendChoice::kErofs;
  }
  if (value == "auto") {
    return BackendChoice::kAuto;
  }
  refuse(option, fmt::format("'{}' is not one of fuse, erofs, auto", value));
}

/// Applies an option of the form NAME=VALUE.
void apply_value(std::string_view option, std::string_view value, Options& options) {
  // The kernel uses the largest number for "no user".
  constexpr std::uint32_t kMaxId = 0xFFFFFFFE;
  if (option == "uid") {
    options.user = number(option, value, kDecimal, kMaxId);
  } else if (option == "gid") {
    options.group = number(option, value, kDecimal, kMaxId);
  } else if (option == "umask") {
    options.umask = number(option, value, kOctal, kMaxUmask);
  } else if (option == "writable") {
    options.upper = std::filesystem::path(value);
  } else if (option == "backend") {
    options.backend = backend_choice(option, value);
  } else if (option == "cache") {
    options.cache = std::filesystem::path(value);
  } else if (option == "threads") {
    options.threads = number(option, value, kDecimal, kMaxThreads);
  } else if (option == "streams_interface") {
    options.streams = stream_names(option, value);
  } else {
    refuse(option, "unknown");
  }
}

/// Applies an option without a value.
void apply_flag(std::string_view option, Options& options) {
  if (option == "allow_other") {
    options.access = Access::kEveryone;
  } else if (option == "exec" || option == "noexec") {
    options.allow_execution = option == "exec";
  } else if (option == "ignore_case" || option == "case_sensitive") {
    options.names = option == "ignore_case" ? NameMatch::kIgnoringCase : NameMatch::kExact;
  } else if (option == "rw") {
    refuse(option, "images are read-only; writable=DIR mounts a writable overlay");
  } else if (!option.starts_with("x-") &&
             std::ranges::find(kMeaningless, option) == kMeaningless.end()) {
    refuse(option, "unknown, or its value is missing");
  }
}

}  // namespace

// Options that start with "x-" are for other programs, with or without a value.
Options parse_options(std::string_view text, Options options) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view option = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = option.find('=');
    if (equals != std::string_view::npos && !option.starts_with("x-")) {
      apply_value(option.substr(0, equals), option.substr(equals + 1), options);
    } else if (!option.empty()) {
      apply_flag(option, options);
    }
  }
  return options;
}

}  // namespace cim::mount
