// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The output of an extraction: the contents and times of files, and the warnings about them. It
// decides which failures end the extraction and which leave out one file.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/extract.h"
#include "cimlib/filetime.h"
#include "cimlib/image.h"
#include "cimlib/progress.h"

#include "image/host/directory_stack.h"
#include "image/host/extract_links.h"
#include "image/read/directory_visits.h"
#include "os/file.h"

namespace cim {

/// Writes to the current directory of a DirectoryStack; names are those in that directory, and ""
/// is the directory itself. All references must outlive this object.
class ExtractOutput {
 public:
  /// `bytes_total` is for progress.
  ExtractOutput(const Image& image, const ExtractOptions& options,
                const DirectoryStack& directories, std::uint64_t bytes_total);

  /// The counts so far, to which the caller adds what it makes itself.
  ExtractSummary& summary() noexcept { return summary_; }

  /// Sets the name that progress reports while its contents are written.
  void begin_entry(const std::string& name) { current_name_ = name; }
  /// Counts an entry and reports progress with `name`.
  void end_entry(std::string_view name);
  const std::string& current_name() const noexcept { return current_name_; }

  /// Throws kCancelled if the caller has requested a stop.
  void check_stop() const;

  void warn(const std::string& name, std::string_view what) const;
  /// Warns of something that is left out, and counts it.
  void warn_of_skipped(const std::string& name, std::string_view why);
  void warn_of_skipped_path(const std::string& path, std::string_view why);

  /// Reads a part of the image. If that fails, the part is left out and the extraction continues.
  /// Returns true on success.
  template <typename Action>
  bool attempt(const std::string& name, const Action& action) {
    try {
      action();
      return true;
    } catch (const Error& error) {
      if (ends_extraction(error)) {
        throw;
      }
      warn_of_skipped(name, error.what());
      return false;
    }
  }

  /// Returns true if a system call that creates a name succeeded, given its result and errno. What
  /// this system cannot represent is left out with a warning; any other error is thrown.
  bool is_made(int result, const std::string& name, std::string_view what);

  /// Creates a file with the contents of a stream. Returns false if it was left out.
  bool write(const std::string& name, const Stream& stream, const FileTimes& times);

  /// Sets the times of an open file or directory, or of a symbolic link. Times that the file system
  /// cannot represent cause a warning.
  void set_times(int descriptor, const FileTimes& times, const std::string& name);
  void set_link_times(const std::string& name, const FileTimes& times);

 private:
  template <typename Action>
  bool put(const std::string& name, const Action& action);
  bool fill(const std::string& name, const Stream& stream, File& file);
  bool copy(const std::string& name, const Stream& stream, const Extent& extent, File& file);
  void times_not_set(int error_number, const std::string& name);
  void report(std::string_view current);

  const Image& image_;
  const ExtractOptions& options_;
  const DirectoryStack& directories_;
  TableBudget budget_;  // of the maps of executables
  std::vector<std::byte> buffer_;
  std::string current_name_;
  Progress progress_{};
  ExtractSummary summary_;
};

}  // namespace cim
