// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Metadata in extended attributes, to the host and back.
#include <algorithm>
#include <fstream>

#include <sys/xattr.h>

#include "cimlib/attributes.h"
#include "cimlib/create.h"
#include "cimlib/diff.h"
#include "cimlib/security_descriptor.h"

#include "expect_error.h"
#include "image/host/extract_fixture.h"
#include "image/host/metadata_xattrs.h"

namespace cim::test {
namespace {

class Metadata : public Extract {
 protected:
  void SetUp() override {
    fs::create_directory(destination_);
    if (::setxattr(destination_.c_str(), "user.test", "x", 1, 0) != 0) {
      GTEST_SKIP() << "the file system has no extended attributes";
    }
    ::removexattr(destination_.c_str(), "user.test");
  }

  std::vector<std::string> differences() const {
    std::vector<std::string> paths;
    diff(file_, copy_, {}, [&paths](const Difference& difference) {
      paths.push_back(difference.path.to_string());
      return true;
    });
    return paths;
  }

  fs::path copy_ = directory_.path() / "copy.cim";
};

TEST_F(Metadata, OfEveryKindIsKeptAndReadAgain) {
  write_sample_image(file_);
  EXPECT_EQ(run("", {.metadata = true}).skipped, 0U);
  EXPECT_EQ(create_image(copy_, destination_, {.metadata = true}).skipped, 0U);
  EXPECT_EQ(differences(), std::vector<std::string>());
}

TEST_F(Metadata, OfTheRootIncludesItsStreams) {
  write_image([](ImageWriter& writer) {
    writer.add({}, {.attributes = attribute::kDirectory | attribute::kHidden,
                    .times = {{1}, {2}, {3}, {4}}});
    writer.add_alternate_stream({{}, u"stream"}, 1);
    writer.write(as_bytes("x"));
  });
  EXPECT_EQ(run("", {.metadata = true}).skipped, 0U);
  create_image(copy_, destination_, {.metadata = true});
  EXPECT_EQ(differences(), std::vector<std::string>());
}

TEST_F(Metadata, WithoutTheOptionBecomesStreams) {
  write_image([](ImageWriter& writer) { put(writer, "file", as_bytes("x")); });
  run("", {.metadata = true});
  create_image(copy_, destination_);
  const Image copy(copy_);
  EXPECT_TRUE(copy.open_stream(copy.find(path("file")).value(), u"cim.times"));
}

TEST_F(Metadata, ThatIsNotValidIsAnError) {
  write_image([](ImageWriter& writer) { put(writer, "file", as_bytes("x")); });
  run("", {.metadata = true});
  const std::string file = destination_ / "file";
  ASSERT_EQ(::setxattr(file.c_str(), "user.cim.times", "short", 5, 0), 0);
  expect_error(ErrorCode::kCorrupt, "user.cim.times: has 5 bytes, not 32",
               [&] { create_image(copy_, destination_, {.metadata = true}); });
}

TEST_F(Metadata, TooLargeForTheFileSystemIsReported) {
  const Bytes reparse = symlink_to(std::string(3000, 'x'));
  write_image([&](ImageWriter& writer) { writer.add(path("link"), {.reparse_data = reparse}); });
  std::vector<std::string> failed;
  const ExtractSummary summary =
      run("", {.failure = [&](const std::string& at, const Error&) { failed.push_back(at); },
               .metadata = true});
  EXPECT_EQ(summary.skipped, failed.size());  // none where values may be large
  EXPECT_EQ(summary.symlinks, 0U);
}

TEST(MetadataXattrs, RoundTrip) {
  const HostMetadata metadata = {.attributes = attribute::kHidden | attribute::kSparseFile,
                                 .times = {{1}, {2}, {3}, {~std::uint64_t{0}}},
                                 .security_descriptor = Bytes(kDefaultSecurityDescriptor.begin(),
                                                              kDefaultSecurityDescriptor.end()),
                                 .reparse_data = symlink_to("target")};
  const auto xattrs = encode_metadata_xattrs(metadata);
  const auto decoded = decode_metadata_xattrs([&](std::string_view name) -> std::optional<Bytes> {
    const auto found = std::ranges::find(xattrs, name, &MetadataXattr::name);
    return found == xattrs.end() ? std::nullopt : std::optional(found->value);
  });
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->attributes, metadata.attributes);
  EXPECT_EQ(decoded->times, metadata.times);
  EXPECT_EQ(decoded->reparse_data, metadata.reparse_data);
  EXPECT_TRUE(decoded->security_descriptor.empty());  // which means the default one
}

TEST(MetadataXattrs, DoNotStoreADescriptorThatIsEmpty) {
  const auto xattrs = encode_metadata_xattrs({});
  EXPECT_EQ(std::ranges::count(xattrs, "user.cim.security", &MetadataXattr::name), 0);
}

TEST(MetadataXattrs, AreAbsentWithoutAttributes) {
  EXPECT_FALSE(decode_metadata_xattrs([](std::string_view name) -> std::optional<Bytes> {
    return name == "user.cim.attributes" ? std::nullopt : std::optional(Bytes(3));
  }));
}

TEST_F(Metadata, CreationOmitsWhatIsExcludedAndDescribesTheRest) {
  fs::create_directories(destination_ / "dir/cache");
  std::ofstream(destination_ / "dir/a.pdb") << "x";
  std::ofstream(destination_ / "dir/a.dll") << "x";
  std::ofstream(destination_ / "dir/a.pdb:stream") << "x";
  std::ofstream(destination_ / "dir/cache/b") << "x";
  const auto descriptor = SecurityDescriptor::from_sddl("O:BAG:SYD:(A;;FA;;;BA)").encode();
  CreateOptions options;
  options.descriptors.file = descriptor;
  options.excludes = {Glob("**/*.PDB"), Glob("dir/cache")};
  const CreateSummary summary = create_image(copy_, destination_, options);
  EXPECT_EQ(summary.skipped, 0U);
  EXPECT_EQ(summary.files, 1U);
  const Image copy(copy_);
  EXPECT_FALSE(copy.find(path("dir/cache")));
  EXPECT_EQ(copy.security_descriptor(copy.find(path("dir/a.dll")).value()), descriptor);
  EXPECT_NE(copy.security_descriptor(copy.find(path("dir")).value()), descriptor);
}

class CreateFromBase : public Extract {
 protected:
  void SetUp() override {
    fs::create_directories(destination_ / "dir/old");
    write("dir/same", std::string(9000, 's'));
    write("dir/changed", std::string(9000, 'c'));
    write("dir/old/file", "old");
    write("dir/streams", "x");
    write("dir/streams:one", "1");
    write("dir/streams:two", "2");
    write("dir/Case", "case");
    fs::create_hard_link(destination_ / "dir/same", destination_ / "link");
    write("kind", "file");
    fs::create_symlink("dir", destination_ / "symbolic");
    create_image(file_, destination_, {.writer = kReproducible});
  }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(destination_ / name, std::ios::binary) << text;
  }

