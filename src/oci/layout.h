// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files of an image layout.

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/oci.h"
#include "cimlib/progress.h"

#include "oci/document_source.h"

namespace cim::oci {

/// The directory of a layout.
class Layout final : public DocumentSource {
 public:
  /// Throws kNotFound, kCorrupt or kUnsupported if the directory is not an image layout.
  explicit Layout(std::filesystem::path directory);

  using DocumentSource::index;
  std::filesystem::path path_of(const Digest& digest) const;

  std::string name() const override { return directory_.string(); }
  std::string_view kind() const override { return "layout"; }
  std::string subject_of(const Digest& digest) const override;
  std::vector<Descriptor> index() const override;
  Bytes document(const Descriptor& descriptor) const override;
  bool has_blob(const Descriptor& descriptor) const override;
  void check_presence(const Descriptor& descriptor) const override;
  bool verifies_while_reading() const noexcept override { return false; }
  void verify(const Descriptor& descriptor, const ProgressSink& progress,
              const std::stop_token& stop) const override;
  ByteSource blob(const Descriptor& descriptor) const override;

 private:
  std::filesystem::path directory_;
};

}  // namespace cim::oci
