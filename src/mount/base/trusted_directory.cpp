// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/base/trusted_directory.h"

#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "os/host_path.h"
#include "os/system_error.h"

// Checking a path and then using it would leave time to replace a directory in between. Every
// component is therefore opened relative to the one before, without following links, and examined
// by its descriptor; links are followed by hand, so that their owners are examined too.

namespace cim::mount {
namespace {

// The kernel's limit.
constexpr int kMostLinks = 40;

constexpr mode_t kWritableByOthers = S_IWGRP | S_IWOTH;

struct stat status_of(const Descriptor& descriptor, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) {
    throw_system_error(errno, path.string(), "access");
  }
  return status;
}

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view why) {
  throw Error(ErrorCode::kAccessDenied, path.string(),
              fmt::format("{}; no other user may be able to change what is mounted", why));
}

/// A walk from the root to a directory.
class Walk {
 public:
  /// Creates missing directories if a mode is given.
  explicit Walk(std::optional<mode_t> mode) : mode_(mode) {
    go_to_root();
    owner_of_root_ = status_of(at_, path_).st_uid;
  }

  /// Continues from the current directory. Returns false if a part of the path does not exist.
  bool follow(const std::filesystem::path& path) {
    prepend(path);
    while (!rest_.empty()) {
      const std::filesystem::path name = std::move(rest_.front());
      rest_.pop_front();
      if (name == "..") {
        enter(open(name, O_PATH | O_DIRECTORY), path_.parent_path());
      } else if (!name.empty() && name != "." && !step(name)) {
        return false;
      }
    }
    return true;
  }

  TrustedDirectory finish() {
    Descriptor readable = open(".", O_RDONLY | O_DIRECTORY);
    if (!readable) {
      throw_system_error(errno, path_.string(), "open");
    }
    return {std::move(readable), std::move(path_)};
  }

 private:
  /// Continues at the root, as for an absolute path.
  void go_to_root() { enter(Descriptor(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)), "/"); }

  /// Puts the names of a path, such as the target of a link, before those that are left.
  void prepend(const std::filesystem::path& path) {
    std::deque<std::filesystem::path> names;
    for (const auto& name : path.relative_path()) {
      names.push_back(name);
    }
    rest_.insert(rest_.begin(), names.begin(), names.end());
    if (path.is_absolute()) {
      go_to_root();
    }
  }

  Descriptor open(const std::filesystem::path& name, int flags) const {
    return Descriptor(::openat(at_.get(), name.c_str(), flags | O_CLOEXEC));
  }

  void enter(Descriptor directory, std::filesystem::path path) {
    if (!directory) {
      throw_system_error(errno, path.string(), "open");
    }
    at_ = std::move(directory);
    path_ = std::move(path);
  }

  /// Enters a subdirectory or follows a link. Returns false if it does not exist and must not be
  /// created.
  bool step(const std::filesystem::path& name) {
    const auto path = path_ / name;
    Descriptor next = open(name, O_PATH | O_NOFOLLOW);
    if (!next && errno == ENOENT) {
      if (!mode_) {
        return false;
      }
      next = made(name, path);
    }
    if (!next) {
      throw_system_error(errno, path.string(), "open");
    }
    const struct stat status = status_of(next, path);
    if (!is_trusted(status.st_uid)) {
      refuse(path, fmt::format("it belongs to user {}", status.st_uid));
    }
    if (S_ISLNK(status.st_mode)) {
      follow_link(next, path);
    } else if (!S_ISDIR(status.st_mode)) {
      throw_system_error(mode_ ? EEXIST : ENOTDIR, path.string(),
                         mode_ ? "create the directory" : "open");
    } else if ((status.st_mode & kWritableByOthers) != 0 && (status.st_mode & S_ISVTX) == 0) {
      refuse(path, "others may write there");
    } else {
      enter(std::move(next), path);
    }
    return true;
  }

  bool is_trusted(uid_t user) const noexcept {
    return user == 0 || user == ::geteuid() || user == owner_of_root_;
  }

  /// Another process may create it at the same time; the caller checks the owner. The directory is
  /// created for the owner only and gets its mode afterwards, so that no one else enters before it
  /// was examined, and the umask has no effect.
  Descriptor made(const std::filesystem::path& name, const std::filesystem::path& path) const {
    const bool is_ours = ::mkdirat(at_.get(), name.c_str(), *mode_ & S_IRWXU) == 0;
    if (!is_ours && errno != EEXIST) {
      throw_system_error(errno, path.string(), "create the directory");
    }
    Descriptor directory = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (directory && is_ours && ::fchmod(directory.get(), *mode_) != 0) {
      throw_system_error(errno, path.string(), "set the mode of");
    }
    return directory;
  }

  void follow_link(const Descriptor& link, const std::filesystem::path& path) {
    std::array<char, PATH_MAX> text{};
    const ssize_t size =
        ++links_ > kMostLinks ? -1 : ::readlinkat(link.get(), "", text.data(), text.size());
    if (size < 0) {
      throw_system_error(links_ > kMostLinks ? ELOOP : errno, path.string(), "follow");
    }
    prepend(std::filesystem::path(std::string_view(text.data(), static_cast<std::size_t>(size))));
  }

  std::optional<mode_t> mode_;
  Descriptor at_;
  std::filesystem::path path_;
  std::deque<std::filesystem::path> rest_;
  uid_t owner_of_root_ = 0;
  int links_ = 0;
};

}  // namespace

TrustedDirectory make_trusted_directory(const std::filesystem::path& path, mode_t mode) {
  Walk walk(mode);
  walk.follow(absolute_path(path));
  return walk.finish();
}

std::optional<TrustedDirectory> find_trusted_directory(const std::filesystem::path& path) {
  Walk walk(std::nullopt);
  return walk.follow(absolute_path(path)) ? std::optional(walk.finish()) : std::nullopt;
}

// The directory is created for this user only; fchmod(2) then sets `mode` whatever the umask is. An
// existing directory keeps its mode.
TrustedDirectory make_trusted_child(const TrustedDirectory& parent, const std::string& name,
                                    mode_t mode) {
  const auto path = parent.path / name;
  const int at = parent.descriptor.get();
  const bool is_ours = ::mkdirat(at, name.c_str(), mode & S_IRWXU) == 0;
  if (!is_ours && errno != EEXIST) {
    throw_system_error(errno, path.string(), "create the directory");
  }
  Descriptor child(::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!child || (is_ours && ::fchmod(child.get(), mode) != 0)) {
    throw_system_error(errno, path.string(), "open");
  }
  return {std::move(child), path};
}

void require_private(const TrustedDirectory& directory) {
  const struct stat status = status_of(directory.descriptor, directory.path);
  if (status.st_uid != ::geteuid()) {
    refuse(directory.path, fmt::format("it belongs to user {}", status.st_uid));
  }
  if ((status.st_mode & kWritableByOthers) != 0) {
    refuse(directory.path, "others may write there");
  }
}

}  // namespace cim::mount
