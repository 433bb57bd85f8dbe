// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A layer, and upper directories on top of it as overlayfs and fuse-overlayfs write them, made by
// hand.

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cimlib/attributes.h"
#include "cimlib/layer_commit.h"
#include "cimlib/layer_writer.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "base/bytes.h"
#include "expect_error.h"
#include "layer/layer_test.h"

namespace cim::layer {

inline constexpr FileTimes kTimes = {.creation = {132444736000000001},
                                     .last_write = {132444736000000010},
                                     .change = {132444736000000100},
                                     .last_access = {132444736000001000}};

inline std::filesystem::path host(const std::filesystem::path& directory, std::string_view path) {
  return directory / path;
}

/// A layer with Files/d (a, b, e/deep), Files/f with a stream, Files/ro and Files/link, and an
/// upper directory for it.
class CommitTest : public test::LayerTest {
 protected:
  CommitTest() {
    LayerWriter writer(layer("base"), {});
    directory(writer, "Files");
    directory(writer, "Files/d");
    file(writer, "Files/d/a", "old");
    file(writer, "Files/d/b", "old");
    directory(writer, "Files/d/e");
    file(writer, "Files/d/e/deep", "old");
    file(writer, "Files/f", "old");
    writer.add_alternate_stream(StreamPath::parse("Files/f:zone"), 4);
    writer.write(as_bytes("kept"));
    writer.add_alternate_stream(StreamPath::parse("Files/f:overlay.hidden"), 6);
    writer.write(as_bytes("hidden"));
    file(writer, "Files/ro", "old", attribute::kReadOnly | attribute::kSystem);
    writer.add(ImagePath::parse("Files/link"),
               {.attributes = attribute::kDirectory,
                .times = kTimes,
                .security_descriptor = descriptor_,
                .reparse_data = ReparsePoint::pointing_to(reparse_tag::kSymlink, "C:/d").encode()});
    writer.close();
    std::filesystem::create_directories(upper_ / "Files");
  }

  void directory(LayerWriter& writer, std::string_view path) {
    writer.add(
        ImagePath::parse(path),
        {.attributes = attribute::kDirectory, .times = kTimes, .security_descriptor = descriptor_});
  }

  void file(LayerWriter& writer, std::string_view path, std::string_view text,
            std::uint32_t attributes = attribute::kHidden) {
    writer.add(ImagePath::parse(path),
               {.attributes = attributes, .times = kTimes, .security_descriptor = descriptor_},
               text.size());
    writer.write(as_bytes(text));
  }

  /// Puts a file into the upper directory; directories above it are made.
  std::filesystem::path put(std::string_view path, std::string_view text = "new") const {
    const auto at = host(upper_, path);
    std::filesystem::create_directories(at.parent_path());
    std::ofstream(at, std::ios::binary) << text;
    return at;
  }

  static void set(const std::filesystem::path& path, const char* name, std::string_view value) {
    ASSERT_EQ(::lsetxattr(path.c_str(), name, value.data(), value.size(), 0), 0)
        << path << " " << name << ": " << std::strerror(errno);
  }

  /// Marks a file as one that the overlay copied.
  static void copied(const std::filesystem::path& path) { set(path, "user.overlay.origin", ""); }

  /// Marks a file as a copy of another file of the parent, as overlayfs does for FUSE.
  void copied_from(const std::filesystem::path& path, std::string_view origin) const {
    set(path, "user.overlay.origin", handle_of(file_of(layer("base"), origin)));
  }

  static std::string handle_of(FileId id) {
    std::string handle(33, '\0');
    handle[1] = '\xFB';
    handle[2] = 33;
    handle[4] = '\x81';
    std::memcpy(handle.data() + 25, &id, sizeof id);
    handle[29] = 1;
    return handle;
  }

  void device(std::string_view path, mode_t type = S_IFCHR) const {
    const auto at = host(upper_, path);
    std::filesystem::create_directories(at.parent_path());
    ASSERT_EQ(::mknod(at.c_str(), type | S_IRUSR, 0), 0) << at << ": " << std::strerror(errno);
  }

