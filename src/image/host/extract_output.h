// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The output of an extraction: the contents of files, the warnings about them, and progress. It
// decides which failures end the extraction and which leave out one file.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/extract.h"
#include "cimlib/image.h"
#include "cimlib/progress.h"

#include "image/host/extract_links.h"
#include "image/read/directory_visits.h"
#include "image/read/object_verifier.h"
#include "os/file.h"

namespace cim {

/// Checks that a name has no separators or NULs, is not "." or "..", and fits the system's limits.
/// One implementation per system, in extract_target_posix.cpp and extract_target_windows.cpp.
enum class HostName { kGood, kTooLong, kImpossible };
HostName check_host_name(std::string_view name) noexcept;

/// Names are those in the current directory of the host, and "" is the directory itself. All
/// references must outlive this object.
class ExtractOutput {
 public:
  /// Returns the path of a name in the current directory, for messages.
  using PathOf = std::function<std::string(std::string_view name)>;

  /// `bytes_total` is for progress.
  ExtractOutput(const Image& image, const ExtractOptions& options, PathOf path_of,
                std::uint64_t bytes_total);

  /// The counts so far, to which the caller adds what it makes itself.
  ExtractSummary& summary() noexcept { return summary_; }

  /// Sets the name that progress reports while its contents are written.
  void begin_entry(const std::string& name) { current_name_ = name; }
  /// Sets the path in the image of the entry that follows.
  void begin_path(const ImagePath& path) { current_path_ = path; }
  /// Counts an entry and reports progress with `name`.
  void end_entry(std::string_view name);
  const std::string& current_name() const noexcept { return current_name_; }

  /// Throws kCancelled if the caller has requested a stop.
  void check_stop() const;

  void warn(const std::string& name, std::string_view what) const;
  /// Warns of something that is left out, and counts it.
  void warn_of_skipped(const std::string& name, std::string_view why);
  /// The same for a part of the image that cannot be read.
  void skip(const std::string& name, const Error& error);
  void skip_path(const ImagePath& path, const Error& error);

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
      skip(name, error);
      return false;
    }
  }

  /// Returns false, after a warning, for a name that is too long for this system. Image names never
  /// have separators; throws kCorrupt for one of a damaged image that does, because it must not
  /// lead out of the destination.
  bool is_possible(const std::string& name);

  /// Must be called before a file is created for a stream. Throws kLimit for an image that claims
  /// far more than its size.
  void take_budget_of(const Stream& stream) { budget_.take_map_of(stream); }
  /// Writes the contents of a stream to a new file, leaving holes. Returns false if it cannot be
  /// read or stored here; the file is then incomplete and must be removed.
  bool fill(const std::string& name, const Stream& stream, File& file);

  /// Writes to a file of the host and adds its path to errors. Returns false if the file is too
  /// large for this system.
  template <typename Action>
  bool put(const std::string& name, const Action& action) {
    try {
      action();
      return true;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kLimit && error.code() != ErrorCode::kInvalidArgument) {
        throw Error(error.code(), path_of_(name), error.reason());
      }
      warn_of_skipped(name, error.reason());
      return false;
    }
  }

 private:
  std::string path_in_image(const std::string& name) const;
  bool copy(const std::string& name, const Stream& stream, const Extent& extent, File& file);
  void report(std::string_view current);

  const Image& image_;
  const ExtractOptions& options_;
  PathOf path_of_;
  TableBudget budget_;  // of the maps of executables
  std::vector<std::byte> buffer_;
  std::string current_name_;
  ImagePath current_path_;
  std::optional<ObjectVerifier> verifier_;
  Progress progress_{};
  ExtractSummary summary_;
};

}  // namespace cim
