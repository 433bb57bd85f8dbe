// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A hive or boot store may be edited until the layer is closed, so its bytes exist only as a staged
// file until then. The image has an empty file in its place, which fill() gives the final bytes.
#include "layer/deferred_files.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "cimlib/error.h"

#include "os/file.h"

namespace cim::layer {
namespace {

constexpr std::size_t kCopyPiece = std::size_t{1} << 20;

}  // namespace

File& DeferredFiles::add(const ImagePath& path, std::string_view sidecar_path) {
  File& file = sidecars_.add(sidecar_path);
  deferred_.emplace(sidecar_path, Deferred{path, Deferred::Bytes::kOwn});
  return file;
}

void DeferredFiles::add_name(const ImagePath& path, std::string_view sidecar_path,
                             std::string_view existing) {
  sidecars_.add_copy(sidecar_path, existing);
  deferred_.emplace(sidecar_path, Deferred{path, Deferred::Bytes::kOtherName});
}

void DeferredFiles::drop_below(const ImagePath& path) {
  for (auto it = deferred_.begin(); it != deferred_.end();) {
    if (it->second.path.starts_with(path)) {
      fill(it->first, it->second);
      sidecars_.remove(it->first);
      it = deferred_.erase(it);
    } else {
      ++it;
    }
  }
}

void DeferredFiles::require_own_bytes(std::string_view sidecar_path) const {
  const auto deferred = deferred_.find(sidecar_path);
  if (deferred != deferred_.end() && deferred->second.bytes == Deferred::Bytes::kOtherName) {
    throw Error(ErrorCode::kUnsupported, deferred->second.path.to_string(),
                "this file must be edited, but is a hard link to one that is not");
  }
}

void DeferredFiles::fill() {
  for (const auto& [sidecar_path, deferred] : deferred_) {
    fill(sidecar_path, deferred);
  }
}

void DeferredFiles::fill(std::string_view sidecar_path, const Deferred& deferred) {
  if (deferred.bytes == Deferred::Bytes::kOtherName) {
    return;
  }
  const File file = File::open_read(sidecars_.staged(sidecar_path));
  const std::uint64_t size = file.size();
  image_.replace_data(deferred.path, size);
  Bytes piece(kCopyPiece);
  for (std::uint64_t at = 0; at < size;) {
    const std::size_t got = file.read_some_at(at, piece);
    image_.write(ByteView(piece).first(got));
    at += got;
  }
}

}  // namespace cim::layer
