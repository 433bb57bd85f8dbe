// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The region files of an image in a registry, read by ranges of their packed blobs.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "image/read/image_files.h"
#include "oci/artifact/seek_table.h"
#include "oci/artifact_manifest.h"
#include "oci/remote/frame_cache.h"
#include "oci/remote/session.h"

namespace cim::oci {

/// Sessions to one repository that threads take turns in. Safe to use from several threads.
class SessionPool {
 public:
  /// `options` must outlive this object.
  SessionPool(Reference reference, const RemoteOptions& options)
      : reference_(std::move(reference)), options_(options) {}

  /// Calls back with a session that no other thread uses meanwhile.
  Bytes use(const std::function<Bytes(Session&)>& action);
  /// Returns a session for the calling thread, which must be the only one that uses the pool until
  /// it no longer uses the session.
  Session& first();

 private:
  Reference reference_;
  const RemoteOptions& options_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Session>> idle_;
  std::size_t count_ = 0;
};

/// The state that the regions of an image share. Safe to use from several threads.
class FrameStore {
 public:
  FrameStore(Reference reference, RemoteOptions options, std::filesystem::path cache,
             std::uint64_t cache_size);

  using Frames = std::shared_ptr<const Bytes>;
  using Key = std::pair<std::string, std::size_t>;  ///< digest of the blob, number of the frame

  /// Returns an unpacked frame that was used recently; null if there is none.
  Frames find(const Key& key);
  void insert(const Key& key, Frames frame);
  /// Keeps a frame that nothing needs yet, unless there is no room. It is the first to be removed.
  void insert_if_room(const Key& key, Frames frame);

  FrameCache& cache() noexcept { return cache_; }
  /// Returns a part of a blob, not verified. A failure is kIo, also if the registry lacks the blob:
  /// to a reader of the image, kNotFound would mean that a file in it is missing.
  Bytes fetch(const Descriptor& blob, std::uint64_t offset, std::size_t size);
  const std::string& subject() const noexcept { return subject_; }
  /// As SessionPool::first().
  Session& session() { return sessions_.first(); }

 private:
  RemoteOptions options_;
  std::string subject_;
  SessionPool sessions_;
  FrameCache cache_;
  std::mutex mutex_;
  std::list<std::pair<Key, Frames>> recent_;  // the most recently used one first
  std::map<Key, std::list<std::pair<Key, Frames>>::iterator> places_;
};

/// One region. A frame that is read is fetched, verified and kept, and others by the same request:
/// while frames are read in order, more and more of the following ones; of metadata, since all of
/// it is needed sooner or later, and of small blobs an aligned group.
class RemoteRegion final : public RegionSource {
 public:
  RemoteRegion(std::shared_ptr<FrameStore> store, ArtifactBlob blob, FrameDigests digests);

  std::uint64_t size() const noexcept override { return blob_.plain_size; }
  std::uint64_t size_without_holes() const noexcept override;
  void read_at(std::uint64_t offset, std::span<std::byte> into) const override;

 private:
  struct Range {
    std::size_t first = 0;
    std::size_t end = 0;
  };

  FrameStore::Frames frame(std::size_t number) const;
  FrameStore::Frames load(std::size_t number, Range range) const;
  void load_table() const;
  /// Returns the frames to fetch for one of them; other threads are loading none of them.
  Range range_to_fetch(std::size_t number) const;
  FrameStore::Frames fetch(std::size_t number, Range range) const;
  FrameStore::Frames unpack(std::size_t number, ByteView packed) const;
  FrameStore::Key key_of(std::size_t number) const { return {blob_.digest.hex(), number}; }

  std::shared_ptr<FrameStore> store_;
  ArtifactBlob blob_;
  FrameDigests digests_;
  Descriptor descriptor_;
  bool has_groups_;
  mutable std::mutex mutex_;                // guards all members below
  mutable std::condition_variable loaded_;  // when a frame is no longer in loading_
  mutable std::set<std::size_t> loading_;   // frames that a thread is loading
  mutable std::vector<Frame> frames_;       // set once, when the table was read
  mutable bool has_table_ = false;
  mutable std::set<std::size_t> fetched_groups_;  // their numbers
  mutable std::size_t next_ = 0;                  // the frame after those fetched last
  mutable std::size_t in_order_ = 0;              // frames fetched at once, in order
};

}  // namespace cim::oci
