// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes an image in one of the forms outside a store: an OCI image layout, a tar of one, or a tar
// as `docker save` writes it.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cimlib/byte_streams.h"
#include "cimlib/oci.h"

#include "async/shared_bytes.h"
#include "oci/documents.h"
#include "os/file.h"

namespace cim::oci {

/// A blob that is being written; its name follows from its content. The file is removed unless a
/// writer takes it.
class StagedBlob {
 public:
  explicit StagedBlob(const std::filesystem::path& directory);
  StagedBlob(StagedBlob&& other) noexcept;
  StagedBlob& operator=(StagedBlob&&) = delete;
  ~StagedBlob();

  File& file() noexcept { return file_; }
  /// Makes the file durable and gives it another name in its file system.
  void move_to(const std::filesystem::path& target);

 private:
  File file_;
  std::filesystem::path path_;
};

/// The documents of an image, after all of its layers were added.
struct ImageDocuments {
  std::string manifest;
  std::string configuration;
  nlohmann::json index_entry;  ///< descriptor of the manifest, with the annotation of the name
  std::string name;            ///< may be empty
  std::vector<Digest> layers;  ///< digests of the blobs, the base first
  /// More descriptors for the index of a layout, each with the annotation of a name.
  std::vector<nlohmann::json> more_entries = {};
};

/// Writes one image. If it is destroyed before finish() returned, nothing is left of it.
class LayoutWriter {
 public:
  /// `stream` receives an archive instead of a file at `path`. Throws kExists if the file exists
  /// and must not be replaced, or the directory exists and is neither empty nor a layout.
  static std::unique_ptr<LayoutWriter> create(ImageForm form, const std::filesystem::path& path,
                                              const std::optional<ByteSink>& stream,
                                              bool replaces_existing);

  LayoutWriter() = default;
  LayoutWriter(const LayoutWriter&) = delete;
  LayoutWriter& operator=(const LayoutWriter&) = delete;
  virtual ~LayoutWriter() = default;

  /// Returns the directory for staged blobs.
  virtual std::filesystem::path staging() const = 0;
  /// Adds the blob of a layer or of an artifact, unless it was added before.
  virtual void add_blob(const Digest& digest, StagedBlob blob) = 0;
  virtual void finish(const ImageDocuments& image) = 0;
};

}  // namespace cim::oci
