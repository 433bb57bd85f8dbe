// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/artifact_import.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "async/file_appender.h"
#include "async/shared_bytes.h"
#include "async/source_reader.h"
#include "async/write_behind.h"
#include "image/read/region_files.h"
#include "layer/layer_marker.h"
#include "layer/tar_record.h"
#include "oci/artifact/frame_packer.h"
#include "oci/artifact/frame_unpacker.h"
#include "oci/artifact/layer_assembly.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim::oci {
namespace {

using std::filesystem::path;

constexpr std::size_t kMostArtifacts = 2000;
// A record has less than a few percent of its tar.
constexpr std::uint64_t kLargestTarRecord = std::uint64_t{256} << 20;
constexpr std::uint64_t kLargestUnpackedRecord = std::uint64_t{4} << 30;

/// Returns the first blob with frames after `blob`, or of all if that is null; null if there is
/// none.
const ArtifactBlob* next_frames(const Artifact& artifact, const ArtifactBlob* blob) {
  bool is_after = blob == nullptr;
  for (const ArtifactBlob& each : artifact.blobs) {
    if (is_after && each.has_frames()) {
      return &each;
    }
    is_after = is_after || &each == blob;
  }
  return nullptr;
}

// One import of one layer.
class LayerImport {
 public:
  LayerImport(const DocumentSource& source, const Artifact& artifact, const ArtifactImport& options)
      : source_(source),
        artifact_(artifact),
        options_(options),
        subject_(source.subject_of(artifact.manifest.digest)) {
    if (plain_size_of(artifact) > options.size_limit) {
      throw Error(ErrorCode::kLimit, subject_,
                  fmt::format("the files of the image have {} bytes, more than the {} allowed",
                              plain_size_of(artifact), options.size_limit));
    }
    for (const ArtifactBlob& blob : artifact.blobs) {
      total_ += blob.has_frames() ? blob.size : 0;
    }
  }

  std::optional<std::uint64_t> run() {
    const ArtifactBlob& frames = *artifact_.find(ArtifactPart::kFrames);
    const FrameDigests digests = parse_frame_digests(small_blob(source_, frames), artifact_,
                                                     source_.subject_of(frames.digest));
    const ArtifactBlob& listed = *artifact_.find(ArtifactPart::kSidecars);
    const SidecarList sidecars =
        parse_sidecar_list(small_blob(source_, listed), source_.subject_of(listed.digest));
    const ImageParts parts{
        .region_set = artifact_.region_set,
        .regions = artifact_.regions,
        .filesystem = small_blob(source_, *artifact_.find(ArtifactPart::kFilesystem))};
    check_filesystem(parts, options_.parent, subject_);  // before anything large is read
    LayerAssembly assembly(options_.layer, options_.parent, options_.lock_timeout);
    for (const ArtifactBlob& blob : artifact_.blobs) {
      if (blob.has_frames()) {
        unpack(blob, digests_of(digests, artifact_, blob), assembly.add(blob.name));
      }
    }
    const auto tar_size = import_tar_record();
    if (options_.next != nullptr) {
      start_reading(next_frames(*options_.next, nullptr));
    }
    assembly.publish(parts, sidecars);
    return tar_size;
  }

 private:
  void unpack(const ArtifactBlob& blob, FrameDigests digests, File& file) {
    WriteBehind write_behind;
    FileAppender appender(file, write_behind);
    if (blob.form == FrameForm::kZstd) {
      append_unpacked(blob, std::move(digests), appender);
    } else {  // these bytes have the digest of the blob, so the frames need not be verified
      read_ahead(blob, [&](const SharedBytes& plain) { appender.append(plain); });
    }
    appender.finish();
    Bytes header(
        static_cast<std::size_t>(std::min<std::uint64_t>(blob.header.size(), blob.plain_size)));
    file.read_at(0, header);
    if (header != blob.header) {
      throw Error(ErrorCode::kCorrupt, source_.subject_of(blob.digest),
                  "begins with other bytes than stated");
    }
    file.start_writeback(0, 0);
  }

