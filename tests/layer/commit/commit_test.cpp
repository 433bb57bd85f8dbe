// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Upper directories as overlayfs and fuse-overlayfs write them, made by hand.
#include <array>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cimlib/attributes.h"
#include "cimlib/layer_commit.h"
#include "cimlib/layer_export.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "expect_error.h"
#include "layer/commit/upper_entry.h"
#include "layer/commit/upper_link.h"
#include "layer/layer_test.h"

namespace cim::layer {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr FileTimes kTimes = {.creation = {132444736000000001},
                              .last_write = {132444736000000010},
                              .change = {132444736000000100},
                              .last_access = {132444736000001000}};

std::filesystem::path host(const std::filesystem::path& directory, std::string_view path) {
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
    expect_error(code, words, [&] { commit(); });
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

TEST_F(CommitTest, WithoutChangesHasWhatTheParentHas) {
  copied(upper_ / "Files");
  commit();
  EXPECT_THAT(paths(), ElementsAre("\\d", "\\d\\a", "\\d\\b", "\\d\\e", "\\d\\e\\deep", "\\f",
                                   "\\link", "\\ro"));
  EXPECT_EQ(descriptor("Files"), descriptor_);
}

TEST_F(CommitTest, AcceptsTheDirectoryOfAWritableMount) {
  put("Files/n");
  std::filesystem::create_directory(upper_.parent_path() / "work");
  layer::commit(upper_.parent_path(), layer("new"), {layer("base")});
  EXPECT_EQ(text_in(layer("new"), "Files/n"), "new");
}

TEST_F(CommitTest, CopiedFileKeepsWhatTheCopyDoesNotSay) {
  const auto file = put("Files/f", "changed");
  copied(file);
  set(file, "user.zone", "kept");
  commit();
  EXPECT_EQ(text_in(layer("new"), "Files/f"), "changed");
  EXPECT_EQ(descriptor("Files/f"), descriptor_);
  EXPECT_EQ(info("Files/f").attributes, attribute::kHidden | attribute::kArchive);
  EXPECT_EQ(info("Files/f").times.creation, kTimes.creation);
  EXPECT_GT(info("Files/f").times.last_write, kTimes.last_write);
  EXPECT_THAT(streams("Files/f"), ElementsAre("overlay.hidden", "zone"));
}

TEST_F(CommitTest, CopiedFileWithTheSameTimeKeepsAllTimesAndAttributes) {
  const auto file = put("Files/ro", "old");
  copied(file);
  const UnixTime written = kTimes.last_write.to_unix();
  const std::array<timespec, 2> times = {
      {{.tv_sec = 1, .tv_nsec = 0},
       {.tv_sec = written.seconds, .tv_nsec = static_cast<long>(written.nanoseconds)}}};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times.data(), 0), 0);
  ASSERT_EQ(::chmod(file.c_str(), 0555), 0);
  commit();
  EXPECT_EQ(info("Files/ro").times, kTimes);
  EXPECT_EQ(info("Files/ro").attributes, attribute::kReadOnly | attribute::kSystem);
}

TEST_F(CommitTest, WritePermissionDecidesTheReadOnlyAttribute) {
  const auto writable = put("Files/ro");
  copied(writable);
  const auto other = put("Files/d/a");
  copied(other);
  ASSERT_EQ(::chmod(other.c_str(), 0444), 0);
  commit();
  EXPECT_EQ(info("Files/ro").attributes & attribute::kReadOnly, 0U);
  EXPECT_NE(info("Files/d/a").attributes & attribute::kReadOnly, 0U);
}

TEST_F(CommitTest, RemovedStreamsAreRemovedUnlessTheMountShowedNone) {
  copied(put("Files/f"));
  commit();
  EXPECT_THAT(streams("Files/f"), ElementsAre("overlay.hidden"));
  destroy(layer("new"));
  commit({.had_stream_attributes = false});
  EXPECT_THAT(streams("Files/f"), ElementsAre("overlay.hidden", "zone"));
}

