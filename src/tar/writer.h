// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing a tar as Go's archive/tar writes it: POSIX headers, with an extended header (PAX) in
// front of those entries that need one.
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

/// What begins an entry. Views are read during the call only.
struct NewEntry {
  std::string_view path;
  std::string_view link{};  ///< what a hard link or symbolic link leads to
  TypeFlag type = TypeFlag::kRegular;
  std::uint32_t mode = 0;  ///< at most 21 bits
  std::uint64_t size = 0;  ///< bytes of the body, of regular files only
  UnixTime mtime{};
  /// Records as append_pax_record() makes them, in the order of their keys, all of which come
  /// before "linkpath". That record and the ones for mtime, path and size are added where the
  /// header can't hold the value.
  std::string_view records{};
};

/// After an exception every further call throws it again.
class Writer {
 public:
  /// `sink` must outlive it.
  explicit Writer(Sink& sink);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Starts an entry, whose body follows in write(). The body of the one before must be complete:
  /// kInvalidArgument. Throws kLimit for records of more than 1 MiB, which no reader takes.
  void begin(const NewEntry& entry);

  /// The next bytes of the body. More than its size is kInvalidArgument. If they have an owner, the
  /// sink may get them as they are.
  void write(ByteView bytes, std::shared_ptr<const void> owner = nullptr);

  /// Ends the tar with its end marker. The sink is not finished.
  void finish();

  /// Bytes of the tar so far.
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
  OperationGuard guard_{"tar", "it is finished already"};
  BufferPool buffers_;
  std::shared_ptr<BufferPool::Buffer> buffer_;  // what the sink has not got yet
  std::size_t buffered_ = 0;
  std::string records_;
  std::uint64_t offset_ = 0;
  std::uint64_t body_left_ = 0;
};

}  // namespace cim::tar
