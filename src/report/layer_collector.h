// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The entries of one image that differ from its parent.

#include <optional>
#include <string>
#include <utility>

#include "cimlib/image.h"
#include "cimlib/report.h"

#include "base/bytes.h"
#include "image/read/directory_visits.h"
#include "os/seeded_hash.h"
#include "report/report_data.h"

namespace cim::report {

/// Numbers the stored objects of all images by region set, region and offset.
class ObjectNumbers {
 public:
  /// Returns the number of the object that begins there, and whether it is new.
  std::pair<std::int64_t, bool> number(const Guid& region_set, std::uint32_t region,
                                       std::uint64_t offset);

 private:
  SeededMap<std::string, std::int64_t> numbers_;
};

class LayerCollector {
 public:
  LayerCollector(Data& data, ObjectNumbers& objects, const ReportOptions& options, OpenOptions how)
      : data_(data), objects_(objects), options_(options), how_(std::move(how)) {}

  /// Appends the entries of data.layers[layer]; its parent, if it has one, was collected before.
  void collect(std::size_t layer);

 private:
  void collect_all(const Image& image);
  void collect_changes(const Image& image, const Image& parent);
  void visit(const Image& image, const ImagePath& path, const FileInfo& info, Change change);
  void add(const Image& image, const ImagePath& path, const FileInfo& info, Change change);
  void describe_data(const Image& image, const FileInfo& info, std::size_t entry);
  void describe_streams(const Image& image, const FileInfo& info, std::size_t entry);
  void describe_hive(const Stream& stream, const ImagePath& path, std::size_t entry);
  std::uint64_t cost_of(const Image& image, const Stream& stream, std::int64_t& object);
  std::uint32_t directory_of(const ImagePath& path);
  std::int32_t reason_number(std::string_view reason);
  void note_unreadable(const std::string& path, const Error& error);
  void report_progress();

  Data& data_;
  ObjectNumbers& objects_;
  const ReportOptions& options_;
  OpenOptions how_;
  std::size_t layer_ = 0;
  std::optional<TableBudget> tables_;
  SeededMap<std::string, std::uint32_t> directories_;
  Bytes head_;
};

}  // namespace cim::report