TEST_F(CommitTest, RenamedFileKeepsTheMetadataOfItsOrigin) {
  copied_from(put("Files/d/moved"), "Files/ro");
  commit();
  EXPECT_EQ(descriptor("Files/d/moved"), descriptor_);
  EXPECT_NE(info("Files/d/moved").attributes & attribute::kSystem, 0U);
}

TEST_F(CommitTest, FuseOverlayfsNamesTheOriginByItsPath) {
  set(put("Files/d/moved"), "user.fuseoverlayfs.origin", std::string_view("Files/ro\0", 9));
  commit();
  EXPECT_NE(info("Files/d/moved").attributes & attribute::kSystem, 0U);
}

TEST_F(CommitTest, OriginsThatAreNoneOfTheImageAreIgnored) {
  for (const std::string& handle :
       {handle_of(0), handle_of(0xFFFFFFFF), handle_of(file_of(layer("base"), "Files/d")),
        std::string("short"), std::string(33, 'x')}) {
    set(put("Files/n"), "user.overlay.origin", handle);
    commit();
    EXPECT_EQ(info("Files/n").attributes, attribute::kArchive);
    destroy(layer("new"));
  }
}

TEST_F(CommitTest, NewFileHasTheMetadataOfTheHost) {
  put("Files/n");
  put("Files/f");  // replaced, not copied
  commit();
  EXPECT_EQ(info("Files/n").attributes, attribute::kArchive);
  EXPECT_NE(descriptor("Files/n"), descriptor_);
  EXPECT_EQ(info("Files/f").attributes, attribute::kArchive);
  EXPECT_THAT(streams("Files/f"), IsEmpty());
}

TEST_F(CommitTest, FileOfSeveralNamesIsTakenForACopy) {
  LayerWriter writer(layer("links"), {layer("base")});
  writer.add_link(ImagePath::parse("Files/d/ro2"), ImagePath::parse("Files/ro"));
  writer.close();
  set(upper_, "user.overlay.impure", "y");
  put("Files/d/ro2", "changed");
  layer::commit(upper_, layer("new"), {layer("links"), layer("base")});
  EXPECT_EQ(descriptor("Files/d/ro2"), descriptor_);
  EXPECT_EQ(text_in(layer("new"), "Files/d/ro2"), "changed");
  EXPECT_EQ(text_in(layer("new"), "Files/ro"), "old");
}

TEST_F(CommitTest, NewFileHasNoStreamsOfOneOfSeveralNames) {
  parent_with_links();
  put("Files/d/f2");
  put("Files/d/large2");
  commit_on_links();
  EXPECT_THAT(streams("Files/d/f2"), IsEmpty());
  EXPECT_THAT(streams("Files/d/large2"), IsEmpty());
  EXPECT_EQ(descriptor("Files/d/f2"), descriptor_);
  EXPECT_THAT(streams("Files/f"), ElementsAre("overlay.hidden", "zone"));
  destroy(layer("new"));
  commit_on_links({.had_stream_attributes = false});
  EXPECT_THAT(streams("Files/d/f2"), ElementsAre("overlay.hidden", "zone"));
}

TEST_F(CommitTest, StreamsOfTheParentShowThatAFileOfSeveralNamesWasCopied) {
  parent_with_links();
  set(put("Files/d/f2"), "user.zone", "changed");
  // Overlays cannot copy this one from a FUSE mount.
  set(put("Files/d/large2"), "user.zone", "of a new file");
  commit_on_links();
  EXPECT_THAT(streams("Files/d/f2"), ElementsAre("overlay.hidden", "zone"));
  EXPECT_THAT(streams("Files/d/large2"), ElementsAre("zone"));
}

