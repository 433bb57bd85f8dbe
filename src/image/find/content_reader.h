// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reads the contents of many streams, each object once and in the order in which they are stored.

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "cimlib/find.h"

#include "base/bytes.h"
#include "format/stream.h"
#include "image/find/series_search.h"
#include "image/read/directory_visits.h"
#include "image/read/object_verifier.h"
#include "os/crypto.h"

namespace cim {

/// The place of a stream's bytes. Streams of the same place have the same bytes.
struct ContentPlace {
  std::uint64_t data = 0;
  std::uint64_t length = 0;
  std::uint16_t kind = 0;

  explicit ContentPlace(const format::Stream& stream) noexcept;
  auto operator<=>(const ContentPlace&) const = default;
};

/// The result of reading an object.
struct Content {
  Bytes digest{};
  bool is_found = false;           ///< whether it contains one of the series of bytes
  std::optional<Error> failure{};  ///< why it could not be read
};

class ContentReader {
 public:
  /// The references must outlive this object.
  ContentReader(const ImageReader& image, const FindOptions& options);

  /// Notes a stream to be read.
  void add(const format::Stream& stream);
  /// Reads all streams that were added.
  void read_all();
  /// Returns the result for a stream that was added.
  const Content& content_of(const format::Stream& stream) const;

 private:
  struct Job {
    format::Stream stream;
    Content content;
  };

  void read(const format::Stream& stream, Content& content);
  void take_zeros(const Stream& opened);
  void report(std::uint64_t bytes);

  const ImageReader& image_;
  const FindOptions& options_;
  std::optional<ContentHash> hash_;
  std::vector<SeriesSearch> searches_;
  TableBudget budget_;
  std::optional<ObjectVerifier> verifier_;
  std::uint64_t zeros_ = 0;
  Bytes buffer_;
  Progress progress_;
  std::map<ContentPlace, Job> jobs_;  // in the order of the regions
};

}  // namespace cim