  void append_unpacked(const ArtifactBlob& blob, FrameDigests digests, FileAppender& appender) {
    const std::string subject = source_.subject_of(blob.digest);
    FrameSplitter splitter(frames_of(source_, blob));
    FrameUnpacker unpacker(
        {.frames = splitter.frames(), .digests = std::move(digests), .subject = subject}, appender);
    const auto unpack_next = [&](SharedBytes frame) { unpacker.add(std::move(frame)); };
    read_ahead(blob, [&](const SharedBytes& packed) { splitter.take(packed.bytes, unpack_next); });
    if (!splitter.is_complete()) {
      throw Error(ErrorCode::kCorrupt, subject, "ends within a frame");
    }
    if (Digest(unpacker.finish()) != *blob.plain_digest) {
      throw Error(ErrorCode::kCorrupt, subject, "unpacks to bytes of another digest than stated");
    }
  }

  // Reads a blob, during which the download of the next one begins.
  void read_ahead(const ArtifactBlob& blob, const std::function<void(const SharedBytes&)>& take) {
    bool is_first = true;
    read(blob, [&](const SharedBytes& bytes) {
      if (std::exchange(is_first, false)) {
        start_reading(next_frames(artifact_, &blob));
      }
      take(bytes);
    });
  }

  void start_reading(const ArtifactBlob* blob) const noexcept {
    if (blob != nullptr) {
      source_.start_reading(blob->descriptor());
    }
  }

  // Reads a blob; at the end its size and digest are right.
  void read(const ArtifactBlob& blob, const std::function<void(const SharedBytes&)>& take) {
    const Descriptor descriptor = blob.descriptor();
    source_.check_presence(descriptor);
    const auto reader = source_.open_reader(descriptor, buffers_, options_.lock_timeout.stop);
    const bool is_verified = source_.verifies(descriptor);
    Sha256 hash;
    std::uint64_t size = 0;
    for (ByteView run = reader->next(); !run.empty(); run = reader->next()) {
      size += run.size();
      if (size > blob.size) {
        break;
      }
      if (!is_verified) {
        hash.update(run);
      }
      take({run, reader->owner()});
      report(run.size());
    }
    if (options_.lock_timeout.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, subject_, "the import was cancelled");
    }
    const bool is_right =
        size == blob.size && (is_verified || Digest(hash.finish()) == blob.digest);
    if (!is_right) {
      throw Error(ErrorCode::kCorrupt, source_.subject_of(blob.digest),
                  "the blob has another size or digest than stated");
    }
  }

  void report(std::uint64_t bytes) {
    done_ += bytes;
    if (options_.progress) {
      options_.progress({.bytes_done = done_, .bytes_total = total_, .current = {}});
    }
  }

  // The record vouches for nothing: an export compares the digest of the tar.
  std::optional<std::uint64_t> import_tar_record() {
    const ArtifactBlob* const blob = artifact_.find(ArtifactPart::kTarRecord);
    if (blob == nullptr || !options_.tar_record) {
      return std::nullopt;
    }
    if (blob->size > kLargestTarRecord) {
      throw Error(ErrorCode::kLimit, subject_, "the record of the tar is too large");
    }
    total_ += blob->size;
    AtomicFile file(*options_.tar_record);
    std::uint64_t end = 0;
    read(*blob, [&](const SharedBytes& piece) {
      file.file().write_at(end, piece.bytes);
      end += piece.bytes.size();
    });
    const std::uint64_t size = tar_size_of(file.file().path());
    file.publish(Publish::kReplace);
    return size;
  }

  std::uint64_t tar_size_of(const path& record) const {
    std::uint64_t unpacked = 0;
    std::uint64_t content = 0;
    const auto check = [&] {
      if (unpacked > kLargestUnpackedRecord || content > options_.size_limit) {
        throw Error(ErrorCode::kLimit, subject_, "the record of the tar is too large");
      }
    };
    layer::read_tar_record(
        record,
        {.bytes =
             [&](ByteView bytes) {
               unpacked += bytes.size();
               check();
             },
         .content =
             [&](std::uint64_t bytes, const std::string& name, const std::string&) {
               unpacked += name.size();
               content += std::min(bytes, options_.size_limit + 1);
               check();
             }},
        options_.lock_timeout.stop);
    return unpacked + content;
  }