TEST_F(CommitTest, TimesOfErofsMountsShowThatAFileOfSeveralNamesWasCopied) {
  parent_with_links();
  // A file that was renamed to this name later.
  copied_from_erofs(put("Files/d/f2"),
                    {kTimes.change, kTimes.last_write, kTimes.last_access, kTimes.change});
  copied_from_erofs(put("Files/d/large2"),
                    {kTimes.creation, kTimes.last_write, kTimes.last_access, kTimes.change});
  commit_on_links();
  EXPECT_THAT(streams("Files/d/f2"), IsEmpty());
  EXPECT_THAT(streams("Files/d/large2"), ElementsAre("large"));  // zone was removed
}

TEST_F(CommitTest, AttributesOfErofsMountsAreMetadata) {
  const auto file = put("Files/elsewhere");
  set(file, "user.ntfs.attrib", std::string_view("\x04\0\0\0", 4));
  set(file, "user.ntfs.acl",
      std::string_view(reinterpret_cast<const char*>(descriptor_.data()), descriptor_.size()));
  commit();
  EXPECT_EQ(descriptor("Files/elsewhere"), descriptor_);
  EXPECT_NE(info("Files/elsewhere").attributes & attribute::kSystem, 0U);
  EXPECT_THAT(streams("Files/elsewhere"), IsEmpty());
  destroy(layer("new"));
  set(file, "user.ntfs.acl", "damaged");
  refuse(ErrorCode::kCorrupt, "user.ntfs.acl");
}

TEST_F(CommitTest, WhiteoutFilesHide) {
  put("Files/d/.wh.a", "");
  put("Files/.wh.ro", "");
  put("Files/.wh.missing", "");
  put("Files/.wh.F", "");  // hides nothing, since names match exactly
  EXPECT_EQ(commit().removed, 2U);
  EXPECT_THAT(paths(), ElementsAre("\\d", "\\d\\b", "\\d\\e", "\\d\\e\\deep", "\\f", "\\link"));
}

TEST_F(CommitTest, WhiteoutAttributesHide) {
  set(put("Files/d/e", ""), "user.overlay.whiteout", "");
  set(upper_ / "Files/d", "user.overlay.opaque", "x");
  commit();
  EXPECT_THAT(paths(), ElementsAre("\\d", "\\d\\a", "\\d\\b", "\\f", "\\link", "\\ro"));
}

TEST_F(CommitAsRoot, WhiteoutDevicesHide) {
  device("Files/d");
  device("Files/f");
  EXPECT_EQ(commit().removed, 2U);
  EXPECT_THAT(paths(), ElementsAre("\\link", "\\ro"));
}

TEST_F(CommitTest, OpaqueDirectoriesHaveOnlyTheirOwnEntries) {
  put("Files/d/n");
  for (const char* const name : {"user.overlay.opaque", "user.fuseoverlayfs.opaque", ""}) {
    if (*name == '\0') {
      put("Files/d/.wh..wh..opq", "");
    } else {
      set(upper_ / "Files/d", name, "y");
    }
    commit();
    EXPECT_THAT(paths(), ElementsAre("\\d", "\\d\\n", "\\f", "\\link", "\\ro")) << name;
    EXPECT_NE(descriptor("Files/d"), descriptor_) << "it is a new directory";
    if (*name != '\0') {
      ASSERT_EQ(::removexattr((upper_ / "Files/d").c_str(), name), 0);
    }
    destroy(layer("new"));
  }
}

TEST_F(CommitTest, RootOfTheDriveCanBeOpaque) {
  put("Files/n");
  set(upper_ / "Files", "user.overlay.opaque", "y");
  commit();
  EXPECT_THAT(paths(), ElementsAre("\\n"));
}

TEST_F(CommitAsRoot, AttributesOfTheOtherKindOfOverlayHaveNoMeaning) {
  set(upper_, "trusted.overlay.impure", "y");
  put("Files/d/n");
  set(upper_ / "Files/d", "user.overlay.opaque", "y");
  commit();
  EXPECT_EQ(text_in(layer("new"), "Files/d/a"), "old");
  destroy(layer("new"));
  set(upper_ / "Files/d", "trusted.overlay.opaque", "y");
  commit();
  EXPECT_EQ(text_in(layer("new"), "Files/d/a"), "(none)");
}

