// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/layout_writer.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "async/file_appender.h"
#include "async/write_behind.h"
#include "base/printable.h"
#include "image/read/store_listing.h"
#include "os/host_path.h"
#include "os/system_error.h"
#include "tar/writer.h"

namespace cim::oci {
namespace {

using nlohmann::json;
using std::filesystem::path;

constexpr std::string_view kLayoutText = R"({"imageLayoutVersion":"1.0.0"})";
constexpr const char* kWrittenIndexType = "application/vnd.oci.image.index.v1+json";
constexpr const char* kNameAnnotation = "org.opencontainers.image.ref.name";
constexpr std::size_t kCopySize = std::size_t{1} << 20;
constexpr std::uint32_t kFileMode = 0644;
constexpr std::uint32_t kDirectoryMode = 0755;

path temporary_directory() {
  std::error_code error;
  path directory = std::filesystem::temp_directory_path(error);
  if (error) {
    throw_system_error(error, "temporary directory", "find");
  }
  return directory;
}

json new_index() {
  return {{"schemaVersion", 2}, {"mediaType", kWrittenIndexType}, {"manifests", json::array()}};
}

Digest digest_of(const std::string& document) {
  return Digest(Sha256::of(as_bytes(document)));
}

/// A directory in the OCI image layout, new or with other images.
class LayoutDirectoryWriter final : public LayoutWriter {
 public:
  explicit LayoutDirectoryWriter(path directory)
      : directory_(std::move(directory)), blobs_(directory_ / "blobs" / "sha256") {
    if (std::filesystem::exists(status_of(directory_ / "oci-layout"))) {
      index_ = parse_json(read_whole_file(directory_ / "index.json", kLargestDocument),
                          (directory_ / "index.json").string());
      (void)parse_index(index_, (directory_ / "index.json").string());
    } else if (std::filesystem::exists(status_of(directory_)) && !entries_of(directory_).empty()) {
      throw Error(ErrorCode::kExists, directory_.string(),
                  "exists already and is not an OCI image layout");
    }
    for (const path& each : {directory_, directory_ / "blobs", blobs_}) {
      make_directory(each);
    }
  }

  ~LayoutDirectoryWriter() override {
    if (!is_finished_) {
      std::error_code ignored;  // this is after a failure, whose cause is reported
      for (auto file = added_.rbegin(); file != added_.rend(); ++file) {
        std::filesystem::remove(*file, ignored);
      }
    }
  }

  path staging() const override { return blobs_; }

  void add_blob(const Digest& digest, StagedBlob blob) override {
    const path target = blobs_ / digest.hex();
    if (!std::filesystem::exists(link_status_of(target))) {
      blob.move_to(target);
      added_.push_back(target);
    }
  }

  void finish(const ImageDocuments& image) override {
    put(blobs_ / digest_of(image.configuration).hex(), image.configuration);
    put(blobs_ / digest_of(image.manifest).hex(), image.manifest);
    sync_directory(blobs_);
    if (!std::filesystem::exists(status_of(directory_ / "oci-layout"))) {
      put(directory_ / "oci-layout", std::string(kLayoutText));
    }
    replace(image.name, image.index_entry);
    for (const json& entry : image.more_entries) {
      replace(entry["annotations"][kNameAnnotation], entry);
    }
    AtomicFile file(directory_ / "index.json");
    file.file().write_at(0, as_bytes(index_.dump()));
    file.publish(Publish::kReplace);
    is_finished_ = true;
  }

 private:
  void make_directory(const path& directory) {
    std::error_code error;
    if (std::filesystem::create_directory(directory, error)) {
      added_.push_back(directory);
    }
    if (error) {
      throw_system_error(error, directory.string(), "create");
    }
  }

  void put(const path& target, const std::string& text) {
    if (!std::filesystem::exists(link_status_of(target))) {
      AtomicFile file(target);
      file.file().write_at(0, as_bytes(text));
      file.publish(Publish::kReplace);
      added_.push_back(target);
    }
  }

  // A name belongs to one image, and an image without one is listed once.
  void replace(const std::string& name, const json& new_entry) {
    json kept = json::array();
    for (json& entry : index_["manifests"]) {
      const json annotations = entry.value("annotations", json::object());
      const bool has_name = annotations.is_object() && annotations.contains(kNameAnnotation);
      const bool is_replaced = name.empty() ? !has_name && entry["digest"] == new_entry["digest"]
                                            : has_name && annotations[kNameAnnotation] == name;
      if (!is_replaced) {
        kept.push_back(std::move(entry));
      }
    }
    kept.push_back(new_entry);
    index_["manifests"] = std::move(kept);
  }

  path directory_;
  path blobs_;
  json index_ = new_index();
  std::vector<path> added_;
  bool is_finished_ = false;
};

/// A tar in a file or a stream. Equal images give equal bytes.
class ArchiveWriter : public LayoutWriter {
 public:
  ArchiveWriter(const path& target, const std::optional<ByteSink>& stream, bool replaces_existing)
      : sink_([this](const SharedBytes& bytes) { put(bytes); }) {
    if (stream) {
      stream_ = *stream;
      staging_ = temporary_directory();
      return;
    }
    const auto existing = status_of(target).type();
    replaces_ = replaces_existing && existing == std::filesystem::file_type::regular;
    if (existing != std::filesystem::file_type::not_found && !replaces_) {
      throw Error(ErrorCode::kExists, target.string(), "already exists");
    }
    file_.emplace(replaces_ ? canonical_path(target) : target);
    appender_.emplace(file_->file(), write_behind_);
    staging_ = directory_of(target);
  }

