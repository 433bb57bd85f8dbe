// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Documents are read completely and verified before they are parsed; layers are verified in pieces
// here and read a second time by the import.
#include "oci/layout.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "base/printable.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim::oci {
namespace {

constexpr std::size_t kPieceSize = std::size_t{1} << 20;

[[noreturn]] void fail_size(const std::filesystem::path& blob, std::uint64_t size,
                            std::uint64_t wanted) {
  throw Error(ErrorCode::kCorrupt, blob.string(),
              fmt::format("the blob has {} bytes, expected {}", size, wanted));
}

[[noreturn]] void fail_digest(const std::filesystem::path& blob, const Digest& digest) {
  throw Error(ErrorCode::kCorrupt, blob.string(),
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

}  // namespace

Layout::Layout(std::filesystem::path directory) : directory_(std::move(directory)) {
  const auto version = directory_ / "oci-layout";
  if (!std::filesystem::exists(status_of(version))) {
    throw Error(ErrorCode::kNotFound, directory_.string(),
                "not an OCI image layout: it has no file oci-layout");
  }
  check_layout_version(parse_json(read_whole_file(version, kLargestDocument), version.string()),
                       version.string());
}

std::vector<Descriptor> Layout::index() const {
  const auto path = directory_ / "index.json";
  return parse_index(parse_json(read_whole_file(path, kLargestDocument), path.string()),
                     path.string());
}

std::filesystem::path Layout::path_of(const Digest& digest) const {
  return directory_ / "blobs" / "sha256" / digest.hex();
}

bool Layout::has_blob(const Descriptor& descriptor) const {
  return std::filesystem::exists(status_of(path_of(descriptor.digest)));
}

std::string Layout::subject_of(const Digest& digest) const {
  return path_of(digest).string();
}

ByteSource Layout::blob(const Descriptor& descriptor) const {
  return path_of(descriptor.digest);
}

void Layout::check_presence(const Descriptor& descriptor) const {
  const auto path = path_of(descriptor.digest);
  if (!has_blob(descriptor)) {
    throw Error(ErrorCode::kNotFound, path.string(),
                "the layout does not have this blob" + where_else(descriptor));
  }
  const std::uint64_t size = File::open_read(path).size();
  if (size != descriptor.size) {
    fail_size(path, size, descriptor.size);
  }
}

void Layout::verify(const Descriptor& descriptor, const ProgressSink& progress,
                    const std::stop_token& stop) const {
  const File file = File::open_read(path_of(descriptor.digest));
  Sha256 hash;
  Bytes buffer(kPieceSize);
  std::uint64_t done = 0;
  // Reads at most one piece beyond the expected size: a growing file would never end.
  while (done <= descriptor.size) {
    if (stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, file.path().string(), "the import was cancelled");
    }
    const std::size_t got = file.read_some_at(done, buffer);
    if (got == 0) {
      break;
    }
    hash.update(ByteView(buffer).first(got));
    done += got;
    if (progress) {
      progress({.bytes_done = done, .bytes_total = descriptor.size, .current = {}});
    }
  }
  if (done != descriptor.size) {
    fail_size(file.path(), done, descriptor.size);
  }
  const Digest found(hash.finish());
  if (found != descriptor.digest) {
    fail_digest(file.path(), found);
  }
}

// A document is small enough to be verified in one piece.
Bytes Layout::document(const Descriptor& descriptor) const {
  check_presence(descriptor);
  const auto path = path_of(descriptor.digest);
  Bytes bytes = read_whole_file(path, kLargestDocument);
  const Digest found(Sha256::of(bytes));
  if (found != descriptor.digest) {
    fail_digest(path, found);
  }
  return bytes;
}

}  // namespace cim::oci