TEST_F(CommitTest, EntriesOfOtherKindsReplace) {
  put("Files/d", "a file now");
  put("Files/f/inside");
  std::filesystem::create_directory_symlink("d", upper_ / "Files/ro");
  commit();
  EXPECT_EQ(text_in(layer("new"), "Files/d"), "a file now");
  EXPECT_THAT(paths(), ElementsAre("\\d", "\\f", "\\f\\inside", "\\link", "\\ro"));
}

TEST_F(CommitTest, LinkThatWasCopiedKeepsItsReparseData) {
  std::filesystem::create_symlink("d", upper_ / "Files/link");  // as a mount shows C:\d
  commit();
  EXPECT_EQ(link("Files/link"), "C:\\d");
  EXPECT_EQ(descriptor("Files/link"), descriptor_);
}

TEST_F(CommitTest, NewLinksBecomeWindowsLinks) {
  std::filesystem::create_symlink("d/a", upper_ / "Files/link");
  std::filesystem::create_directory(upper_ / "Files/d");
  std::filesystem::create_symlink("../d", upper_ / "Files/d/to-directory");
  std::filesystem::create_symlink("/d/e", upper_ / "Files/d/rooted");
  std::filesystem::create_symlink("nowhere/at/all", upper_ / "Files/d/dangling");
  EXPECT_EQ(commit().links, 4U);
  EXPECT_EQ(link("Files/link"), "d\\a");
  EXPECT_FALSE(info("Files/link").is_directory());
  EXPECT_EQ(link("Files/d/to-directory"), "..\\d");
  EXPECT_TRUE(info("Files/d/to-directory").is_directory());
  EXPECT_EQ(link("Files/d/rooted"), "\\d\\e");
  EXPECT_TRUE(info("Files/d/rooted").is_directory());
  EXPECT_FALSE(info("Files/d/dangling").is_directory());
}

TEST_F(CommitTest, HardLinksAreKeptWithinTheLayer) {
  std::filesystem::create_hard_link(put("Files/n"), upper_ / "Files/m");
  const CommitResult result = commit();
  EXPECT_EQ(result.hard_links, 1U);
  EXPECT_EQ(file_of(layer("new"), "Files/n"), file_of(layer("new"), "Files/m"));
}

TEST_F(CommitTest, HolesAreZeros) {
  std::filesystem::resize_file(put("Files/end", "x"), 1 << 20);
  std::filesystem::resize_file(put("Files/all", ""), 1 << 20);
  commit();
  EXPECT_EQ(text_in(layer("new"), "Files/end"), "x" + std::string((1 << 20) - 1, '\0'));
  EXPECT_EQ(text_in(layer("new"), "Files/all"), std::string(1 << 20, '\0'));
}

TEST_F(CommitTest, NamesThatDifferInCase) {
  put("Files/F");
  refuse(ErrorCode::kUnsupported, "the same name, ignoring case");
  put("Files/D/n");
  refuse(ErrorCode::kUnsupported, "the same name, ignoring case");
  put("Files/n");
  put("Files/N");
  refuse(ErrorCode::kUnsupported, "the same name, ignoring case");
  put("files/n");
  refuse(ErrorCode::kUnsupported, "the same name, ignoring case");
  put("Files/.wh.f", "");
  put("Files/F");
  commit();
  EXPECT_THAT(paths(), ElementsAre("\\d", "\\d\\a", "\\d\\b", "\\d\\e", "\\d\\e\\deep", "\\F",
                                   "\\link", "\\ro"));
}

