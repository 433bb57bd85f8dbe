// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/deferred_files.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "os/file.h"

namespace cim::layer {
namespace {

constexpr std::size_t kCopyPiece = std::size_t{1} << 20;

bool is_at_or_below(const ImagePath& top, const ImagePath& path) {
  const auto& names = path.names();
  return top.names().size() <= names.size() &&
         std::equal(top.names().begin(), top.names().end(), names.begin(),
                    [](const std::u16string& a, const std::u16string& b) {
                      return compare_ignoring_case(a, b) == 0;
                    });
}

}  // namespace

File& DeferredFiles::add(const ImagePath& path, std::string_view sidecar_path) {
  File& file = sidecars_.add(sidecar_path);
  waiting_.emplace(sidecar_path, Waiting{path, Waiting::Bytes::kOwn});
  return file;
}

void DeferredFiles::add_name(const ImagePath& path, std::string_view sidecar_path,
                             std::string_view existing) {
  sidecars_.add_copy(sidecar_path, existing);
  waiting_.emplace(sidecar_path, Waiting{path, Waiting::Bytes::kOfAnother});
}

void DeferredFiles::give_up_below(const ImagePath& path) {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (is_at_or_below(path, it->second.path)) {
      fill(it->first, it->second);
      sidecars_.remove(it->first);
      it = waiting_.erase(it);
    } else {
      ++it;
    }
  }
}

void DeferredFiles::require_own_bytes(std::string_view sidecar_path) const {
  const auto waiting = waiting_.find(sidecar_path);
  if (waiting != waiting_.end() && waiting->second.bytes == Waiting::Bytes::kOfAnother) {
    throw Error(ErrorCode::kUnsupported, waiting->second.path.to_string(),
                "this file must be edited, but is a hard link to one that is not");
  }
}

void DeferredFiles::fill() {
  for (const auto& [sidecar_path, waiting] : waiting_) {
    fill(sidecar_path, waiting);
  }
}

void DeferredFiles::fill(std::string_view sidecar_path, const Waiting& waiting) {
  if (waiting.bytes == Waiting::Bytes::kOfAnother) {
    return;
  }
  const File file = File::open_read(sidecars_.staged(sidecar_path));
  const std::uint64_t size = file.size();
  image_.replace_data(waiting.path, size);
  Bytes piece(kCopyPiece);
  for (std::uint64_t at = 0; at < size;) {
    const std::size_t got = file.read_some_at(at, piece);
    image_.write(ByteView(piece).first(got));
    at += got;
  }
}

}  // namespace cim::layer
