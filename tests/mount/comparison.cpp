// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/comparison.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "mount/mounted_image.h"
#include "mount/posix_view.h"
#include "os/file.h"

namespace cim::test {
namespace {

constexpr std::size_t kEnough = std::size_t{4} << 20;
constexpr std::size_t kMaxName = 255;  // EROFS leaves out what has a longer one

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
  Bytes seen(kEnough);
  try {
    const File file = File::open_read(place.path);
    seen.resize(file.read_some_at(0, seen));
  } catch (const Error&) {
    return false;
  }
  const Stream stream = image.open(place.file);
  EXPECT_EQ(std::filesystem::file_size(place.path), stream.size()) << place.path;
  Bytes expected(kEnough);
  expected.resize(stream.read(0, expected));
  EXPECT_TRUE(seen == expected) << place.path << " has other bytes";
  return true;
}

}  // namespace

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
