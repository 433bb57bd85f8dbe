// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/artifact_manifest.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "base/printable.h"
#include "format/header.h"
#include "image/read/store_listing.h"
#include "oci/json_members.h"
#include "os/base64.h"

namespace cim::oci {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMostBlobs = 1000;
constexpr std::uint64_t kMostImageLayers = 1000;
// The maximum size of a region: offsets have 48 bits.
constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 48;
constexpr std::uint64_t kSidecarListVersion = 1;
constexpr std::size_t kLongestBuild = 5;

constexpr std::string_view kTitle = "org.opencontainers.image.title";
constexpr std::string_view kChainId = "org.cimlib.chain-id";
constexpr std::string_view kDiffId = "org.cimlib.diff-id";
constexpr std::string_view kParent = "org.cimlib.parent";
constexpr std::string_view kIndex = "org.cimlib.index";
constexpr std::string_view kPlainSize = "org.cimlib.plain-size";
constexpr std::string_view kPlainDigest = "org.cimlib.plain-digest";
constexpr std::string_view kSeekOffset = "org.cimlib.seek-table-offset";
constexpr std::string_view kSeekSize = "org.cimlib.seek-table-size";
constexpr std::string_view kSeekTable = "org.cimlib.seek-table";
constexpr std::string_view kHeader = "org.cimlib.header";

constexpr std::string_view kZstdSuffix = "+zstd";

// In the order of ArtifactPart, without that suffix.
constexpr std::array<std::string_view, 6> kMediaTypes = {
    "application/vnd.cimlib.filesystem.v1",    "application/vnd.cimlib.region.v1",
    "application/vnd.cimlib.objectid.v1",      "application/vnd.cimlib.frames.v1",
    "application/vnd.cimlib.sidecars.v1+json", "application/vnd.cimlib.tar-record.v1",
};

bool is_file_of_frames(ArtifactPart part) {
  return part == ArtifactPart::kRegion || part == ArtifactPart::kObjectIds;
}

std::string media_type_of(const ArtifactBlob& blob) {
  std::string type(kMediaTypes[static_cast<std::size_t>(blob.part)]);
  if (is_file_of_frames(blob.part) && blob.form == FrameForm::kZstd) {
    type += kZstdSuffix;
  }
  return type;
}

std::string base64_of(ByteView bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

// The parts of one manifest, read with their places for errors.
class ArtifactParser {
 public:
  ArtifactParser(const Json& document, const std::string& subject)
      : subject_(subject), members_(document, subject, "the artifact") {}

  Artifact run(const Descriptor& manifest) {
    if (members_.text("artifactType") != kArtifactType) {
      throw Error(ErrorCode::kUnsupported, subject_,
                  fmt::format("not an image in CIM form: its type is {}",
                              printable(members_.text("artifactType"))));
    }
    const Members annotations = members_.object("annotations");
    const Members image = members_.object("subject");
    Descriptor described = descriptor_of(image);
    Digest chain_id = digest_in(annotations, kChainId);
    Digest diff_id = digest_in(annotations, kDiffId);
    Artifact artifact{.manifest = manifest,
                      .subject = std::move(described),
                      .chain_id = std::move(chain_id),
                      .diff_id = std::move(diff_id),
                      .blobs = {}};
    artifact.index = static_cast<std::size_t>(number_in(annotations, kIndex, kMostImageLayers));
    if (!annotations.annotation(kParent).empty()) {
      artifact.parent = digest_in(annotations, kParent);
    }
    if (artifact.parent.has_value() != (artifact.index != 0)) {
      members_.fail("must name a parent if it is not the base layer, and only then");
    }
    std::size_t place = 0;
    for (const Json& layer : members_.list("layers", kMostBlobs)) {
      add(Members(layer, subject_, fmt::format("layers[{}]", place++)), artifact);
    }
    if (artifact.blobs.empty() || artifact.regions == 0 ||
        artifact.find(ArtifactPart::kFilesystem) == nullptr ||
        artifact.find(ArtifactPart::kFrames) == nullptr ||
        artifact.find(ArtifactPart::kSidecars) == nullptr) {
      members_.fail("lacks blobs that every artifact has");
    }
    return artifact;
  }

 private:
  static Descriptor descriptor_of(const Members& members) {
    return {.media_type = members.text("mediaType"),
            .digest = members.digest_of(members.required("digest"), "digest"),
            .size = members.required_size("size")};
  }

  Digest digest_in(const Members& annotations, std::string_view name) const {
    if (auto digest = Digest::parse(annotations.annotation(name))) {
      return *std::move(digest);
    }
    annotations.fail(fmt::format("has no digest in \"{}\"", name));
  }

  std::uint64_t number_in(const Members& annotations, std::string_view name,
                          std::uint64_t limit) const {
    const std::string text = annotations.annotation(name);
    std::uint64_t number = 0;
    for (const char digit : text) {
      if (digit < '0' || digit > '9' || number > limit) {
        annotations.fail(fmt::format("has no number of at most {} in \"{}\"", limit, name));
      }
      number = number * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    if (text.empty() || number > limit) {
      annotations.fail(fmt::format("has no number of at most {} in \"{}\"", limit, name));
    }
    return number;
  }

  std::optional<Bytes> bytes_in(const Members& members, std::string_view name,
                                const std::string& text) const {
    if (text.empty()) {
      return std::nullopt;
    }
    auto bytes = decode_base64(text);
    if (!bytes) {
      members.fail(fmt::format("has no base64 in \"{}\"", name));
    }
    return bytes;
  }

  // Blobs come in the order of their kinds, and files in the order of their numbers.
  void add(const Members& members, Artifact& artifact) {
    const std::string type = members.text("mediaType");
    const bool is_packed = type.ends_with(kZstdSuffix);
    const auto* const known = std::ranges::find(
        kMediaTypes,
        std::string_view(type).substr(0, type.size() - (is_packed ? kZstdSuffix.size() : 0)));
    const bool is_file = known != kMediaTypes.end() &&
                         is_file_of_frames(static_cast<ArtifactPart>(known - kMediaTypes.begin()));
    if (known == kMediaTypes.end() || (is_packed && !is_file)) {
      throw Error(ErrorCode::kUnsupported, subject_,
                  fmt::format("the artifact has a blob of an unknown type: {}", printable(type)));
    }
    ArtifactBlob blob{
        .part = static_cast<ArtifactPart>(known - kMediaTypes.begin()),
        .digest = members.digest_of(members.required("digest"), "digest"),
        .size = members.required_size("size"),
    };
    blob.form = is_packed || !is_file ? FrameForm::kZstd : FrameForm::kPlain;
    if (!artifact.blobs.empty() && (blob.part < artifact.blobs.back().part ||
                                    (blob.part == artifact.blobs.back().part && !is_file))) {
      members.fail("is not in its place in the list");
    }
    if (blob.size > kLargestFile) {
      members.fail("has an impossible size");
    }
    if (members.find("data") != nullptr) {
      blob.data = bytes_in(members, "data", members.text("data"));
      if (!blob.data || blob.data->size() != blob.size ||
          Digest(Sha256::of(*blob.data)) != blob.digest) {
        members.fail("has data of another digest or size than stated");
      }
    }
    if (is_file) {
      add_file(members.object("annotations"), blob, artifact);
    }
    artifact.blobs.push_back(std::move(blob));
  }

  void add_file(const Members& annotations, ArtifactBlob& blob, Artifact& artifact) {
    blob.name = annotations.annotation(kTitle);
    const auto part = parse_part_name(blob.name);
    const bool is_region = blob.part == ArtifactPart::kRegion;
    if (!part || (part->kind == ImageFileKind::kRegion) != is_region) {
      annotations.fail(
          fmt::format("does not have the name of a file of an image: {}", printable(blob.name)));
    }
    const bool is_first = artifact.regions == 0;
    if (is_first && is_region) {
      artifact.region_set = part->region_set;
    }
    const std::uint32_t next = is_region ? artifact.regions : next_object_ids_;
    const bool is_in_order =
        is_region ? part->index == next : part->index >= next && part->index < artifact.regions;
    if (part->region_set != artifact.region_set || !is_in_order) {
      annotations.fail(fmt::format("has a file of another image or out of order: {}", blob.name));
    }
    if (is_region) {
      ++artifact.regions;
    } else {
      next_object_ids_ = part->index + 1;
    }
    if (blob.form == FrameForm::kZstd) {
      add_packing(annotations, blob);
    } else {
      blob.plain_size = blob.size;
      blob.plain_digest = blob.digest;
    }
    if (is_region) {
      auto header = bytes_in(annotations, kHeader, annotations.annotation(kHeader));
      if (!header || header->size() != format::kRegionHeaderSize ||
          blob.plain_size < format::kRegionHeaderSize) {
        annotations.fail(fmt::format("has no header of a region in \"{}\"", kHeader));
      }
      blob.header = *std::move(header);
    }
  }

  void add_packing(const Members& annotations, ArtifactBlob& blob) const {
    blob.plain_size = number_in(annotations, kPlainSize, kLargestFile);
    blob.plain_digest = digest_in(annotations, kPlainDigest);
    blob.seek_table_size = number_in(annotations, kSeekSize, kLargestFile);
    if (number_in(annotations, kSeekOffset, kLargestFile) + blob.seek_table_size != blob.size) {
      annotations.fail("has a seek table that is not at the end of the blob");
    }
    blob.seek_table = bytes_in(annotations, kSeekTable, annotations.annotation(kSeekTable));
  }

  const std::string& subject_;
  Members members_;
  std::uint32_t next_object_ids_ = 0;  // the smallest number that the next file may have
};

OrderedJson json_of(const ArtifactBlob& blob) {
  OrderedJson json = {
      {"mediaType", media_type_of(blob)}, {"digest", blob.digest.text()}, {"size", blob.size}};
  if (blob.data) {
    json["data"] = base64_of(*blob.data);
  }
  if (!blob.has_frames()) {
    return json;
  }
  OrderedJson annotations = OrderedJson::object();
  annotations[std::string(kTitle)] = blob.name;
  if (blob.form == FrameForm::kZstd) {
    annotations[std::string(kPlainSize)] = std::to_string(blob.plain_size);
    annotations[std::string(kPlainDigest)] = blob.plain_digest->text();
    annotations[std::string(kSeekOffset)] = std::to_string(blob.size - blob.seek_table_size);
    annotations[std::string(kSeekSize)] = std::to_string(blob.seek_table_size);
  }
  if (blob.seek_table) {
    annotations[std::string(kSeekTable)] = base64_of(*blob.seek_table);
  }
  if (!blob.header.empty()) {
    annotations[std::string(kHeader)] = base64_of(blob.header);
  }
  json["annotations"] = std::move(annotations);
  return json;
}

}  // namespace

Descriptor ArtifactBlob::descriptor() const {
  return {.media_type = media_type_of(*this), .digest = digest, .size = size};
}

const ArtifactBlob* Artifact::find(ArtifactPart part) const noexcept {
  const auto found = std::ranges::find(blobs, part, &ArtifactBlob::part);
  return found == blobs.end() ? nullptr : &*found;
}

std::uint64_t Artifact::frames() const noexcept {
  std::uint64_t count = 0;
  for (const ArtifactBlob& blob : blobs) {
    count += blob.has_frames() ? frame_count(blob.plain_size) : 0;
  }
  return count;
}

bool is_artifact_entry(const Descriptor& descriptor) {
  if (!descriptor.artifact_type.empty() || descriptor.text.empty()) {
    return descriptor.artifact_type == kArtifactType;
  }
  const Json entry = Json::parse(descriptor.text, nullptr, false);
  const auto annotations = entry.is_object() ? entry.find("annotations") : entry.end();
  return annotations != entry.end() && annotations->is_object() && annotations->contains(kChainId);
}

bool is_artifact_manifest(const nlohmann::json& document) {
  const auto type = document.is_object() ? document.find("artifactType") : document.end();
  return type != document.end() && type->is_string() && *type == kArtifactType;
}

Artifact parse_artifact(const nlohmann::json& document, const Descriptor& manifest,
                        const std::string& subject) {
  return ArtifactParser(document, subject).run(manifest);
}

std::string encode(const Artifact& artifact) {
  OrderedJson layers = OrderedJson::array();
  for (const ArtifactBlob& blob : artifact.blobs) {
    layers.push_back(json_of(blob));
  }
  OrderedJson annotations = {{std::string(kChainId), artifact.chain_id.text()},
                             {std::string(kDiffId), artifact.diff_id.text()},
                             {std::string(kIndex), std::to_string(artifact.index)}};
  if (artifact.parent) {
    annotations[std::string(kParent)] = artifact.parent->text();
  }
  const OrderedJson document = {{"schemaVersion", 2},
                                {"mediaType", kArtifactManifestType},
                                {"artifactType", kArtifactType},
                                {"config",
                                 {{"mediaType", kEmptyType},
                                  {"digest", Digest(Sha256::of(as_bytes(kEmptyDocument))).text()},
                                  {"size", kEmptyDocument.size()},
                                  {"data", base64_of(as_bytes(kEmptyDocument))}}},
                                {"layers", std::move(layers)},
                                {"subject",
                                 {{"mediaType", artifact.subject.media_type},
                                  {"digest", artifact.subject.digest.text()},
                                  {"size", artifact.subject.size}}},
                                {"annotations", std::move(annotations)}};
  return document.dump();
}

nlohmann::json index_entry_of(const Artifact& artifact) {
  return {{"mediaType", kArtifactManifestType},
          {"digest", artifact.manifest.digest.text()},
          {"size", artifact.manifest.size},
          {"artifactType", kArtifactType},
          {"annotations",
           {{std::string(kChainId), artifact.chain_id.text()},
            {std::string(kIndex), std::to_string(artifact.index)}}}};
}

std::string encode(const SidecarList& list) {
  Json files = Json::object();
  for (const auto& [path, digest] : list.files) {
    files[path] = "sha256:" + digest;
  }
  Json document = {{"version", kSidecarListVersion},
                   {"madeHives", list.made_hives},
                   {"files", std::move(files)}};
  if (!list.build.empty()) {
    document["utilityVmBuild"] = list.build;
  }
  return document.dump();
}

SidecarList parse_sidecar_list(ByteView text, const std::string& subject) {
  const Json document = parse_json(text, subject);
  const Members members(document, subject, "the list of sidecar files");
  if (members.required_size("version") != kSidecarListVersion) {
    throw Error(ErrorCode::kUnsupported, subject,
                "the list of sidecar files has a version that is not supported");
  }
  SidecarList list;
  const Json& made = members.required("madeHives");
  const Json& files = members.required("files");
  if (!made.is_boolean() || !files.is_object()) {
    members.fail("does not have the form of one");
  }
  list.made_hives = made.get<bool>();
  for (const auto& [path, digest] : files.items()) {
    if (!is_listed_sidecar(path)) {
      members.fail(fmt::format("names a file that is not a sidecar file: {}", printable(path)));
    }
    list.files.emplace(path, members.digest_of(digest, "files").hex());
  }
  list.build = members.text("utilityVmBuild");
  if (list.build.size() > kLongestBuild ||
      !std::ranges::all_of(list.build, [](char c) { return c >= '0' && c <= '9'; })) {
    members.fail("has an impossible build number");
  }
  return list;
}

Bytes encode(const FrameDigests& digests) {
  Bytes bytes;
  for (const Sha256Digest& digest : digests) {
    append(bytes, ByteView(digest));
  }
  return bytes;
}

FrameDigests parse_frame_digests(ByteView bytes, const Artifact& artifact,
                                 const std::string& subject) {
  constexpr std::size_t kSize = sizeof(Sha256Digest);
  if (bytes.size() % kSize != 0 || bytes.size() / kSize != artifact.frames()) {
    throw Error(
        ErrorCode::kCorrupt, subject,
        fmt::format("has {} bytes of digests for {} frames", bytes.size(), artifact.frames()));
  }
  FrameDigests digests(bytes.size() / kSize);
  if (!digests.empty()) {
    std::memcpy(digests.data(), bytes.data(), bytes.size());
  }
  return digests;
}

FrameDigests digests_of(const FrameDigests& all, const Artifact& artifact,
                        const ArtifactBlob& blob) {
  std::uint64_t first = 0;
  for (const ArtifactBlob& each : artifact.blobs) {
    if (&each == &blob) {
      break;
    }
    first += each.has_frames() ? frame_count(each.plain_size) : 0;
  }
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(frame_count(blob.plain_size))};
}

}  // namespace cim::oci