  CreateSummary update() {
    WriterOptions options = kReproducible;
    options.base = file_;
    return create_image(fork_, destination_, {.writer = options});
  }

  std::vector<std::string> differences(const fs::path& before, const fs::path& after) const {
    std::vector<std::string> paths;
    diff(before, after, {}, [&paths](const Difference& difference) {
      paths.push_back(difference.path.to_string());
      return true;
    });
    return paths;
  }

  /// Compares the fork with an image that is created without a base.
  void expect_equal_to_a_new_image() {
    const fs::path fresh = file_.parent_path() / "fresh.cim";
    create_image(fresh, destination_, {.writer = kReproducible});
    EXPECT_EQ(differences(fresh, fork_), std::vector<std::string>());
  }

  inline static const WriterOptions kReproducible = {.reproducible = true};
  fs::path fork_ = file_.parent_path() / "fork.cim";
};

TEST_F(CreateFromBase, StoresNothingOfAnEqualDirectory) {
  const CreateSummary summary = update();
  EXPECT_EQ(summary.skipped, 0U);
  EXPECT_LT(summary.image.stored_bytes, 2000U);
  EXPECT_EQ(differences(file_, fork_), std::vector<std::string>());
}

TEST_F(CreateFromBase, HasEveryDifference) {
  write("dir/changed", std::string(9000, 'd'));
  fs::remove_all(destination_ / "dir/old");
  write("dir/new", "new");
  write("dir/streams:two", "3");
  fs::remove(destination_ / "dir/streams:one");
  fs::rename(destination_ / "dir/Case", destination_ / "dir/cASE");
  fs::remove(destination_ / "link");
  write("link", std::string(9000, 's'));
  fs::remove(destination_ / "kind");
  fs::create_directories(destination_ / "kind/below");
  fs::remove(destination_ / "symbolic");
  fs::create_symlink("kind", destination_ / "symbolic");
  fs::create_hard_link(destination_ / "dir/changed", destination_ / "another");
  EXPECT_EQ(update().skipped, 0U);
  expect_equal_to_a_new_image();
}

TEST_F(CreateFromBase, KeepsDataOfFilesWithOtherMetadata) {
  fs::permissions(destination_ / "dir/same", fs::perms::owner_read);
  EXPECT_LT(update().image.stored_bytes, 6000U);
  expect_equal_to_a_new_image();
}

TEST_F(Extract, TakesSomePathsWithTheDirectoriesAboveThem) {
  write_image([](ImageWriter& writer) {
    for (const char* const directory : {"a", "a/b", "a/c", "d"}) {
      writer.add(path(directory), directory_metadata());
    }
    for (const char* const file : {"a/x", "a/b/y", "a/c/z", "d/w"}) {
      put(writer, file, as_bytes(file));
    }
    writer.add_link(path("d/link"), path("a/b/y"));
  });
  const ExtractSummary summary = run("", {.paths = {path("A/B"), path("d/link")}});
  EXPECT_EQ(names_below(destination_), (std::set<std::string>{"a", "a/b", "a/b/y", "d", "d/link"}));
  EXPECT_EQ(summary.hard_links, 1U);
  EXPECT_THROW(run("a", {.paths = {path("b")}}), Error);
}

}  // namespace
}  // namespace cim::test
