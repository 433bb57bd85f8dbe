// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"
#include "cimlib/oci.h"
#include "cimlib/version.h"

#include "expect_error.h"
#include "layout_directory.h"
#include "oci/document_source.h"
#include "oci/layout.h"
#include "oci/layout_files.h"
#include "oci/records.h"
#include "tar/compression.h"
#include "tar/memory_streams.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::oci {
namespace {

using nlohmann::json;
using test::EntryBytes;
using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;

std::string layer_of(const std::string& file) {
  return EntryBytes{.name = "Files", .type = '5'}.bytes() +
         EntryBytes{.name = "Files/" + file, .body = file}.bytes() + test::end_marker();
}

std::string link(const std::string& name, const std::string& target, char type = '2') {
  return EntryBytes{.name = name, .type = type, .link = target}.bytes();
}

std::string file(const std::string& name, const std::string& body) {
  return EntryBytes{.name = name, .body = body}.bytes();
}

class ImportForms : public testing::Test {
 protected:
  ImportResult import(const ImageSource& source, const std::string& reference = "") const {
    ImportOptions options;
    options.choice.reference = reference;
    return import_image(source, store_, options);
  }
  void expect_failure(ErrorCode code, const std::string& words, const std::string& members,
                      ImageForm form = ImageForm::kDockerArchive) const {
    expect_error(code, words, [&] { (void)import({form, write(members)}); });
    EXPECT_FALSE(std::filesystem::exists(store_));
  }
  std::filesystem::path write(const std::string& members) const {
    const auto path = directory_.path() / "archive.tar";
    std::ofstream(path, std::ios::binary) << members << test::end_marker();
    return path;
  }
  static std::string config_of(const std::vector<std::string>& tars) {
    json diff_ids = json::array();
    for (const std::string& tar : tars) {
      diff_ids.push_back(test::digest_of(tar));
    }
    return json({{"architecture", "amd64"},
                 {"os", "windows"},
                 {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}})
        .dump();
  }
  static std::string manifest_of(const json& tags, const std::vector<std::string>& layers) {
    const json image = {{"Config", "config.json"}, {"RepoTags", tags}, {"Layers", layers}};
    return file("manifest.json", json::array({image}).dump());
  }
  // An archive of the members that `docker save` writes, with these as the layers.
  std::string docker_archive(const std::string& members, const std::vector<std::string>& layers = {
                                                             "1/layer.tar", "2/layer.tar"}) const {
    return file("config.json", config_of({base_, top_})) + members +
           manifest_of({"example.org/x:1"}, layers);
  }
  std::string layout_archive() const {
    std::string members = file("./oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    const test::LayoutDirectory layout(directory_.path() / "layout");
    layout.write_index({test::named(layout.add_image({base_, top_}), "x")});
    for (const auto& entry : std::filesystem::directory_iterator(layout.path() / "blobs/sha256")) {
      std::ifstream in(entry.path(), std::ios::binary);
      members += file("blobs/sha256/" + entry.path().filename().string(),
                      {std::istreambuf_iterator<char>(in), {}});
    }
    std::ifstream in(layout.path() / "index.json", std::ios::binary);
    return members + file("index.json", {std::istreambuf_iterator<char>(in), {}});
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path store_ = directory_.path() / "store";
  std::string base_ = layer_of("base");
  std::string top_ = layer_of("top");
};

TEST_F(ImportForms, ArchivesOfLayouts) {
  const ImportResult result = import({ImageForm::kLayoutArchive, write(layout_archive())}, "x");
  EXPECT_THAT(result.names, ElementsAre("x"));
  EXPECT_EQ(result.layers.size(), 2U);
}

TEST_F(ImportForms, CompressedArchivesAndStreams) {
  for (const auto& make : {tar::make_gzip_sink, tar::make_zstd_sink}) {
    if (make == tar::make_zstd_sink && !has_feature("zstd")) {
      continue;
    }
    const std::string packed = test::packed(layout_archive() + test::end_marker(), make);
    const auto path = directory_.path() / "packed";
    std::ofstream(path, std::ios::binary) << packed;
    EXPECT_EQ(import({ImageForm::kLayoutArchive, path}).layers.size(), 2U);
    EXPECT_EQ(import({ImageForm::kLayoutArchive,
                      ByteSource::memory(std::as_bytes(std::span(packed)), "stream")})
                  .layers.size(),
              2U);
  }
  for (const auto& entry : std::filesystem::directory_iterator(store_ / "cim-images")) {
    EXPECT_THAT(entry.path().filename().string(), testing::Not(HasSubstr(".tmp")));
  }
}

TEST_F(ImportForms, ArchivesOfDocker) {
  const auto path = write(docker_archive(file("1/layer.tar", base_) + file("2/layer.tar", top_)));
  const ImportResult result = import({ImageForm::kDockerArchive, path}, "example.org/x:1");
  EXPECT_THAT(result.names, ElementsAre("example.org/x:1"));
  EXPECT_EQ(result.image.layers[1].diff_id, test::digest_of(top_));
  EXPECT_EQ(result.image.layers[1].media_type, test::kLayerType);
  EXPECT_EQ(import({ImageForm::kDockerArchive, path}).image.manifest, result.image.manifest);
  expect_error(ErrorCode::kNotFound, "has no image y", [&] {
    (void)import({ImageForm::kDockerArchive, path}, "y");
  });
}

TEST_F(ImportForms, LinksInArchivesOfDocker) {
  const std::string members = docker_archive(
      file("layers/base", base_) + link("1/layer.tar", "../layers/./base") +
          link("2/layer.tar", "./again") + link("2/again", "top", '1') + file("top", top_),
      {"1/layer.tar", "2/layer.tar"});
  EXPECT_EQ(import({ImageForm::kDockerArchive, write(members)}).layers.size(), 2U);
}

TEST_F(ImportForms, RefusesLinksThatLeadNowhere) {
  for (const std::string& bad :
       {link("1/layer.tar", "../../../../etc/passwd"), link("1/layer.tar", "/etc/passwd"),
        link("1/layer.tar", "layer.tar"), link("1/layer.tar", "../2/layer.tar"),
        link("1/layer.tar", "")}) {
    expect_failure(ErrorCode::kNotFound, "has no such member",
                   docker_archive(bad + link("2/layer.tar", "../1/layer.tar")));
  }
}

TEST_F(ImportForms, RefusesHostileArchivesOfDocker) {
  const std::string layers = file("1/layer.tar", base_) + file("2/layer.tar", top_);
  expect_failure(ErrorCode::kNotFound, "not an archive of docker save", layers);
  expect_failure(ErrorCode::kCorrupt, "two members with the name 1/layer.tar",
                 docker_archive(layers + file("./1//layer.tar", top_)));
  expect_failure(ErrorCode::kNotFound, "has no such member",
                 docker_archive(layers, {"../1/layer.tar", "/2/layer.tar"}));
  expect_failure(ErrorCode::kCorrupt, "the digest of the tar",
                 docker_archive(layers, {"2/layer.tar", "1/layer.tar"}));
  expect_failure(ErrorCode::kCorrupt, "has 1 layers", docker_archive(layers, {"1/layer.tar"}));
  expect_failure(ErrorCode::kCorrupt, "not an array", file("manifest.json", "{}"));
  expect_failure(ErrorCode::kLimit, "limit",
                 file("manifest.json", std::string((std::size_t{4} << 20) + 1, ' ')));
  expect_failure(ErrorCode::kCorrupt, "Config", file("manifest.json", R"([{"Layers":[]}])"));
  expect_failure(ErrorCode::kCorrupt, "not a string",
                 file("manifest.json", R"([{"Config":"config.json","Layers":[1]}])"));
  expect_failure(ErrorCode::kCorrupt, "instead of",
                 file("manifest.json", R"([{"config":"config.json","Layers":[]}])"));
}

TEST_F(ImportForms, RefusesOtherFiles) {
  expect_failure(ErrorCode::kNotFound, "it has no file oci-layout", file("x", "x"),
                 ImageForm::kLayoutArchive);
  expect_error(ErrorCode::kNotFound, "archive", [&] {
    (void)import({ImageForm::kLayoutArchive, directory_.path() / "missing archive"});
  });
  ImportOptions options;
  options.layer.limits.size = 1000;
  expect_error(ErrorCode::kLimit, "more than the 1000 bytes allowed", [&] {
    (void)import_image({ImageForm::kLayoutArchive, write(layout_archive())}, store_, options);
  });
}

// The digests of members are known before anything is imported.
TEST_F(ImportForms, RefusesAModifiedBlobInAnArchiveBeforeWriting) {
  std::string members = layout_archive();
  const std::size_t top = members.find(top_);
  ASSERT_NE(top, std::string::npos);
  members[top + 600] ^= 1;
  expect_failure(ErrorCode::kCorrupt, "was modified", members, ImageForm::kLayoutArchive);
}

// Behaves as a registry: the index has no names, and blobs are verified by the source.
class UnnamedSource : public DocumentSource {
 public:
  /// Fails when more than this number of documents are read.
  explicit UnnamedSource(const Layout& layout, int documents = 1000)
      : layout_(layout), documents_left_(documents) {}

  using DocumentSource::index;
  std::string name() const override { return "example.org/app"; }
  std::string_view kind() const override { return "repository"; }
  std::string subject_of(const Digest& digest) const override { return layout_.subject_of(digest); }
  std::vector<Descriptor> index() const override {
    std::vector<Descriptor> all = layout_.index();
    for (Descriptor& descriptor : all) {
      descriptor.reference.clear();
      descriptor.text.clear();
    }
    return all;
  }
  Bytes document(const Descriptor& blob) const override {
    if (documents_left_-- == 0) {
      throw Error(ErrorCode::kIo, "a document", "cannot be read");
    }
    return layout_.document(blob);
  }
  bool has_blob(const Descriptor& blob) const override { return layout_.has_blob(blob); }
  void check_presence(const Descriptor& /*blob*/) const override {}
  bool verifies(const Descriptor& /*blob*/) const override { return true; }
  ByteSource blob(const Descriptor& blob) const override { return layout_.blob(blob); }
  Bytes blob_part(const Descriptor& blob, std::uint64_t offset, std::size_t size) const override {
    return layout_.blob_part(blob, offset, size);
  }
  std::vector<Descriptor> referrers(const Descriptor& manifest) const override {
    return layout_.referrers(manifest);
  }

 private:
  const Layout& layout_;
  mutable int documents_left_;
};

// Counts the bytes that are read of all blobs, which the import must verify.
class CountingSource final : public UnnamedSource {
 public:
  CountingSource(const Layout& layout, std::uint64_t& count)
      : UnnamedSource(layout), layout_(layout), count_(count) {}

  bool verifies(const Descriptor& /*blob*/) const override { return false; }
  ByteSource blob(const Descriptor& blob) const override {
    return ByteSource::callback(
        [&count = count_, at = std::uint64_t{0}, file = layout_.open_blob(blob.digest)](
            std::span<std::byte> into, const std::stop_token&) mutable {
          const std::size_t got = file.read_some_at(at, into);
          at += got;
          count += got;
          return got;
        });
  }
  void explain_damage(const Descriptor& /*blob*/, const std::stop_token& /*stop*/) const override {
    ADD_FAILURE() << "nothing is damaged";
  }

 private:
  const Layout& layout_;
  std::uint64_t& count_;
};

TEST_F(ImportForms, ReadsEachBlobOnce) {
  const test::LayoutDirectory directory(directory_.path() / "layout");
  directory.write_index({directory.add_image({base_, top_})});
  const Layout layout(directory.path());
  std::uint64_t count = 0;
  EXPECT_EQ(import_from(CountingSource(layout, count), store_, {}).layers.size(), 2U);
  EXPECT_EQ(count, base_.size() + top_.size());
}

TEST_F(ImportForms, AFailureToReadAnyDocumentEndsTheImport) {
  const test::LayoutDirectory directory(directory_.path() / "layout");
  directory.write_index({directory.add_image({base_})});
  const Layout layout(directory.path());
  int documents = 0;
  for (bool fails = true; fails; ++documents) {
    try {
      choose_image(UnnamedSource(layout, documents), {});
      fails = false;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kIo);
    }
  }
  EXPECT_GT(documents, 4);
}

TEST_F(ImportForms, AnySourceIsRecordedInTheStore) {
  const test::LayoutDirectory directory(directory_.path() / "layout");
  const json descriptor = directory.add_image({base_, top_});
  directory.write_index({descriptor});
  const Layout layout(directory.path());
  const UnnamedSource source(layout);
  EXPECT_THAT(import_from(source, store_, {}).names, ElementsAre(descriptor["digest"]));
  ImportOptions named;
  named.name = "example.org/app:1";
  const ImportResult result = import_from(source, store_, named);
  EXPECT_THAT(result.names, ElementsAre(named.name));
  const StoreRecords records(store_);
  EXPECT_EQ(records.names().size(), 1U);  // the name replaces the digest
  const Digest manifest = Digest::parse(result.image.manifest).value();
  EXPECT_EQ(records.name(named.name).value().manifest, manifest);
  const ImageRecord image = records.image(manifest).value();
  EXPECT_EQ(records.document(manifest), layout.document(layout.index().front()));
  EXPECT_EQ(Digest(Sha256::of(records.document(image.configuration))), image.configuration);
  ASSERT_EQ(image.chain.size(), 2U);
  EXPECT_EQ(records.layer(image.chain[1]).value().plain_size, top_.size());
}

TEST_F(ImportForms, DirectoriesOfSkopeo) {
  const test::LayoutDirectory layout(directory_.path() / "layout");
  const json image = layout.add_image({base_, top_});
  const auto directory = directory_.path() / "dir";
  std::filesystem::copy(layout.path() / "blobs/sha256", directory);
  const std::string digest = image["digest"].get<std::string>().substr(7);
  std::ofstream(directory / "version") << "Directory Transport Version: 1.1\n";
  std::filesystem::rename(directory / digest, directory / "manifest.json");
  const ImportResult single = import({ImageForm::kDirectory, directory});
  EXPECT_EQ(single.image.manifest, image["digest"]);
  // With several platforms, manifest.json is an index.
  std::filesystem::rename(directory / "manifest.json", directory / (digest + ".manifest.json"));
  std::ofstream(directory / "manifest.json") << test::index_of({image}).dump();
  EXPECT_EQ(import({ImageForm::kDirectory, directory}).image.manifest, image["digest"]);
  std::ofstream(directory / (digest + ".manifest.json"), std::ios::app) << ' ';
  expect_error(ErrorCode::kCorrupt, "the blob has", [&] {
    (void)import({ImageForm::kDirectory, directory});
  });
  std::filesystem::remove(directory / "version");
  expect_error(ErrorCode::kNotFound, "not a directory that skopeo wrote", [&] {
    (void)import({ImageForm::kDirectory, directory});
  });
}

TEST(ArchiveNames, AreNormalized) {
  EXPECT_EQ(archive_name("./a//b/./c/"), "a/b/c");
  EXPECT_EQ(archive_name("/"), "");
  EXPECT_EQ(link_target("a/b/c", "../d"), "a/d");
  EXPECT_EQ(link_target("a", "b"), "b");
  EXPECT_EQ(link_target("a/b", "../../../c"), "c");
  EXPECT_EQ(link_target("a/b", ".."), "");
}

}  // namespace
}  // namespace cim::oci
