// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The records of a store about its images and layers, in STORE/cim-images:
//
//   blobs/sha256/HEX  manifests and configurations, byte for byte
//   images/HEX.json   an image, by the digest of its manifest
//   layers/HEX.json   a layer, by its chain id
//   names/HEX.json    a name of an image, by the digest of the name
//   tars/HEX.zst      the record of a layer's tar, by the chain id; may be missing
//
// Every file is complete when it gets its name and is never changed after, only replaced. A layer
// gets its record before it is imported, an image its record after all of its layers, and a name is
// written last. So what a killed import leaves is recorded, and no name leads nowhere.
//
// Locks: an import holds the lock of cim-images shared, from before it looks for layers in the
// store until the name is written; the collection of garbage holds it exclusively. Names are
// changed under the exclusive lock of cim-images/names, for a moment. Readers take no lock.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/lock.h"
#include "cimlib/oci.h"

#include "base/bytes.h"
#include "oci/documents.h"

namespace cim::oci {

/// The directory of a store that has the records.
inline constexpr std::string_view kImagesDirectory = "cim-images";

/// The record of a layer that an import made or found.
struct LayerRecord {
  Digest chain_id;
  std::optional<Digest> parent;  ///< chain id of the layer below; nullopt for a base layer
  Digest diff_id;
  std::string media_type;  ///< of the blob that the layer was imported from
  Digest packed;           ///< digest of that blob
  std::uint64_t packed_size = 0;
  std::optional<std::uint64_t> plain_size = {};  ///< of the uncompressed tar, if known
  /// Name of the layer's directory in the store if it is not the one that an import gives.
  std::string directory = {};

  bool operator==(const LayerRecord&) const = default;
};

/// The record of an image.
struct ImageRecord {
  Digest manifest;
  std::string media_type;  ///< of the manifest
  Digest configuration;
  Platform platform;
  std::vector<Digest> chain;     ///< chain ids of the layers, the base first
  std::string index_entry = {};  ///< descriptor in the index it came from, in JSON; may be empty

  bool operator==(const ImageRecord&) const = default;
};

/// The record of a name.
struct NameRecord {
  std::string name;
  Digest manifest;

  bool operator==(const NameRecord&) const = default;
};

std::string encode(const LayerRecord& record);
std::string encode(const ImageRecord& record);
std::string encode(const NameRecord& record);

/// Decode a record. Throw kCorrupt, kLimit, and kUnsupported for a version that is not known;
/// `subject` names the file in errors.
LayerRecord parse_layer_record(ByteView text, const std::string& subject);
ImageRecord parse_image_record(ByteView text, const std::string& subject);
NameRecord parse_name_record(ByteView text, const std::string& subject);

/// Returns the name of the layer's directory in the store: the one recorded, or the digits of the
/// chain id.
std::string directory_name(const LayerRecord& record);
/// Returns true for a name that can be recorded as that of a directory: one component of a path, in
/// UTF-8, that is not a chain id.
bool is_directory_name(std::string_view name);

/// Returns true for a name that an image can have: 1 to 1024 bytes of UTF-8 without control
/// characters.
bool is_image_name(std::string_view name);

/// The directory STORE/cim-images. Reading functions regard a missing directory as empty, and skip
/// files with names that no record has.
class StoreRecords {
 public:
  explicit StoreRecords(const std::filesystem::path& store);

  const std::filesystem::path& store() const noexcept { return store_; }
  const std::filesystem::path& directory() const noexcept { return directory_; }
  /// Returns true if the store has records.
  bool exist() const;

  // Throw what decoding throws, and kCorrupt if a record is stored under the name of another.
  std::vector<LayerRecord> layers() const;
  std::vector<ImageRecord> images() const;
  std::vector<NameRecord> names() const;
  /// Return nullopt if there is no such record.
  std::optional<LayerRecord> layer(const Digest& chain_id) const;
  std::optional<ImageRecord> image(const Digest& manifest) const;
  std::optional<NameRecord> name(const std::string& name) const;

  /// Returns a manifest or configuration after verifying its digest. Throws kNotFound, kCorrupt.
  Bytes document(const Digest& digest) const;

  /// Creates the directories that are missing.
  void create() const;
  /// Write or replace a record; it is durable on return.
  void put(const LayerRecord& record) const;
  void put(const ImageRecord& record) const;
  void put(const NameRecord& record, const LockTimeout& lock_timeout) const;
  void put_document(const Digest& digest, ByteView bytes) const;

  /// Removes these names, as far as they still have these targets; returns how many it removed.
  std::size_t remove_names(const std::vector<NameRecord>& names,
                           const LockTimeout& lock_timeout) const;

  std::filesystem::path path_of_layer(const Digest& chain_id) const;
  std::filesystem::path path_of_image(const Digest& manifest) const;
  std::filesystem::path path_of_name(const std::string& name) const;
  /// Returns the path of the record of a layer's tar (layer/tar_record.h).
  std::filesystem::path path_of_tar_record(const Digest& chain_id) const;
  std::filesystem::path path_of_document(const Digest& digest) const;
  /// Returns the layer's directory in the store.
  std::filesystem::path layer_directory(const LayerRecord& record) const;
  /// Returns all directories that create() makes, those inside others last.
  std::vector<std::filesystem::path> directories() const;

 private:
  std::filesystem::path store_;
  std::filesystem::path directory_;
};

}  // namespace cim::oci
