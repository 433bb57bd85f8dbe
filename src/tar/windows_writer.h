// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing the tar of a Windows layer as go-winio writes it; the counterpart of WindowsReader.
//
//   WindowsWriter writer(sink);
//   writer.add({.path = {u"Files"}, .kind = RecordKind::kDirectory, .attributes = 0x10, ...});
//   writer.add({.path = {u"Files", u"a.txt"}, .size = 5, ...});
//   writer.write(bytes);
//   writer.finish();
//
// What the dialect can't carry (reparse points other than symbolic links and junctions, those with
// unusual names, flags and order of extended attributes) goes into records of cimlib's own, which
// WindowsReader reads and every other reader passes over: CIMLIB.reparse and CIMLIB.eas, the whole
// buffer in base64. They never contradict what other readers see (windows_metadata.h): a link that
// shows another target than it leads to loses what it shows, and of extended attributes of one name
// readers take one.

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/operation_guard.h"
#include "tar/sink.h"
#include "tar/windows_records.h"
#include "tar/writer.h"

namespace cim::tar {

/// After an exception every further call throws it again.
class WindowsWriter {
 public:
  /// `sink` must outlive it.
  explicit WindowsWriter(Sink& sink) : writer_(sink) {}

  /// Starts a record; files and streams have `size` bytes, which follow in write(). Attributes and
  /// times of a hard link should be those of the file. Streams must follow their file or directory,
  /// else kInvalidArgument, as for a body that is not complete. Throws kUnsupported for names that
  /// readers take for whiteouts, kCorrupt for reparse data and extended attributes that are none,
  /// kLimit for metadata of more than 1 MiB.
  void add(const WindowsRecord& record);

  void write(ByteView bytes, std::shared_ptr<const void> owner = nullptr) {
    guard_.run([&] { writer_.write(bytes, std::move(owner)); });
  }
  void finish() {
    guard_.close([this] { writer_.finish(); });
  }

  /// Whether the last record has records that cimlib alone reads.
  bool has_own_records() const noexcept { return has_own_records_; }
  /// Whether some of the last record's metadata had to be left out.
  bool loses_metadata() const noexcept { return loses_metadata_; }
  /// Bytes of the tar so far.
  std::uint64_t offset() const noexcept { return writer_.offset(); }

 private:
  void put(const WindowsRecord& record);
  void begin(const WindowsRecord& record, NewEntry entry);
  void begin_stream(const WindowsRecord& record);
  void put_metadata(const WindowsRecord& record);
  void put_extended_attributes(ByteView list);
  void put_target(const WindowsRecord& record);
  void put_base64(std::string_view key, ByteView bytes);
  void put_own(std::string_view key, ByteView bytes);

  Writer writer_;
  OperationGuard guard_{"tar", "it is finished already"};
  std::string path_;
  std::string link_;
  std::string own_;      // records of cimlib, which come first
  std::string records_;  // the others
  std::string value_;
  bool has_own_records_ = false;
  bool loses_metadata_ = false;
  // What streams repeat of the file before them; a path that takes none is empty.
  Names file_;
  std::uint32_t file_mode_ = 0;
  FileTimes file_times_;
};

}  // namespace cim::tar