TEST_F(CommitTest, RefusesWhatALayerCannotHave) {
  device("Files/pipe", S_IFIFO);
  refuse(ErrorCode::kUnsupported, "neither a file nor a directory");
  device("Files/socket", S_IFSOCK);
  refuse(ErrorCode::kUnsupported, "neither a file nor a directory");
  put("Files/a:b");
  refuse(ErrorCode::kUnsupported, "alternate stream");
  put("Files/a\\b");
  refuse(ErrorCode::kInvalidArgument, "a\\b");
  put("Files/\xFF");
  refuse(ErrorCode::kInvalidArgument, "UTF-8");
  put("tmp/n");
  refuse(ErrorCode::kInvalidArgument, "nothing but Files, Hives and UtilityVM");
  put("Files");
  put("layout");
  refuse(ErrorCode::kInvalidArgument, "nothing but Files, Hives and UtilityVM");
  put("Hives/SYSTEM_BASE");
  refuse(ErrorCode::kInvalidArgument, "SYSTEM_BASE");
  set(put("Files/n"), "user.a/b", "");
  refuse(ErrorCode::kInvalidArgument, "n:a/b");
  const auto both = put("Files/n");
  set(both, "user.a", "");
  set(both, "user.A", "");
  refuse(ErrorCode::kUnsupported, "another stream has the same name");
}

TEST_F(CommitTest, FilesOfALayerIsNotALink) {
  std::filesystem::remove(upper_ / "Files");
  std::filesystem::create_directory(directory_.path() / "elsewhere");
  std::ofstream(directory_.path() / "elsewhere" / "secret") << "secret";
  std::filesystem::create_directory_symlink(directory_.path() / "elsewhere", upper_ / "Files");
  expect_error(ErrorCode::kCorrupt, "only files below Files", [&] { commit(); });
  EXPECT_FALSE(is_cim_layer(layer("new")));
}

// A directory is replaced by a link to another one all the time.
TEST_F(CommitTest, NeverReadsThroughALink) {
  const auto outside = directory_.path() / "elsewhere";
  std::filesystem::create_directory(outside);
  std::ofstream(outside / "secret") << "secret";
  std::filesystem::create_directory(upper_ / "Files/x");
  std::filesystem::create_directory_symlink(outside, upper_ / "Files/y");
  std::atomic<bool> is_done = false;
  std::thread swapping([&] {
    while (!is_done) {
      ::renameat2(AT_FDCWD, (upper_ / "Files/x").c_str(), AT_FDCWD, (upper_ / "Files/y").c_str(),
                  RENAME_EXCHANGE);
    }
  });
  for (int i = 0; i < 20; ++i) {
    try {
      commit();
      EXPECT_EQ(text_in(layer("new"), "Files/x/secret"), "(none)");
      EXPECT_EQ(text_in(layer("new"), "Files/y/secret"), "(none)");
      destroy(layer("new"));
    } catch (const Error&) {  // it noticed
      EXPECT_FALSE(is_cim_layer(layer("new")));
    }
  }
  is_done = true;
  swapping.join();
}

TEST_F(CommitTest, RefusesWhiteoutsThatNoLayerMayHave) {
  put(".wh.Files", "");
  refuse(ErrorCode::kCorrupt, "a whiteout; only files below Files");
  put(".wh..wh..opq", "");
  refuse(ErrorCode::kCorrupt, "opaque");
  put("Hives/.wh.x", "");
  refuse(ErrorCode::kCorrupt, "a whiteout; only files below Files");
  for (const char* const name : {"Files/.wh.", "Files/.wh..", "Files/.wh...", "Files/.wh..wh.x"}) {
    put(name, "");
    refuse(ErrorCode::kInvalidArgument, "this hides none");
  }
  std::filesystem::create_directory(upper_ / "Files/.wh.f");
  refuse(ErrorCode::kUnsupported, "not a plain file");
}