  /// Makes a parent on top of the base in which Files/d/f2 is a name of Files/f, and Files/d/large2
  /// one of a file with a stream that no mount can show.
  void parent_with_links() {
    LayerWriter writer(layer("links"), {layer("base")});
    writer.add_link(ImagePath::parse("Files/d/f2"), ImagePath::parse("Files/f"));
    file(writer, "Files/large", "old");
    writer.add_alternate_stream(StreamPath::parse("Files/large:zone"), 4);
    writer.write(as_bytes("kept"));
    const std::string large(70'000, 'x');
    writer.add_alternate_stream(StreamPath::parse("Files/large:large"), large.size());
    writer.write(as_bytes(large));
    writer.add_link(ImagePath::parse("Files/d/large2"), ImagePath::parse("Files/large"));
    writer.close();
    set(upper_, "user.overlay.impure", "y");
  }

  void commit_on_links(const CommitOptions& options = {}) const {
    layer::commit(upper_, layer("new"), {layer("links"), layer("base")}, options);
  }

  /// Gives a file the attributes that a copy from an EROFS mount has.
  static void copied_from_erofs(const std::filesystem::path& path,
                                const std::array<FileTime, 4>& times) {
    std::string value(sizeof times, '\0');
    std::memcpy(value.data(), times.data(), sizeof times);
    set(path, "user.ntfs.attrib", std::string_view("\x02\0\0\0", 4));
    set(path, "user.ntfs.times", value);
  }

  CommitResult commit(CommitOptions options = {}) {
    options.warning = [this](const std::string& text) { warnings_.push_back(text); };
    return layer::commit(upper_, layer("new"), {layer("base")}, options);
  }

  void refuse(ErrorCode code, std::string_view words) {
    test::expect_error(code, words, [&] { commit(); });
    EXPECT_FALSE(is_cim_layer(layer("new")));
    EXPECT_FALSE(std::filesystem::exists(layer("new")));
    EXPECT_TRUE(find_garbage(cim_dir(layer("new"))).empty());
    std::filesystem::remove_all(upper_);
    std::filesystem::create_directories(upper_ / "Files");
  }

  static FileId file_of(const std::filesystem::path& layer, std::string_view path) {
    return Image(cim_path(layer)).find(ImagePath::parse(path)).value_or(0);
  }
  FileInfo info(std::string_view path) const {
    return Image(cim_path(layer("new"))).info(file_of(layer("new"), path));
  }
  std::vector<std::byte> descriptor(std::string_view path) const {
    return Image(cim_path(layer("new"))).security_descriptor(file_of(layer("new"), path));
  }
  std::vector<std::string> streams(std::string_view path) const {
    const Image image(cim_path(layer("new")));
    std::vector<std::string> names;
    for (const StreamInfo& stream : image.streams(file_of(layer("new"), path))) {
      names.emplace_back(stream.name.begin(), stream.name.end());
    }
    return names;
  }
  std::string link(std::string_view path) const {
    const Image image(cim_path(layer("new")));
    const auto target =
        ReparsePoint::parse(image.reparse_data(file_of(layer("new"), path))).target();
    return {target.begin(), target.end()};
  }

  /// Returns the paths below Files of the new layer.
  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    Image(cim_path(layer("new"))).walk(ImagePath::parse("Files"), [&](const WalkEntry& entry) {
      paths.push_back(entry.path.to_string().substr(6));
      return true;
    });
    paths.erase(paths.begin());
    return paths;
  }

  std::filesystem::path upper_ = directory_.path() / "changes" / "upper";
  std::vector<std::byte> descriptor_ =
      SecurityDescriptor::from_sddl("O:BAG:SYD:(A;;FA;;;BA)(A;;FA;;;SY)").encode();
  std::vector<std::string> warnings_;
};

class CommitAsRoot : public CommitTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) {
      GTEST_SKIP() << "only root can make devices and attributes trusted.*";
    }
  }
};

}  // namespace cim::layer