  path staging() const override { return staging_; }

 protected:
  void put_directory(std::string_view name) {
    tar_.begin({.path = name, .type = tar::TypeFlag::kDirectory, .mode = kDirectoryMode});
  }

  void put_text(const std::string& name, const std::string& text) {
    tar_.begin({.path = name, .mode = kFileMode, .size = text.size()});
    tar_.write(as_bytes(text));
  }

  void put_blob(const std::string& name, File& blob) {
    const std::uint64_t size = blob.size();
    tar_.begin({.path = name, .mode = kFileMode, .size = size});
    Bytes buffer(kCopySize);
    for (std::uint64_t at = 0; at < size;) {
      const std::size_t got = blob.read_some_at(at, buffer);
      if (got == 0) {
        throw Error(ErrorCode::kIo, blob.path().string(), "was truncated by another program");
      }
      tar_.write(ByteView(buffer).first(got));
      at += got;
    }
  }

  void end() {
    tar_.finish();
    if (appender_) {
      appender_->finish();
      file_->publish(replaces_ ? Publish::kReplace : Publish::kFailIfThere);
    }
  }

 private:
  void put(const SharedBytes& bytes) {
    if (appender_) {
      appender_->append(bytes);
    } else {
      stream_(bytes.bytes);
    }
  }

  ByteSink stream_;
  path staging_;
  bool replaces_ = false;
  std::optional<AtomicFile> file_;
  WriteBehind write_behind_;
  std::optional<FileAppender> appender_;
  tar::CallingSink sink_;
  tar::Writer tar_{sink_};
};

class LayoutArchiveWriter final : public ArchiveWriter {
 public:
  LayoutArchiveWriter(const path& target, const std::optional<ByteSink>& stream,
                      bool replaces_existing)
      : ArchiveWriter(target, stream, replaces_existing) {
    put_text("oci-layout", std::string(kLayoutText));
    put_directory("blobs/");
    put_directory("blobs/sha256/");
  }

  void add_blob(const Digest& digest, StagedBlob blob) override {
    if (added_.insert(digest.hex()).second) {
      put_blob("blobs/sha256/" + digest.hex(), blob.file());
    }
  }

  void finish(const ImageDocuments& image) override {
    put_text("blobs/sha256/" + digest_of(image.configuration).hex(), image.configuration);
    put_text("blobs/sha256/" + digest_of(image.manifest).hex(), image.manifest);
    json index = new_index();
    index["manifests"].push_back(image.index_entry);
    for (const json& entry : image.more_entries) {
      index["manifests"].push_back(entry);
    }
    put_text("index.json", index.dump());
    end();
  }

 private:
  std::set<std::string> added_;
};

class DockerArchiveWriter final : public ArchiveWriter {
 public:
  using ArchiveWriter::ArchiveWriter;

  void add_blob(const Digest& digest, StagedBlob blob) override {
    if (added_.insert(digest.hex()).second) {
      put_blob(file_of(digest), blob.file());
    }
  }

  void finish(const ImageDocuments& image) override {
    const std::string config = digest_of(image.configuration).hex() + ".json";
    put_text(config, image.configuration);
    json layers = json::array();
    for (const Digest& layer : image.layers) {
      layers.push_back(file_of(layer));
    }
    json tags = json::array();
    if (!image.name.empty()) {
      tags.push_back(image.name);
    }
    const json entry = {{"Config", config}, {"RepoTags", tags}, {"Layers", layers}};
    put_text("manifest.json", json::array({entry}).dump());
    end();
  }

 private:
  static std::string file_of(const Digest& layer) { return layer.hex() + ".tar"; }

  std::set<std::string> added_;
};

}  // namespace

StagedBlob::StagedBlob(const path& directory) {
  path_ = temporary_name(directory / "layer");
  file_ = File::create_new(path_);
}

StagedBlob::StagedBlob(StagedBlob&& other) noexcept
    : file_(std::move(other.file_)), path_(std::exchange(other.path_, {})) {}

StagedBlob::~StagedBlob() {
  if (!path_.empty()) {
    file_ = File();
    std::error_code ignored;  // a temporary file shows where it is from
    std::filesystem::remove(path_, ignored);
  }
}

void StagedBlob::move_to(const path& target) {
  file_.sync();
  file_ = File();
  rename_file(path_, target);
  path_.clear();
}

std::unique_ptr<LayoutWriter> LayoutWriter::create(ImageForm form, const path& target,
                                                   const std::optional<ByteSink>& stream,
                                                   bool replaces_existing) {
  switch (form) {
    case ImageForm::kLayout:
      return std::make_unique<LayoutDirectoryWriter>(target);
    case ImageForm::kLayoutArchive:
      return std::make_unique<LayoutArchiveWriter>(target, stream, replaces_existing);
    case ImageForm::kDockerArchive:
      return std::make_unique<DockerArchiveWriter>(target, stream, replaces_existing);
    case ImageForm::kDirectory:
      break;
  }
  throw Error(ErrorCode::kUnsupported, target.string(),
              "images cannot be exported in this form; use an OCI image layout");
}

}  // namespace cim::oci