TEST_F(CommitAsRoot, RefusesDevices) {
  device(std::string_view("Files/null"), S_IFBLK);
  refuse(ErrorCode::kUnsupported, "neither a file nor a directory");
  std::filesystem::remove(upper_ / "Files");
  device("Files");
  refuse(ErrorCode::kCorrupt, "a whiteout; only files below Files");
}

TEST_F(CommitTest, RefusesReferencesToTheImage) {
  std::filesystem::create_directory(upper_ / "Files/moved");
  set(upper_ / "Files/moved", "user.overlay.redirect", "/Files/d");
  refuse(ErrorCode::kUnsupported, "redirect_dir=off");
  set(put("Files/f", ""), "user.overlay.metacopy", "");
  refuse(ErrorCode::kUnsupported, "metacopy=off");
}

TEST_F(CommitTest, ReportsAttributesThatAnImageCannotStore) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can set attributes other than user.*";
  }
  set(put("Files/n"), "trusted.other", "x");
  set(put("Files/m"), "trusted.other", "x");
  const CommitResult result = commit();
  EXPECT_EQ(result.foreign_attributes.at("trusted.other"), 2U);
  EXPECT_THAT(warnings_, ElementsAre(testing::HasSubstr("2 of its entries")));
}

TEST_F(CommitTest, WarnsOfReplacedHives) {
  put("Files/Windows/System32/config/SAM");
  commit();
  EXPECT_THAT(warnings_, testing::Contains(testing::HasSubstr("replaces a registry hive")));
}

TEST_F(CommitTest, RequiresAParentAndADirectory) {
  expect_error(ErrorCode::kInvalidArgument, "needs the layers",
               [&] { layer::commit(upper_, layer("new"), {}); });
  expect_error(ErrorCode::kNotFound, "not a directory",
               [&] { layer::commit(upper_ / "none", layer("new"), {layer("base")}); });
  expect_error(ErrorCode::kNotFound, "not a layer",
               [&] { layer::commit(upper_, layer("new"), {layer("other")}); });
}

TEST_F(CommitTest, StopsOnRequest) {
  put("Files/n");
  std::stop_source stop;
  stop.request_stop();
  expect_error(ErrorCode::kCancelled, "cancelled", [&] { commit({.stop = stop.get_token()}); });
  EXPECT_FALSE(is_cim_layer(layer("new")));
}

TEST_F(CommitTest, ExportsLikeAnyOtherLayer) {
  put("Files/d/n");
  put("Files/.wh.f", "");
  copied(put("Files/ro"));
  commit();
  const auto tar = directory_.path() / "new.tar";
  export_tar(layer("new"), tar, {.parents = {layer("base")}});
  import_tar(tar, layer("again"), {layer("base")});
  EXPECT_EQ(text_in(layer("again"), "Files/d/n"), "new");
  EXPECT_EQ(text_in(layer("again"), "Files/ro"), "new");
  EXPECT_EQ(text_in(layer("again"), "Files/f"), "(none)");
  EXPECT_EQ(text_in(layer("again"), "Files/d/a"), "old");
}

TEST(PathOfTarget, IsResolvedAsText) {
  const auto from = [](const char* directory, std::string_view target) {
    const auto path = path_of_target(ImagePath::parse(directory), target);
    return path ? path->to_string() : "(none)";
  };
  EXPECT_EQ(from("Files/a", "../b/./c"), "\\Files\\b\\c");
  EXPECT_EQ(from("Files/a", "/b"), "\\Files\\b");
  EXPECT_EQ(from("Files/a", "../../../../b"), "\\Files\\b");
  EXPECT_EQ(from("UtilityVM/Files/a", "/b"), "\\UtilityVM\\Files\\b");
  EXPECT_EQ(from("Hives", "x/../y"), "\\Hives\\y");
  EXPECT_EQ(from("Files", "a:b"), "(none)");
  EXPECT_EQ(from("Files", std::string(300, 'x')), "(none)");
}

}  // namespace
}  // namespace cim::layer