  const DocumentSource& source_;
  const Artifact& artifact_;
  const ArtifactImport& options_;
  std::string subject_;
  BufferPool buffers_{kReadSize};
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

std::vector<Artifact> find_artifacts(const DocumentSource& source, const Descriptor& manifest) {
  std::vector<Artifact> found;
  for (const Descriptor& descriptor : source.referrers(manifest)) {
    if (!is_artifact_entry(descriptor) || descriptor.size > kLargestDocument) {
      continue;
    }
    if (found.size() == kMostArtifacts) {
      throw Error(ErrorCode::kLimit, source.subject_of(manifest.digest),
                  fmt::format("more than {} artifacts refer to it", kMostArtifacts));
    }
    const std::string subject = source.subject_of(descriptor.digest);
    const nlohmann::json document = parse_json(source.document(descriptor), subject);
    if (descriptor.artifact_type.empty() && !is_artifact_manifest(document)) {
      continue;
    }
    Artifact artifact = parse_artifact(document, descriptor, subject);
    if (artifact.subject.digest == manifest.digest) {
      found.push_back(std::move(artifact));
    }
  }
  return found;
}

// Follows the parents of each artifact of the uppermost layer. The numbers descend, so a circle of
// parents cannot be followed.
ArtifactChain find_artifact_chain(const DocumentSource& source, const ChosenImage& image) {
  const std::vector<Artifact> all = find_artifacts(source, image.manifest);
  std::map<std::string, const Artifact*> by_digest;
  for (const Artifact& artifact : all) {
    by_digest.emplace(artifact.manifest.digest.hex(), &artifact);
  }
  const auto& layers = image.description.layers;
  for (const Artifact& top : all) {
    std::vector<const Artifact*> chain;
    const Artifact* next = &top;
    for (std::size_t i = layers.size(); i-- > 0 && next != nullptr;) {
      if (next->index != i || next->chain_id.text() != layers[i].chain_id ||
          next->diff_id.text() != layers[i].diff_id) {
        break;
      }
      chain.push_back(next);
      const auto parent = next->parent ? by_digest.find(next->parent->hex()) : by_digest.end();
      next = parent == by_digest.end() ? nullptr : parent->second;
    }
    if (chain.size() == layers.size()) {
      ArtifactChain result;
      for (auto artifact = chain.rbegin(); artifact != chain.rend(); ++artifact) {
        result.layers.push_back(**artifact);
      }
      return result;
    }
  }
  return {.layers = {},
          .obstacle = all.empty() ? "the image has no artifacts in CIM form"
                                  : "not all layers have artifacts in CIM form"};
}

bool is_from_artifact(const path& image, const Artifact& artifact) {
  return Digest(Sha256::of(read_whole_file(image, kMaxFilesystemFile))) ==
         artifact.find(ArtifactPart::kFilesystem)->digest;
}

std::uint64_t plain_size_of(const Artifact& artifact) noexcept {
  std::uint64_t size = 0;
  for (const ArtifactBlob& blob : artifact.blobs) {
    size += blob.plain_size;
  }
  return size;
}

Bytes small_blob(const DocumentSource& source, const ArtifactBlob& blob) {
  return blob.data ? *blob.data : source.document(blob.descriptor());
}

std::vector<Frame> frames_of(const DocumentSource& source, const ArtifactBlob& blob) {
  if (blob.form == FrameForm::kPlain) {
    return plain_frames(blob.size);
  }
  const std::string subject = source.subject_of(blob.digest);
  if (blob.seek_table) {
    return parse_seek_table(*blob.seek_table, blob.sizes(), subject);
  }
  if (blob.seek_table_size > kLargestDocument) {
    throw Error(ErrorCode::kLimit, subject, "the seek table is too large");
  }
  return parse_seek_table(source.blob_part(blob.descriptor(), blob.size - blob.seek_table_size,
                                           static_cast<std::size_t>(blob.seek_table_size)),
                          blob.sizes(), subject);
}

std::optional<std::uint64_t> import_artifact(const DocumentSource& source, const Artifact& artifact,
                                             const ArtifactImport& options) {
  return LayerImport(source, artifact, options).run();
}

}  // namespace cim::oci
