// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Every step uses openat(2) with O_NOFOLLOW on the directory above, so another process that
// replaces a directory by a link cannot lead the walk elsewhere.
#include "image/host/directory_stack_posix.h"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "image/host/rooted_path_posix.h"
#include "os/system_error.h"

namespace cim {
namespace {

// How many directories on the way are kept open, besides the start.
constexpr std::size_t kOpenLevels = 64;

int open_directory(int parent, const char* name, int more_flags) {
  int number = -1;
  do {
    number = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | more_flags);
  } while (number < 0 && errno == EINTR);
  return above_standard(number);
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

}  // namespace

DirectoryStack::DirectoryStack(const std::filesystem::path& start) {
  Descriptor directory(open_directory(AT_FDCWD, start.c_str(), 0));
  if (!directory) {
    throw_system_error(errno, start.string(), "open");
  }
  push(start.string(), std::move(directory));
}

std::string DirectoryStack::path_of(std::string_view name) const {
  std::string path;
  for (const Level& level : levels_) {
    path += level.name + '/';
  }
  return path.append(name);
}

std::string DirectoryStack::path_from_start(std::string_view name) const {
  std::string path;
  for (std::size_t i = 1; i < levels_.size(); ++i) {
    path += levels_[i].name + '/';
  }
  return path.append(name);
}

bool DirectoryStack::has_directory(const std::string& path_from_start) const {
  return leads_to_directory(levels_.front().directory.get(), path_from_start);
}

// Stops when `visit` returns false.
void DirectoryStack::for_each_name(const std::function<bool(std::string_view)>& visit) const {
  // The stream takes over the descriptor and closes it.
  const int number = open_directory(current(), ".", 0);
  const std::unique_ptr<DIR, CloseDirectory> stream(number < 0 ? nullptr : ::fdopendir(number));
  if (stream == nullptr) {
    throw_system_error(errno, path_of(""), "list");
  }
  errno = 0;
  while (const dirent* const entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && !visit(name)) {
      return;
    }
    errno = 0;
  }
  if (errno != 0) {
    throw_system_error(errno, path_of(""), "list");
  }
}

bool DirectoryStack::is_empty() const {
  bool empty = true;
  for_each_name([&empty](std::string_view) { return empty = false; });
  return empty;
}

std::vector<std::string> DirectoryStack::names() const {
  std::vector<std::string> names;
  for_each_name([&names](std::string_view name) {
    names.emplace_back(name);
    return true;
  });
  std::ranges::sort(names);
  return names;
}

// The oldest directory but the start is closed; leave() opens it again through "..".
void DirectoryStack::push(std::string name, Descriptor directory) {
  struct stat status {};
  if (::fstat(directory.get(), &status) != 0) {
    throw_system_error(errno, path_of(name), "access");
  }
  levels_.push_back({std::move(name), std::move(directory), status.st_dev, status.st_ino});
  if (levels_.size() > kOpenLevels + 1) {
    levels_[levels_.size() - 1 - kOpenLevels].directory.reset();
  }
}

void DirectoryStack::enter(const std::string& name) {
  Descriptor directory(open_directory(current(), name.c_str(), O_NOFOLLOW));
  if (!directory) {
    throw_system_error(errno, path_of(name), "open");
  }
  push(name, std::move(directory));
}

void DirectoryStack::leave() {
  const Descriptor below = std::move(levels_.back().directory);
  levels_.pop_back();
  Level& level = levels_.back();
  if (level.directory) {
    return;
  }
  // If another process moved the directory meanwhile, ".." is no longer the directory we came from.
  Descriptor above(open_directory(below.get(), "..", 0));
  struct stat status {};
  if (!above || ::fstat(above.get(), &status) != 0) {
    throw_system_error(errno, path_of(".."), "open");
  }
  if (status.st_dev != level.device || status.st_ino != level.inode) {
    throw Error(ErrorCode::kBusy, path_of(""), "it was moved while files were written below it");
  }
  level.directory = std::move(above);
}

Descriptor DirectoryStack::open_from_start(const std::vector<std::string>& names) const {
  Descriptor directory(open_directory(levels_.front().directory.get(), ".", 0));
  std::string path = levels_.front().name;
  for (const std::string& name : names) {
    path += '/' + name;
    directory = Descriptor(open_directory(directory.get(), name.c_str(), O_NOFOLLOW));
    if (!directory) {
      throw_system_error(errno, path, "open");
    }
  }
  return directory;
}

}  // namespace cim
