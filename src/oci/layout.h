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
#include <vector>

#include "cimlib/byte_streams.h"
#include "cimlib/oci.h"
#include "cimlib/progress.h"

#include "oci/documents.h"
#include "oci/layout_files.h"

namespace cim::oci {

/// The documents and layers of a source. Documents are verified whenever they are read, because
/// nothing else proves that a blob is the one that was referred to.
class Layout {
 public:
  /// A directory in the OCI image layout. Throws kNotFound, kCorrupt or kUnsupported if it is not
  /// one.
  explicit Layout(std::filesystem::path directory);
  /// Opens the source in its form. Archives that must be unpacked first are written to a temporary
  /// file in the directory that `spool` returns.
  static Layout open(const ImageSource& source, const std::function<std::filesystem::path()>& spool,
                     const ImportOptions& options);

  /// The name of the source in errors.
  const std::string& name() const noexcept { return name_; }

  /// Returns the descriptors of the layout's own index.
  std::vector<Descriptor> index() const;

  /// Return documents that are stored as blobs, after verifying their size and digest.
  std::vector<Descriptor> index(const Descriptor& descriptor) const;
  Manifest manifest(const Descriptor& descriptor) const;
  Configuration configuration(const Descriptor& descriptor) const;
  Bytes document(const Descriptor& descriptor) const;

  /// The name of a blob in errors.
  std::string subject_of(const Digest& digest) const;
  bool has_blob(const Descriptor& descriptor) const;
  /// Returns the bytes of a blob, which are not verified. Valid as long as the layout.
  ByteSource blob(const Digest& digest) const;
  /// Returns whether a manifest, which is verified, describes an image.
  bool is_image(const Descriptor& descriptor) const;

  /// Checks that a blob is present and has the right size. Throws kNotFound, with the blob's other
  /// locations if the descriptor lists any; kCorrupt.
  void check_presence(const Descriptor& descriptor) const;
  /// Reads a blob and checks its digest. Throws kCorrupt, kCancelled.
  void verify(const Descriptor& descriptor, const ProgressSink& progress,
              const std::stop_token& stop) const;

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

/// The image chosen from a layout, its documents, and the blobs of its layers.
struct ChosenImage {
  ImageDescription description;
  Descriptor manifest;
  Descriptor config;
  Bytes manifest_bytes;
  Bytes config_bytes;
  std::vector<Descriptor> layers;
  std::vector<std::string> names;  ///< the names that lead to it and fit the choice
};
ChosenImage choose_image(const Layout& layout, const ImageChoice& choice);

}  // namespace cim::oci
