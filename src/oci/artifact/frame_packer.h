// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing files as blobs of an artifact: in frames (seek_table.h) that can be fetched, verified and
// unpacked one by one.

#include <cstdint>
#include <deque>
#include <functional>
#include <stop_token>
#include <vector>

#include "async/worker.h"
#include "base/bytes.h"
#include "oci/artifact/seek_table.h"
#include "os/crypto.h"
#include "os/file.h"

namespace cim::oci {

/// A file in packed form.
struct PackedFile {
  PackedSizes sizes;
  Sha256Digest digest{};                    ///< of the packed bytes
  Sha256Digest plain_digest{};              ///< of the plain bytes
  Bytes seek_table;                         ///< the last sizes.table bytes
  std::vector<Sha256Digest> frame_digests;  ///< of the packed bytes of each frame
};

/// Packs a file into an empty one. `progress` receives the number of plain bytes done, from 0.
/// Throws kCancelled, kCorrupt if the file becomes shorter meanwhile, and what writing throws.
PackedFile pack_file(const File& plain, File& packed,
                     const std::function<void(std::uint64_t)>& progress,
                     const std::stop_token& stop);

/// Unpacks the frames of a file, in order, and verifies each.
class FrameUnpacker {
 public:
  /// `digests` are those of the frames, as many. `subject` names the blob.
  FrameUnpacker(std::vector<Frame> frames, std::vector<Sha256Digest> digests, std::string subject)
      : frames_(std::move(frames)), digests_(std::move(digests)), subject_(std::move(subject)) {}

  /// Takes the next bytes of the packed file and calls `write` for the plain bytes of each frame
  /// that is complete. Throws kCorrupt for a frame of a wrong digest or size.
  void take(ByteView packed, const std::function<void(Bytes)>& write);

  /// Returns true once all frames were unpacked.
  bool is_complete() const noexcept { return next_ == frames_.size(); }

 private:
  std::vector<Frame> frames_;
  std::vector<Sha256Digest> digests_;
  std::string subject_;
  std::size_t next_ = 0;
  Bytes gathered_;  // of the next frame
};

/// Writes plain frames to a file and computes their digest, in a thread of its own.
class FrameWriter {
 public:
  /// The file must outlive this object.
  explicit FrameWriter(File& file);
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;

  /// Appends a frame, whose zeros become a hole if it has nothing else. Waits while too many are
  /// not written yet. Throws the error of a write.
  void append(Bytes frame);
  /// Waits until everything is written, and returns the digest of all bytes.
  Sha256Digest finish();

 private:
  void write_next(Worker::Lock& lock);

  File& file_;
  Sha256 hash_;
  std::uint64_t end_ = 0;
  std::deque<Bytes> frames_;
  Worker worker_;  // last, since its thread uses all others
};

/// Verifies and unpacks one frame. Throws kCorrupt.
void unpack_frame(ByteView packed, const Sha256Digest& digest, std::span<std::byte> plain,
                  const std::string& subject);

}  // namespace cim::oci
