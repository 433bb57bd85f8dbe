// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The documents and layers of an image in each form that can be imported. Whatever the form, they
// are presented as an index and blobs with digests; what a form does not have is computed.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/byte_streams.h"
#include "cimlib/oci.h"

#include "oci/document_source.h"
#include "oci/documents.h"
#include "oci/layout_files.h"

namespace cim::oci {

/// The documents and layers of a source on the host.
class Layout final : public DocumentSource {
 public:
  /// A directory in the OCI image layout. Throws kNotFound, kCorrupt or kUnsupported if it is not
  /// one.
  explicit Layout(const std::filesystem::path& directory);
  /// Opens the source in its form. Archives that must be unpacked first are written to a temporary
  /// file in the directory that `spool` returns.
  static Layout open(const ImageSource& source, const std::function<std::filesystem::path()>& spool,
                     const ImportOptions& options);

  using DocumentSource::index;
  std::string name() const override { return name_; }
  std::string_view kind() const override { return "layout"; }
  std::string subject_of(const Digest& digest) const override;
  std::vector<Descriptor> index() const override;
  Bytes document(const Descriptor& descriptor) const override;
  bool has_blob(const Descriptor& descriptor) const override;
  void check_presence(const Descriptor& descriptor) const override;
  bool verifies(const Descriptor& descriptor) const override;
  ByteSource blob(const Descriptor& descriptor) const override;
  void start_reading(const Descriptor& descriptor) const noexcept override;
  void explain_damage(const Descriptor& descriptor, const std::stop_token& stop) const override;
  /// Opens a blob, which is not verified.
  LayoutFile open_blob(const Digest& digest) const;

 private:
  Layout(std::string name, std::unique_ptr<LayoutFiles> files)
      : name_(std::move(name)), files_(std::move(files)) {}

  void open_layout();
  void open_directory_image();
  void open_docker_archive();
  nlohmann::json make_descriptor(const std::string& file, const std::string& media_type);
  nlohmann::json make_descriptors(const std::vector<std::string>& layers);
  std::string file_of(const Digest& digest) const;
  Bytes read_file(const std::string& file) const;
  /// Adds a document that the source does not have as a file, and returns its digest.
  Digest make_document(std::string text);

  std::string name_;
  std::unique_ptr<LayoutFiles> files_;
  bool flat_ = false;                                     // true if blobs are not in blobs/sha256
  std::string index_;                                     // the layout's own, if it was made
  std::map<std::string, std::string, std::less<>> made_;  // by digest, in hexadecimal
  std::map<std::string, std::string, std::less<>> file_names_;  // likewise
};

}  // namespace cim::oci
