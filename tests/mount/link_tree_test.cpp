// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// No link of an image leads out of the mount or the directory that the image is extracted to,
// whatever its target: each resolves to the same file with and without RESOLVE_BENEATH.
#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <initializer_list>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cimlib/extract.h"
#include "cimlib/mount.h"
#include "cimlib/reparse.h"

#include "base/endian.h"
#include "image/crafted_image.h"
#include "mount/mounted_image.h"
#include "os/descriptor_posix.h"

namespace cim::mount {
namespace {

using test::MountedImage;
using test::path;

/// Directories with links between them, generated from a seed.
class LinkTree {
 public:
  explicit LinkTree(unsigned seed) : random_(seed) {}

  /// Adds the tree to an image; returns the paths of all links.
  std::vector<std::string> fill(ImageWriter& writer) {
    std::vector<std::string> directories = {""};
    for (const char* const root : {"Files", "UtilityVM", "UtilityVM/Files"}) {
      add_directory(writer, root, directories);
    }
    for (int i = 0; i < 12; ++i) {
      add_directory(writer, join(any(directories), fmt::format("d{}", below(4))), directories);
    }
    for (const std::string& directory : directories) {
      test::put(writer, join(directory, "f"), directory);
    }
    std::vector<std::string> links;
    for (int i = 0; i < 60; ++i) {
      const std::string link = join(any(directories), fmt::format("l{}", below(8)));
      if (std::ranges::find(links, link) == links.end()) {
        add_link(writer, link);
        links.push_back(link);
      }
    }
    // Further names of some links, in other directories.
    for (int i = 0; i < 8; ++i) {
      const std::string name = join(any(directories), fmt::format("n{}", i));
      const std::string link = any(links);
      if (junctions_.empty() || std::ranges::find(junctions_, link) == junctions_.end()) {
        writer.add_link(path(name), path(link));
        links.push_back(name);
      }
    }
    return links;
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }
  template <typename T>
  const T& any(const std::vector<T>& values) {
    return values[below(values.size())];
  }

  static std::string join(const std::string& directory, const std::string& name) {
    return directory.empty() ? name : directory + "/" + name;
  }

  void add_directory(ImageWriter& writer, const std::string& name,
                     std::vector<std::string>& directories) {
    if (std::ranges::find(directories, name) == directories.end()) {
      writer.add(path(name), {.attributes = attribute::kDirectory});
      directories.push_back(name);
    }
  }

  std::u16string target() {
    static const std::vector<std::u16string> kStarts = {u"",
                                                        u"",
                                                        u"",
                                                        u"",
                                                        u"",
                                                        u"\\",
                                                        u"/",
                                                        u"C:\\",
                                                        u"c:/",
                                                        u"C:",
                                                        u"\\??\\C:\\",
                                                        u"\\??\\D:\\",
                                                        u"\\\\?\\C:\\",
                                                        u"\\\\host\\",
                                                        u"//host/",
                                                        u"\\DosDevices\\C:\\",
                                                        u"\\??\\UNC\\",
                                                        u"\\??\\GLOBALROOT\\"};
    static const std::vector<std::u16string> kNames = {
        u"..", u"..", u"..",    u"..",        u".",   u"",    u"d0",  u"d1",
        u"d2", u"d3", u"l0",    u"l1",        u"l2",  u"l3",  u"l4",  u"l5",
        u"n0", u"f",  u"Files", u"UtilityVM", u"...", u".. ", u"etc", u"proc"};
    std::u16string text = any(kStarts);
    const std::size_t count = below(9);
    for (std::size_t i = 0; i < count; ++i) {
      text += (i == 0 ? u"" : below(3) == 0 ? u"/" : u"\\") + any(kNames);
    }
    return text.empty() ? u".." : text;
  }

  void add_link(ImageWriter& writer, const std::string& name) {
    const bool is_junction = below(4) == 0;
    ReparsePoint point{.tag = is_junction ? reparse_tag::kMountPoint : reparse_tag::kSymlink,
                       .substitute_name = target()};
    point.is_relative = !is_junction && below(6) != 0;
    const Bytes data = point.encode();
    writer.add(path(name),
               {.attributes = is_junction ? attribute::kDirectory : 0, .reparse_data = data});
    if (is_junction) {
      junctions_.push_back(name);
    }
  }

