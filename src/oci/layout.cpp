// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Documents are read completely and verified before they are parsed. Layers are verified by their
// readers; here they are read only to find out whether a failure is their fault.
#include "oci/layout.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "base/printable.h"
#include "oci/json_members.h"
#include "os/host_path.h"

namespace cim::oci {
namespace {

using nlohmann::json;

constexpr std::size_t kPieceSize = std::size_t{1} << 20;
// Bytes of a blob that are requested while another one is imported. Its reader requests as much.
constexpr std::uint64_t kAskedAhead = std::uint64_t{32} << 20;
constexpr std::size_t kMostDockerImages = 1000;
constexpr std::size_t kMostDockerLayers = 20'000;  // of all images together

constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr const char* kLayerType = "application/vnd.oci.image.layer.v1.tar";

[[noreturn]] void fail_size(const std::string& blob, std::uint64_t size, std::uint64_t wanted) {
  throw Error(ErrorCode::kCorrupt, blob,
              fmt::format("the blob has {} bytes, expected {}", size, wanted));
}

[[noreturn]] void fail_digest(const std::string& blob, const Digest& digest) {
  throw Error(ErrorCode::kCorrupt, blob,
              fmt::format("the blob was modified: its digest is {}", digest.text()));
}

// Returns what a descriptor says about a blob that the layout lacks.
std::string where_else(const Descriptor& descriptor) {
  std::string text = is_nondistributable(descriptor.media_type) ? "; it is not distributable" : "";
  if (!descriptor.urls.empty()) {
    text += "; it is available from " + printable(descriptor.urls.front());
  }
  return text;
}

json descriptor_of(const std::string& media_type, const Digest& digest, std::uint64_t size) {
  return {{"mediaType", media_type}, {"digest", digest.text()}, {"size", size}};
}

json index_of(json manifests) {
  return {{"schemaVersion", 2}, {"mediaType", kIndexType}, {"manifests", std::move(manifests)}};
}

// Archives have no media types; layers are normally plain, but some programs pack them.
std::string layer_type_of(const LayoutFile& layer) {
  std::array<std::byte, 4> start{};
  const std::string_view text = as_text(ByteView(start).first(layer.read_some_at(0, start)));
  return std::string(kLayerType) + (text.starts_with("\x1F\x8B")           ? "+gzip"
                                    : text.starts_with("\x28\xB5\x2F\xFD") ? "+zstd"
                                                                           : "");
}

bool is_archive(ImageForm form) {
  return form == ImageForm::kLayoutArchive || form == ImageForm::kDockerArchive;
}

}  // namespace

Layout::Layout(const std::filesystem::path& directory)
    : Layout(directory.string(), std::make_unique<DirectoryFiles>(directory)) {
  open_layout();
}

Layout Layout::open(const ImageSource& source, const std::function<std::filesystem::path()>& spool,
                    const ImportOptions& options) {
  std::unique_ptr<LayoutFiles> files;
  if (is_archive(source.form)) {
    const bool is_stream = source.stream.has_value();
    files = std::make_unique<ArchiveFiles>(is_stream ? *source.stream : ByteSource(source.path),
                                           is_stream ? std::nullopt : std::optional(source.path),
                                           ArchiveOptions{.max_size = options.layer.limits.size,
                                                          .progress = options.layer.progress,
                                                          .stop = options.layer.stop,
                                                          .spool = spool});
  } else {
    files = std::make_unique<DirectoryFiles>(source.path);
  }
  Layout layout(source.stream ? "standard input" : source.path.string(), std::move(files));
  switch (source.form) {
    case ImageForm::kLayout:
    case ImageForm::kLayoutArchive:
      layout.open_layout();
      break;
    case ImageForm::kDirectory:
      layout.open_directory_image();
      break;
    case ImageForm::kDockerArchive:
      layout.open_docker_archive();
      break;
  }
  return layout;
}

void Layout::open_layout() {
  if (!files_->contains("oci-layout")) {
    throw Error(ErrorCode::kNotFound, name_, "not an OCI image layout: it has no file oci-layout");
  }
  const std::string subject = files_->subject_of("oci-layout");
  check_layout_version(parse_json(read_file("oci-layout"), subject), subject);
}

// A directory of skopeo's has one manifest or index in manifest.json, and blobs named by their
// digests in hexadecimal; other manifests have an extension.
void Layout::open_directory_image() {
  constexpr const char* kName = "manifest.json";
  if (!files_->contains("version") || !files_->contains(kName)) {
    throw Error(ErrorCode::kNotFound, name_,
                "not a directory that skopeo wrote (dir:): it has no files version and "
                "manifest.json");
  }
  const std::string subject = files_->subject_of(kName);
  const Bytes bytes = read_file(kName);
  const json document = parse_json(bytes, subject);
  const Members members(document, subject, "the document");
  const bool is_index = members.find("manifests") != nullptr;
  std::string media_type = members.text("mediaType");
  if (media_type.empty()) {
    media_type = is_index ? kIndexType : kManifestType;
  }
  const Digest digest(Sha256::of(bytes));
  file_names_.emplace(digest.hex(), kName);
  index_ = index_of(json::array({descriptor_of(media_type, digest, bytes.size())})).dump();
  flat_ = true;
}

void Layout::open_docker_archive() {
  constexpr const char* kName = "manifest.json";
  if (!files_->contains(kName)) {
    throw Error(ErrorCode::kNotFound, name_,
                "not an archive of docker save: it has no file manifest.json");
  }
  const std::string subject = files_->subject_of(kName);
  const auto images = parse_docker_manifest(parse_json(read_file(kName), subject), subject);
  json manifests = json::array();
  std::size_t layers = 0;
  for (const DockerImage& image : images) {
    layers += image.layers.size();
    if (images.size() > kMostDockerImages || layers > kMostDockerLayers) {
      throw Error(ErrorCode::kLimit, subject, "lists too many images or layers");
    }
    const json manifest = {{"schemaVersion", 2},
                           {"mediaType", kManifestType},
                           {"config", make_descriptor(image.config, kConfigType)},
                           {"layers", make_descriptors(image.layers)}};
    const std::string text = manifest.dump();
    const json descriptor = descriptor_of(kManifestType, make_document(text), text.size());
    if (image.tags.empty()) {
      manifests.push_back(descriptor);
    }
    for (const std::string& tag : image.tags) {
      manifests.push_back(descriptor);
      manifests.back()["annotations"] = {{"org.opencontainers.image.ref.name", tag}};
    }
  }
  index_ = index_of(std::move(manifests)).dump();
}

json Layout::make_descriptor(const std::string& file, const std::string& media_type) {
  const std::string name = archive_name(file);
  const LayoutFile opened = files_->open(name);
  const Digest digest = opened.digest.value();
  file_names_.emplace(digest.hex(), name);
  return descriptor_of(media_type.empty() ? layer_type_of(opened) : media_type, digest,
                       opened.size);
}

json Layout::make_descriptors(const std::vector<std::string>& layers) {
  json descriptors = json::array();
  for (const std::string& layer : layers) {
    descriptors.push_back(make_descriptor(layer, {}));
  }
  return descriptors;
}

Digest Layout::make_document(std::string text) {
  Digest digest(Sha256::of(as_bytes(text)));
  made_.emplace(digest.hex(), std::move(text));
  return digest;
}

std::string Layout::file_of(const Digest& digest) const {
  if (const auto known = file_names_.find(digest.hex()); known != file_names_.end()) {
    return known->second;
  }
  if (!flat_) {
    return "blobs/sha256/" + digest.hex();
  }
  std::string manifest = digest.hex() + ".manifest.json";
  return files_->contains(manifest) ? manifest : digest.hex();
}

Bytes Layout::read_file(const std::string& file) const {
  return files_->open(file).read_all(kLargestDocument);
}

std::vector<Descriptor> Layout::index() const {
  constexpr const char* kName = "index.json";
  if (!index_.empty()) {
    return parse_index(parse_json(as_bytes(index_), name_), name_);
  }
  const std::string subject = files_->subject_of(kName);
  return parse_index(parse_json(read_file(kName), subject), subject);
}

std::string Layout::subject_of(const Digest& digest) const {
  return files_->subject_of(file_of(digest));
}

bool Layout::has_blob(const Descriptor& descriptor) const {
  return made_.contains(descriptor.digest.hex()) || files_->contains(file_of(descriptor.digest));
}

ByteSource Layout::blob(const Descriptor& descriptor) const {
  return files_->source(file_of(descriptor.digest));
}

LayoutFile Layout::open_blob(const Digest& digest) const {
  return files_->open(file_of(digest));
}

void Layout::check_presence(const Descriptor& descriptor) const {
  if (made_.contains(descriptor.digest.hex())) {
    return;
  }
  const std::string subject = subject_of(descriptor.digest);
  if (!has_blob(descriptor)) {
    throw Error(ErrorCode::kNotFound, subject,
                "the layout does not have this blob" + where_else(descriptor));
  }
  const LayoutFile file = files_->open(file_of(descriptor.digest));
  if (file.size != descriptor.size) {
    fail_size(subject, file.size, descriptor.size);
  }
  if (file.digest && *file.digest != descriptor.digest) {
    fail_digest(subject, *file.digest);
  }
}

// The digests of an archive's members were computed when the archive was opened.
bool Layout::verifies(const Descriptor& descriptor) const {
  return files_->open(file_of(descriptor.digest)).digest.has_value();
}

void Layout::start_reading(const Descriptor& descriptor) const noexcept {
  try {
    const LayoutFile file = files_->open(file_of(descriptor.digest));
    file.file->start_reading(file.offset, std::min(file.size, kAskedAhead));
  } catch (const std::exception&) {  // reported when the blob is read
  }
}

void Layout::explain_damage(const Descriptor& descriptor, const std::stop_token& stop) const {
  if (verifies(descriptor)) {
    return;
  }
  const LayoutFile file = files_->open(file_of(descriptor.digest));
  Sha256 hash;
  Bytes buffer(kPieceSize);
  std::uint64_t done = 0;
  // Reads at most one piece beyond the expected size: a growing file would never end.
  while (done <= descriptor.size) {
    if (stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, file.subject, "the import was cancelled");
    }
    const std::size_t got = file.file->read_some_at(file.offset + done, buffer);
    if (got == 0) {
      break;
    }
    hash.update(ByteView(buffer).first(got));
    done += got;
  }
  if (done != descriptor.size) {
    fail_size(file.subject, done, descriptor.size);
  }
  const Digest found(hash.finish());
  if (found != descriptor.digest) {
    fail_digest(file.subject, found);
  }
}

// A document is small enough to be verified in one piece.
Bytes Layout::document(const Descriptor& descriptor) const {
  if (const auto made = made_.find(descriptor.digest.hex()); made != made_.end()) {
    const ByteView bytes = as_bytes(made->second);
    return {bytes.begin(), bytes.end()};
  }
  check_presence(descriptor);
  const LayoutFile file = files_->open(file_of(descriptor.digest));
  Bytes bytes = file.read_all(kLargestDocument);
  const Digest found(Sha256::of(bytes));
  if (found != descriptor.digest) {
    fail_digest(file.subject, found);
  }
  return bytes;
}

}  // namespace cim::oci
