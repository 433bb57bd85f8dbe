// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/artifact/frame_packer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cimlib/error.h"

#include "async/shared_bytes.h"
#include "tar/zstd_frames.h"

namespace cim::oci {
namespace {

// Frames that were unpacked and not written yet.
constexpr std::size_t kMostWaiting = 4;

}  // namespace

PackedFile pack_file(const File& plain, File& packed,
                     const std::function<void(std::uint64_t)>& progress,
                     const std::stop_token& stop) {
  PackedFile result;
  Sha256 packed_hash;
  Sha256 plain_hash;
  std::vector<Frame> frames;
  const std::uint64_t size = plain.size();
  std::uint64_t end = 0;
  Bytes buffer(kFrameSize);
  for (std::uint64_t at = 0; at < size; at += kFrameSize) {
    if (stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, plain.path().string(), "was cancelled");
    }
    const auto piece = std::span(buffer).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(kFrameSize, size - at)));
    plain.read_at(at, piece);
    plain_hash.update(piece);
    const Bytes frame = tar::pack_zstd_frame(piece);
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
  result.seek_table = encode_seek_table(frames);
  packed.write_at(end, result.seek_table);
  packed_hash.update(result.seek_table);
  result.sizes = {size, end + result.seek_table.size(), result.seek_table.size()};
  result.digest = packed_hash.finish();
  result.plain_digest = plain_hash.finish();
  return result;
}

void unpack_frame(ByteView packed, const Sha256Digest& digest, std::span<std::byte> plain,
                  const std::string& subject) {
  if (Sha256::of(packed) != digest) {
    throw Error(ErrorCode::kCorrupt, subject, "a frame does not have the digest stated for it");
  }
  tar::unpack_zstd_frame(packed, plain, subject);
}

// Whatever follows the frames is the seek table.
void FrameUnpacker::take(ByteView packed, const std::function<void(Bytes)>& write) {
  while (!packed.empty() && !is_complete()) {
    const Frame& frame = frames_[next_];
    const std::size_t size = std::min(packed.size(), frame.packed_size - gathered_.size());
    append(gathered_, packed.first(size));
    packed = packed.subspan(size);
    if (gathered_.size() == frame.packed_size) {
      Bytes plain(frame.plain_size);
      unpack_frame(gathered_, digests_[next_], plain, subject_);
      write(std::move(plain));
      gathered_.clear();
      ++next_;
    }
  }
}

FrameWriter::FrameWriter(File& file)
    : file_(file),
      worker_([this] { return !frames_.empty(); },
              [this](Worker::Lock& lock) { write_next(lock); }) {}

void FrameWriter::append(Bytes frame) {
  worker_.start();
  {
    auto lock = worker_.lock();
    worker_.wait(lock, [this] { return frames_.size() < kMostWaiting; });
    frames_.push_back(std::move(frame));
  }
  worker_.wake();
}

// The frame stays in the queue until it is written.
void FrameWriter::write_next(Worker::Lock& lock) {
  const Bytes& frame = frames_.front();
  lock.unlock();
  hash_.update(frame);
  if (!is_zero(frame)) {
    file_.write_at(end_, frame);
  }
  end_ += frame.size();
  lock.lock();
  frames_.pop_front();
}

Sha256Digest FrameWriter::finish() {
  auto lock = worker_.lock();
  worker_.wait(lock, [this] { return frames_.empty(); });
  return hash_.finish();
}

}  // namespace cim::oci