  std::mt19937 random_;
  std::vector<std::string> junctions_;
};

/// Returns the device and inode that a path leads to, or the errno of the failure.
std::pair<std::array<std::uint64_t, 2>, int> file_at(int root, const std::string& name,
                                                     std::uint64_t resolve) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = resolve;
  Descriptor descriptor;
  // EAGAIN: a mount or a rename by any process was in the way of the check, openat2(2).
  do {
    descriptor =
        Descriptor(static_cast<int>(::syscall(SYS_openat2, root, name.c_str(), &how, sizeof how)));
  } while (!descriptor && errno == EAGAIN);
  struct stat status {};
  if (!descriptor || ::fstat(descriptor.get(), &status) != 0) {
    return {{}, errno};
  }
  return {{status.st_dev, status.st_ino}, 0};
}

/// Returns the number of links that lead to a file.
int expect_inside(const std::filesystem::path& root, const std::vector<std::string>& links) {
  const Descriptor top(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  int resolved = 0;
  for (const std::string& link : links) {
    const auto free = file_at(top.get(), link, 0);
    EXPECT_EQ(free, file_at(top.get(), link, RESOLVE_IN_ROOT)) << root << ": " << link;
    EXPECT_EQ(free, file_at(top.get(), link, RESOLVE_BENEATH)) << root << ": " << link;
    resolved += free.second == 0 ? 1 : 0;
  }
  return resolved;
}

class LinkTrees : public testing::TestWithParam<unsigned> {};

TEST_P(LinkTrees, NeverLeaveTheMountOrTheExtractedTree) {
  if (const auto reason = test::reason_not_to_mount()) {
    GTEST_SKIP() << *reason;
  }
  std::vector<std::string> links;
  const auto fill = [&](ImageWriter& writer) { links = LinkTree(GetParam()).fill(writer); };
  const MountedImage mounted(fill, {.names = NameMatch::kExact});
  EXPECT_GT(expect_inside(mounted.root(), links), 1);

  const auto whole = mounted.directory() / "whole";
  extract(Image(mounted.image()), ImagePath(), whole);
  expect_inside(whole, links);

  const auto part = mounted.directory() / "part";
  extract(Image(mounted.image()), path("UtilityVM"), part);
  std::vector<std::string> below;
  for (const std::string& link : links) {
    if (link.starts_with("UtilityVM/")) {
      below.push_back(link.substr(std::string_view("UtilityVM/").size()));
    }
  }
  expect_inside(part, below);
}

TEST_P(LinkTrees, NeverLeaveAnErofsMount) {
  if (const auto reason = test::reason_not_to_mount_erofs()) {
    GTEST_SKIP() << *reason;
  }
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "links.cim";
  const auto place = std::filesystem::canonical(directory.path()) / "mount";
  std::filesystem::create_directory(place);
  std::vector<std::string> links;
  {
    ImageWriter writer(image);
    links = LinkTree(GetParam()).fill(writer);
    writer.commit();
  }
  mount_in_background(image, place,
                      {.backend = BackendChoice::kErofs, .cache = directory.path() / "cache"});
  EXPECT_GT(expect_inside(place, links), 1);
  unmount(place);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LinkTrees, testing::Range(0U, 12U));

/// Writes an image with a directory that has two names, one far down and one in the root, and a
/// link with names in it and in all others. The link's record claims a parent farther down than
/// most.
void write_image_with_two_paths(const std::filesystem::path& directory) {
  test::CraftedImage image;
  const auto names = [](std::initializer_list<std::pair<const char16_t*, std::uint32_t>> entries) {
    format::LinkTableBuilder table;
    for (const auto& [name, file] : entries) {
      table.add(name, file);
    }
    return table;
  };
  const auto add = [&](format::FileRecord record, std::uint32_t parent) {
    record.parent = parent;
    image.add(record);
  };
  add(image.directory(names({{u"a", 2}, {u"l", 5}, {u"x", 4}})), 1);
  add(image.directory(names({{u"b", 3}, {u"l", 5}})), 1);
  add(image.directory(names({{u"l", 5}, {u"x", 4}})), 2);
  add(image.directory(names({{u"l", 5}})), 3);
  const Bytes reparse = ReparsePoint{.tag = reparse_tag::kSymlink,
                                     .substitute_name = u"..\\..\\..\\..\\..\\etc\\passwd",
                                     .is_relative = true}
                            .encode();
  Bytes object;
  append(object, Le16(static_cast<std::uint16_t>(reparse.size())));
  append(object, reparse);
  format::FileRecord link = image.file({});
  link.reparse_tag = reparse_tag::kSymlink;
  link.reparse_data = image.put(object);
  add(link, 4);
  image.write(directory / "ways.cim");
}

TEST(CraftedLinks, NeverLeaveTheMountWhateverTheirRecordedParents) {
  if (const auto reason = test::reason_not_to_mount()) {
    GTEST_SKIP() << *reason;
  }
  std::vector<std::string> links = {"l", "a/l", "a/b/l", "a/b/x/l", "x/l"};
  for (int order = 0; order < 2; ++order) {
    const MountedImage mounted("ways.cim", write_image_with_two_paths);
    ASSERT_FALSE(mounted.failed());
    for (int round = 0; round < 2; ++round) {
      expect_inside(mounted.root(), links);
    }
    EXPECT_EQ(std::filesystem::read_symlink(mounted.root() / "l"), "etc/passwd");
    EXPECT_EQ(std::filesystem::read_symlink(mounted.root() / "a/l"), "../etc/passwd");
    EXPECT_THAT(mounted.warnings(), testing::Contains(testing::HasSubstr("second name")));
    std::ranges::reverse(links);
  }
}

}  // namespace
}  // namespace cim::mount
