// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/artifact/frame_packer.h"

#include <algorithm>

#include "cimlib/error.h"

#include "tar/zstd_frames.h"

namespace cim::oci {

PackedFile pack_file(const File& plain, File& packed, FrameForm form,
                     const std::function<void(std::uint64_t)>& progress,
                     const std::stop_token& stop) {
  PackedFile result;
  Sha256 packed_hash;
  Sha256 plain_hash;
  std::vector<Frame> frames;
  const std::uint64_t size = plain.size();
  std::uint64_t end = 0;
  Bytes buffer(kFrameSize);
  Bytes compressed;
  for (std::uint64_t at = 0; at < size; at += kFrameSize) {
    if (stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, plain.path().string(), "was cancelled");
    }
    const auto piece = std::span(buffer).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(kFrameSize, size - at)));
    plain.read_at(at, piece);
    plain_hash.update(piece);
    ByteView frame = piece;
    if (form == FrameForm::kZstd) {
      compressed = tar::pack_zstd_frame(piece);
      frame = compressed;
    }
    packed.write_at(end, frame);
    packed_hash.update(frame);
    result.frame_digests.push_back(Sha256::of(frame));
    frames.push_back(
        {end, static_cast<std::uint32_t>(frame.size()), static_cast<std::uint32_t>(piece.size())});
    end += frame.size();
    if (progress) {
      progress(at + piece.size());
    }
  }
  if (form == FrameForm::kZstd) {
    result.seek_table = encode_seek_table(frames);
    packed.write_at(end, result.seek_table);
    packed_hash.update(result.seek_table);
  }
  result.sizes = {size, end + result.seek_table.size(), result.seek_table.size()};
  result.digest = packed_hash.finish();
  result.plain_digest = plain_hash.finish();
  return result;
}

void unpack_frame(ByteView packed, FrameForm form, const Sha256Digest& digest,
                  std::span<std::byte> plain, const std::string& subject) {
  if (Sha256::of(packed) != digest) {
    throw Error(ErrorCode::kCorrupt, subject, "a frame does not have the digest stated for it");
  }
  if (form == FrameForm::kZstd) {
    tar::unpack_zstd_frame(packed, plain, subject);
  } else {
    std::ranges::copy(packed.first(std::min(packed.size(), plain.size())), plain.begin());
  }
}

// Whatever follows the frames is the seek table.
void FrameSplitter::take(ByteView packed, const std::function<void(SharedBytes)>& pass) {
  while (!packed.empty() && !is_complete()) {
    if (gathered_ == nullptr) {
      gathered_ = buffers_.take();
    }
    const std::size_t wanted = frames_[next_].packed_size;
    const ByteView piece = packed.first(std::min(packed.size(), wanted - gathered_size_));
    std::ranges::copy(piece, gathered_->subspan(gathered_size_).begin());
    gathered_size_ += piece.size();
    packed = packed.subspan(piece.size());
    if (gathered_size_ == wanted) {
      ++next_;
      gathered_size_ = 0;
      const ByteView frame = ByteView(*gathered_).first(wanted);
      pass({frame, std::exchange(gathered_, nullptr)});
    }
  }
}

}  // namespace cim::oci
