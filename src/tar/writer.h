// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes a tar as Go's archive/tar writes it: POSIX headers, preceded by an extended header (PAX)
// for entries that need one.
//
//   Writer writer(sink);
//   writer.begin({.path = "Files/a.txt", .size = 5});
//   writer.write(bytes);
//   writer.finish();

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "cimlib/filetime.h"

#include "async/shared_bytes.h"
#include "base/bytes.h"
#include "base/operation_guard.h"
#include "tar/header.h"
#include "tar/sink.h"

namespace cim::tar {

/// The header of an entry. The views are read only during the call.
struct NewEntry {
  std::string_view path;
  std::string_view link{};  ///< the target of a hard link or symbolic link
  TypeFlag type = TypeFlag::kRegular;
  std::uint32_t mode = 0;  ///< at most 21 bits
  std::uint64_t size = 0;  ///< of the body, in bytes; only for regular files
  UnixTime mtime{};
  /// Records as append_pax_record() writes them, sorted by key; all keys must sort before
  /// "linkpath". Its record and those for mtime, path and size are added if the header cannot hold
  /// the value.
  std::string_view records{};
};

/// After an exception every further call throws it again.
class Writer {
 public:
  /// `sink` must outlive this object.
  explicit Writer(Sink& sink);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Starts an entry, whose body follows in write(). Throws kInvalidArgument if the body of the
  /// previous entry is incomplete, kLimit for records of more than 1 MiB, which no reader accepts.
  void begin(const NewEntry& entry);

  /// Writes the next bytes of the body. Throws kInvalidArgument if they exceed its size. If they
  /// have an owner, they may be passed to the sink without being copied.
  void write(ByteView bytes, std::shared_ptr<const void> owner = nullptr);

  /// Writes the end marker. Does not finish the sink.
  void finish();

  /// Returns the number of bytes of the tar so far.
  std::uint64_t offset() const noexcept { return offset_; }

 private:
  void start(const NewEntry& entry);
  void close_entry();
  void begin_records(const NewEntry& entry);
  void put(const SharedBytes& bytes);
  void put(ByteView bytes) { put({bytes, nullptr}); }
  void put_padding();
  void flush();

  Sink& sink_;
  OperationGuard guard_{"tar", "it is already finished"};
  BufferPool buffers_;
  std::shared_ptr<BufferPool::Buffer> buffer_;  // bytes not yet passed to the sink
  std::size_t buffered_ = 0;
  std::string records_;
  std::uint64_t offset_ = 0;
  std::uint64_t body_left_ = 0;
};

}  // namespace cim::tar
