// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Storing in a thread of its own: data are hashed, compared and appended while the next file is
// looked at.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "cimlib/file_info.h"
#include "cimlib/image_writer.h"

#include "base/shared_bytes.h"
#include "format/region_offset.h"
#include "format/stream.h"
#include "image/data_writer.h"
#include "image/object_store.h"

namespace cim {

/// What of a file's record refers to an object.
enum class RecordPart {
  kSecurityDescriptor,
  kExtendedAttributes,
  kReparseData,
  kData,
  kAlternateStream,
};

/// Whose place an object's is.
struct StoredFor {
  FileId file = 0;
  RecordPart part = RecordPart::kData;
  std::uint32_t alternate = 0;  ///< which one, of alternate streams
};

/// What became of it.
struct Stored {
  StoredFor whose;
  format::RegionOffset object;  ///< of descriptors, extended attributes and reparse data
  format::Stream stream;        ///< of the others
};

/// Objects are stored in the order asked for, so that the same calls make the same regions. A few
/// mebibytes wait at most. For one caller; without much to do there is no thread.
class StoreQueue {
 public:
  /// `store` is the queue's alone, but after settle() until the next call. It must outlive this.
  explicit StoreQueue(ObjectStore& store) : store_(store), data_(store) {}
  StoreQueue(const StoreQueue&) = delete;
  StoreQueue& operator=(const StoreQueue&) = delete;
  /// Leaves out what was not stored yet.
  ~StoreQueue();

  // All of these throw what storing something before failed with.

  /// An object of the metadata region.
  void add(StoredFor whose, ByteView object);
  /// `whose` has no such object any more.
  void add_none(StoredFor whose);

  /// A stream: its size, then bytes, in all at most that many, then its end.
  void start(std::uint64_t size, PeExpansion expansion);
  void write(const SharedBytes& bytes);
  void finish(StoredFor whose);

  /// What was stored since the last call, in order.
  std::vector<Stored> take_stored();

  /// Waits until all is stored.
  void settle();

  /// After settle(): as DataWriter's.
  std::uint64_t deduplicated_bytes() const noexcept { return data_.deduplicated_bytes(); }

 private:
  enum class StepKind { kAdd, kAddNone, kStart, kWrite, kFinish };

  struct Step {
    StepKind kind = StepKind::kAdd;
    PeExpansion expansion = PeExpansion::kExpand;
    StoredFor whose{};
    std::uint64_t size = 0;            // of a stream, or of the bytes
    const std::byte* bytes = nullptr;  // null if they are the next of the batch's copied ones
  };

  // What goes from thread to thread at a time.
  struct Batch {
    std::vector<Step> steps;
    Bytes copied;
    std::shared_ptr<const void> owner;  // of all bytes that are not copied
    std::uint64_t size = 0;             // of all bytes
  };

  void push(const Step& step);
  void push_copy(Step step, ByteView bytes);
  void hand_over();
  void run();
  void carry_out(const Batch& batch);
  void carry_out_noting_failure(const Batch& batch) noexcept;
  void rethrow_failure() const;

  ObjectStore& store_;
  DataWriter data_;
  Batch open_;
  std::vector<Stored> new_stored_;  // of the batch that is carried out

  std::mutex mutex_;
  std::condition_variable work_came_;
  std::condition_variable work_is_done_;
  std::deque<Batch> batches_;  // the first is being carried out
  std::vector<Stored> stored_;
  bool stops_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace cim
