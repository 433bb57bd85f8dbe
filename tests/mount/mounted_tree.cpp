// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/mounted_tree.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <map>
#include <memory>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "mount/base/posix_view.h"
#include "mount/mounted_image.h"
#include "os/file.h"

namespace cim::test {
namespace {

constexpr std::size_t kMostCompared = std::size_t{4} << 20;
constexpr std::size_t kMaxName = 255;  // EROFS leaves out files with longer names

struct Place {
  FileId file = 0;
  std::filesystem::path path;
};

std::map<std::string, FileId> children_of(const Image& image, FileId directory) {
  std::map<std::string, FileId> children;
  for (const DirectoryEntry& entry : image.list(directory)) {
    if (std::string name = to_wtf8(entry.name); name.size() <= kMaxName) {
      children.emplace(std::move(name), entry.id);
    }
  }
  return children;
}

/// Returns whether the file could be read.
bool compare_bytes(const Place& place, const Image& image) {
  Bytes seen(kMostCompared);
  try {
    const File file = File::open_read(place.path);
    seen.resize(file.read_some_at(0, seen));
  } catch (const Error&) {
    return false;
  }
  const Stream stream = image.open(place.file);
  EXPECT_EQ(std::filesystem::file_size(place.path), stream.size()) << place.path;
  Bytes expected(kMostCompared);
  expected.resize(stream.read(0, expected));
  EXPECT_TRUE(seen == expected) << place.path << " has other bytes";
  return true;
}

}  // namespace

void Visitor::visit(const std::string& path) {
  constexpr unsigned kMostFiles = 20'000;  // a damaged image may have endless names
  std::vector<std::string> open = {path};
  for (unsigned i = 0; i < kMostFiles && !open.empty(); ++i) {
    const std::string next = std::move(open.back());
    open.pop_back();
    struct stat status {};
    if (!succeeded(::lstat(next.c_str(), &status), next)) {
      continue;
    }
    read_attributes(next);
    if (S_ISDIR(status.st_mode)) {
      list(next, open);
    } else if (S_ISLNK(status.st_mode)) {
      std::array<char, 4096> target{};
      succeeded(::readlink(next.c_str(), target.data(), target.size()), next);
    } else {
      read(next);
    }
  }
}

// The kernel itself reports a directory that contains itself with ELOOP.
bool Visitor::succeeded(ssize_t result, const std::string& path) {
  if (result >= 0) {
    return true;
  }
  failures_ += errno == EIO || errno == EOPNOTSUPP ? 1 : 0;
  EXPECT_THAT(errno,
              testing::AnyOf(EIO, EOPNOTSUPP, ELOOP, EINVAL, E2BIG, ENOENT, ENODATA, ENAMETOOLONG))
      << path;
  return false;
}

void Visitor::read_attributes(const std::string& path) {
  std::vector<char> names(65536);
  const ssize_t size = ::llistxattr(path.c_str(), names.data(), names.size());
  if (!succeeded(size, path)) {
    return;
  }
  std::vector<char> value(65536);
  for (const char* name = names.data(); name < names.data() + size;
       name += std::char_traits<char>::length(name) + 1) {
    succeeded(::lgetxattr(path.c_str(), name, value.data(), value.size()), path + " " + name);
  }
}

void Visitor::list(const std::string& path, std::vector<std::string>& open) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(path.c_str()), ::closedir);
  if (!succeeded(stream ? 0 : -1, path)) {
    return;
  }
  errno = 0;
  while (const dirent* const entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != ".." && path.size() < PATH_MAX - 2 * name.size() - 1) {
      open.push_back(fmt::format("{}/{}", path, name));
    }
  }
  succeeded(errno == 0 ? 0 : -1, path);
}

void Visitor::read(const std::string& path) {
  constexpr unsigned kMostPieces = 64;  // a damaged size may be of terabytes
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (!succeeded(descriptor, path)) {
    return;
  }
  std::vector<char> buffer(65536);
  ssize_t got = 1;
  for (unsigned i = 0; i < kMostPieces && got > 0; ++i) {
    got = ::read(descriptor, buffer.data(), buffer.size());
  }
  succeeded(got, path);
  ::close(descriptor);
}

unsigned compare_with_image(const std::filesystem::path& root, const Image& image,
                            Compared compared) {
  unsigned unreadable = 0;
  std::vector<Place> open = {{image.root(), root}};
  while (!open.empty()) {
    const Place place = std::move(open.back());
    open.pop_back();
    struct stat status {};
    EXPECT_EQ(::lstat(place.path.c_str(), &status), 0) << place.path;
    const FileInfo info = image.info(place.file);
    const bool is_link = mount::may_be_link(info) &&
                         posix_link_target(image.reparse_data(place.file), {}).obstacle.empty();
    const std::uint32_t mode = is_link ? S_IFLNK : mount::mode_of(info);
    EXPECT_EQ(status.st_mode & S_IFMT, mode & S_IFMT) << place.path;
    if (compared == Compared::kDescriptorsToo && !S_ISLNK(mode)) {
      EXPECT_EQ(xattr(place.path, "user.ntfs.acl"),
                std::string(as_text(image.security_descriptor(place.file))))
          << place.path;
    }
    if (S_ISDIR(mode)) {
      std::vector<std::string> names;
      for (const auto& [name, file] : children_of(image, place.file)) {
        names.push_back(name);
        open.push_back({file, place.path / name});
      }
      EXPECT_THAT(names_in(place.path), testing::UnorderedElementsAreArray(names)) << place.path;
    } else if (S_ISREG(mode)) {
      unreadable += compare_bytes(place, image) ? 0U : 1U;
    }
  }
  return unreadable;
}

}  // namespace cim::test
