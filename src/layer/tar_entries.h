// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The entries of a tar as every import reads them: within limits, with progress, and with failures
// to store one explained as faults of the tar.

#include <cstdint>
#include <stop_token>
#include <string_view>

#include "cimlib/image_writer.h"
#include "cimlib/layer.h"
#include "cimlib/progress.h"

#include "layer/tar_faults.h"
#include "tar/source.h"
#include "tar/windows_records.h"

namespace cim::layer {

/// Returns what a record says about its file, which refers to the record.
FileMetadata metadata_of(const tar::WindowsRecord& record);

/// Returns true if a record has a body.
bool has_body(const tar::WindowsRecord& record) noexcept;

class TarEntries {
 public:
  /// Refers to options of the caller, which must outlive this object.
  struct Options {
    const ImportLimits& limits;
    const ProgressSink& progress;
    const WarningSink& warning;
    const std::stop_token& stop;
    std::string_view cancelled;  ///< the reason in the error after a request to stop
  };

  /// `unpacked` has the bytes of the tar, which come from `input`. Both must outlive this object.
  TarEntries(const tar::Input& input, tar::Source& unpacked, tar::TarScope scope,
             const Options& options)
      : options_(options), input_(input), unpacked_(unpacked), reader_(unpacked, scope) {}

  /// Calls `add` with the path and the record of each entry. Throws what the reader throws, kLimit
  /// before `add` is called for an entry that exceeds a limit, and failures of `add` as
  /// explain_fault() does.
  template <typename Add>
  void for_each(Add add) {
    while (const tar::WindowsRecord* const record = reader_.next()) {
      check_limits(*record);
      const ImagePath path = image_path(record->path);
      try {
        add(path, *record);
      } catch (const Error& error) {
        explain_fault(error, reader_, path);
      }
      ++count_;
      report();
    }
  }

  /// Writes the body of the current record.
  template <typename Writer>
  void copy_body(Writer& writer) {
    // Progress is reported and cancellation checked between two pieces.
    constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
    for (ByteView piece = reader_.body(kPiece); !piece.empty(); piece = reader_.body(kPiece)) {
      writer.write(piece, unpacked_.owner());
      report();
    }
  }

  /// Passes what is odd about the end of the tar to the callback; a missing end marker only unless
  /// a digest shows that the tar is complete.
  void warn_of_end(bool is_verified) const;

  /// Reports progress, and throws kCancelled if the import is to stop.
  void report() const;

  tar::WindowsReader& reader() noexcept { return reader_; }
  std::uint64_t count() const noexcept { return count_; }
  /// The size of all files and streams so far.
  std::uint64_t content_size() const noexcept { return content_size_; }

 private:
  void check_limits(const tar::WindowsRecord& record);

  Options options_;
  const tar::Input& input_;
  tar::Source& unpacked_;
  tar::WindowsReader reader_;
  std::uint64_t count_ = 0;
  std::uint64_t content_size_ = 0;
};

}  // namespace cim::layer
