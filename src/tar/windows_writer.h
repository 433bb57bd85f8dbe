// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes the tar of a Windows layer in the way of go-winio; the counterpart of WindowsReader.
//
//   WindowsWriter writer(sink);
//   writer.add({.path = {u"Files"}, .kind = RecordKind::kDirectory, .attributes = 0x10, ...});
//   writer.add({.path = {u"Files", u"a.txt"}, .size = 5, ...});
//   writer.write(bytes);
//   writer.finish();
//
// Metadata that the dialect cannot express (reparse points other than symbolic links and junctions,
// those with unusual names, flags and order of extended attributes) is stored in cimlib's own
// records, which WindowsReader reads and every other reader ignores: CIMLIB.reparse and CIMLIB.eas,
// each the whole buffer in base64. They never contradict what other readers see
// (windows_metadata.h). If the displayed target of a link differs from its real one, it is lost. If
// several extended attributes have the same name, readers use one of them.

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
  /// `sink` must outlive this object.
  explicit WindowsWriter(Sink& sink, TarScope scope = TarScope::kLayer)
      : writer_(sink), scope_(scope) {}

  /// Starts a record; the `size` bytes of a file or stream follow in write(). Attributes and times
  /// of a hard link should be those of the file. Throws kInvalidArgument for streams that do not
  /// follow their file or directory, and if the body before is incomplete; kUnsupported for names
  /// that readers take for whiteouts; kCorrupt for invalid reparse data and extended attributes;
  /// kLimit for metadata of more than 1 MiB.
  void add(const WindowsRecord& record);

  void write(ByteView bytes, std::shared_ptr<const void> owner = nullptr) {
    guard_.run([&] { writer_.write(bytes, std::move(owner)); });
  }
  void finish() {
    guard_.close([this] { writer_.finish(); });
  }

  /// Returns true if the last record has records that only cimlib reads.
  bool has_own_records() const noexcept { return has_own_records_; }
  /// Returns true if some of the last record's metadata had to be omitted.
  bool loses_metadata() const noexcept { return loses_metadata_; }
  /// Returns the number of bytes of the tar so far.
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
  TarScope scope_;
  OperationGuard guard_{"tar", "it is already finished"};
  std::string path_;
  std::string link_;
  std::string own_;      // the records of cimlib, which come first
  std::string records_;  // the others
  std::string value_;
  bool has_own_records_ = false;
  bool loses_metadata_ = false;
  bool takes_streams_ = false;  // of the last path
  // Streams repeat these values of their file.
  Names file_;
  std::uint32_t file_mode_ = 0;
  FileTimes file_times_;
};

}  // namespace cim::tar
