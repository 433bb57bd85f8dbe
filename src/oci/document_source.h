// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The origin of images: their documents and the blobs of their layers. A layout and a repository of
// a registry are two kinds of it.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/byte_streams.h"
#include "cimlib/oci.h"

#include "async/source_reader.h"
#include "base/bytes.h"
#include "oci/documents.h"

namespace cim::oci {

/// Documents are verified whenever they are read, because nothing else proves that a blob is the
/// one that was referred to.
class DocumentSource {
 public:
  virtual ~DocumentSource() = default;

  /// Names the source in errors, such as the path of a layout.
  virtual std::string name() const = 0;
  /// Names the kind of the source in errors: "layout".
  virtual std::string_view kind() const = 0;
  /// Names a blob in errors.
  virtual std::string subject_of(const Digest& digest) const = 0;

  /// Returns the descriptors of everything that may be chosen.
  virtual std::vector<Descriptor> index() const = 0;
  /// Returns a document after verifying its size and digest.
  virtual Bytes document(const Descriptor& descriptor) const = 0;
  /// Returns false if the source is known to lack a blob that an index lists.
  virtual bool has_blob(const Descriptor& descriptor) const = 0;

  /// Checks, as far as that is cheap, that a blob is present and has the right size and digest.
  /// Throws kNotFound, with the blob's other locations if the descriptor lists any; kCorrupt.
  virtual void check_presence(const Descriptor& descriptor) const = 0;
  /// Returns true if the reader of a blob need not verify its digest, because check_presence() does
  /// or reading the last bytes throws kCorrupt for a blob of wrong size or digest.
  virtual bool verifies(const Descriptor& descriptor) const = 0;
  /// Returns the bytes of a blob, which can be read as long as this object exists.
  virtual ByteSource blob(const Descriptor& descriptor) const = 0;
  /// Opens a blob, as open_source() does for blob().
  virtual std::unique_ptr<SourceReader> open_reader(const Descriptor& descriptor,
                                                    const BufferPool& buffers,
                                                    const std::stop_token& stop) const;
  /// Announces that a blob will be read soon; may start to read it in the background.
  virtual void start_reading(const Descriptor& /*descriptor*/) const noexcept {}
  /// Called after a blob was not understood. Reads it again unless it was verified, and throws
  /// kCorrupt if it is not the one that the descriptor describes; kCancelled.
  virtual void explain_damage(const Descriptor& /*descriptor*/,
                              const std::stop_token& /*stop*/) const {}
  /// Returns a part of a blob, which is not verified. It must be within the blob. Throws as
  /// document().
  virtual Bytes blob_part(const Descriptor& descriptor, std::uint64_t offset,
                          std::size_t size) const = 0;
  /// Returns the descriptors of manifests that may refer to an image's manifest as their subject.
  virtual std::vector<Descriptor> referrers(const Descriptor& manifest) const = 0;

  /// Return parsed documents.
  std::vector<Descriptor> index(const Descriptor& descriptor) const;
  Manifest manifest(const Descriptor& descriptor) const;
  Configuration configuration(const Descriptor& descriptor) const;
  /// Returns whether a manifest describes an image.
  bool is_image(const Descriptor& descriptor) const;

 protected:
  DocumentSource() = default;
  DocumentSource(const DocumentSource&) = default;
  DocumentSource& operator=(const DocumentSource&) = default;
};

/// The image chosen from a source, its documents, and the blobs of its layers.
struct ChosenImage {
  ImageDescription description;
  Descriptor manifest;
  Descriptor config;
  Bytes manifest_bytes;
  Bytes config_bytes;
  std::vector<Descriptor> layers;
  std::vector<std::string> names;  ///< the names that lead to it and fit the choice
};
ChosenImage choose_image(const DocumentSource& source, const ImageChoice& choice);

/// As import_image() of cimlib/oci.h, from any source.
ImportResult import_from(const DocumentSource& source, const std::filesystem::path& store,
                         const ImportOptions& options);

}  // namespace cim::oci
