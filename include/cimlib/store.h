// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The images of a store: what oci::import_image() (oci.h) put there, by name and digest.
//
//   for (const cim::store::Image& image : cim::store::images("store")) {
//     std::cout << image.digest << ' ' << image.platform.to_string() << '\n';
//   }
//   cim::store::remove("store", "nanoserver:ltsc2022");
//   cim::store::collect_garbage("store");
//
// A store is a directory of layers (layer.h). STORE/cim-images has a record of each image that was
// imported, with its manifest and configuration, and of each of its layers; docs/store.md describes
// the files. Layers without a record, such as those that layer::import_tar() made, are not changed
// by these functions. A store without cim-images has no images; the next import adds it.
//
// All functions may be called from any thread or process. Those that read take no lock and see each
// record as it was before or after a change. They throw kNotFound if the directory is not a store,
// and kCorrupt, naming the file, for a damaged record.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/gc.h"
#include "cimlib/lock.h"
#include "cimlib/oci.h"
#include "cimlib/progress.h"

namespace cim::store {

/// A layer that an import recorded. Digests have the form "sha256:<64 digits>".
struct Layer {
  std::string chain_id;
  std::string parent;  ///< chain id of the layer below; empty for a base layer
  std::string diff_id;
  std::string media_type;         ///< of the blob that the layer was imported from
  std::string digest;             ///< digest of that blob
  std::uint64_t packed_size = 0;  ///< size of that blob in bytes
  /// Size of the uncompressed tar in bytes; nullopt if it was not recorded.
  std::optional<std::uint64_t> tar_size;
  std::filesystem::path directory;
  /// Bytes of the layer's own files in the store, without those of the layers below; 0 if the layer
  /// is missing.
  std::uint64_t size = 0;
};

/// An image of a store.
struct Image {
  std::string digest;              ///< digest of the manifest
  std::vector<std::string> names;  ///< in alphabetical order
  /// True if the image is kept although it has no name, because it was imported without one.
  bool is_kept_by_digest = false;
  oci::Platform platform;
  std::vector<std::string> layers;  ///< chain ids, the base first
  std::uint64_t shared_size = 0;    ///< bytes of layers that other images have, too
  std::uint64_t own_size = 0;       ///< bytes of its other layers

  /// Returns true unless collecting garbage would remove the image.
  bool is_kept() const noexcept { return is_kept_by_digest || !names.empty(); }
};

/// Returns all images, sorted by their first names, those without names last.
CIM_EXPORT std::vector<Image> images(const std::filesystem::path& store);

/// Returns the image that `which` means: a name, a digest of a manifest, or at least four first
/// hexadecimal digits of one. Throws kNotFound, and kInvalidArgument if several images match.
CIM_EXPORT Image find(const std::filesystem::path& store, std::string_view which);

/// An image with everything that the store knows about it.
struct Details {
  Image image;
  std::vector<Layer> layers;  ///< the base first
  std::string manifest_type;  ///< media type of the manifest
  std::string manifest;       ///< the manifest, byte for byte
  std::string configuration;  ///< the configuration, byte for byte
  /// The descriptor by which the index of the source referred to the image, in JSON; may be empty.
  std::string index_entry;
};

/// Returns the details of the image that find() returns. Throws also kCorrupt if the digest of a
/// document is wrong.
CIM_EXPORT Details inspect(const std::filesystem::path& store, std::string_view which);

/// The disk usage of a store, in bytes.
struct Usage {
  std::vector<Image> images;
  std::uint64_t shared_size = 0;  ///< layers that several images have, each counted once
  std::uint64_t own_size = 0;     ///< layers that one image has
  std::uint64_t unused_size = 0;  ///< recorded layers that no image has
  std::uint64_t other_size = 0;   ///< layers without a record
  std::uint64_t total() const noexcept { return shared_size + own_size + unused_size + other_size; }
};
CIM_EXPORT Usage usage(const std::filesystem::path& store);

/// How to remove an image.
struct RemoveOptions {
  bool all_names = false;         ///< true to remove an image with several names by its digest
  LockTimeout lock_timeout = {};  ///< for the lock of the names, which is held only briefly
};

/// The result of a removal.
struct RemoveResult {
  std::string digest;              ///< digest of the image's manifest
  std::vector<std::string> names;  ///< names that were removed
  bool is_removed = false;         ///< true if the image has no name left
};

/// Removes a name, or the image that a digest means with its name, as `podman rmi` does: other
/// names of the image remain, and an image without names is gone. Its disk space is freed by
/// collect_garbage(); until then an import of the same image need not import its layers again.
/// Throws as find(), and kInvalidArgument if the image is given by its digest and has several
/// names, unless options.all_names is set.
CIM_EXPORT RemoveResult remove(const std::filesystem::path& store, std::string_view which,
                               const RemoveOptions& options = {});

/// How to collect garbage.
struct CollectOptions {
  bool dry_run = false;           ///< true to change nothing and report what would be removed
  LockTimeout lock_timeout = {};  ///< how long to wait for running imports
};

/// A layer that no image needs but that is in use.
struct KeptLayer {
  std::filesystem::path directory;
  std::string reason;
};

/// The images, layers and files that were removed, or would be.
struct CollectReport {
  std::vector<std::string> images;            ///< digests of the manifests of images
  std::vector<std::filesystem::path> layers;  ///< directories of layers
  std::vector<GarbageFile> files;  ///< other files: documents, and what killed writers left
  std::vector<KeptLayer> kept;     ///< layers that are mounted or have dependents
  std::uint64_t size = 0;          ///< bytes of layers and files
};

/// Removes the images without names, the recorded layers that no image needs, children before their
/// parents, and what killed imports left. Never removes a layer without a record, nor one that such
/// a layer is based on. Nothing is removed if a record is damaged, since what it needs is unknown.
///
/// Waits up to `options.lock_timeout` for running imports and holds back new ones until it is done,
/// so it removes nothing that one of them needs. Throws kBusy if an import is still running then.
CIM_EXPORT CollectReport collect_garbage(const std::filesystem::path& store,
                                         const CollectOptions& options = {});

/// How to check a store.
struct CheckOptions {
  bool deep =
      false;  ///< true to check the images of all recorded layers completely, as check.h does
  ProgressSink progress = {};  ///< receives the number of bytes read by a deep check of an image
  std::stop_token stop = {};   ///< a request to stop ends the check with kCancelled
};

/// A defect of a store.
struct Fault {
  std::filesystem::path file;  ///< the record, document, layer or image concerned
  std::string text;            ///< description of the defect
};

/// The result of a check.
struct CheckReport {
  std::vector<Fault> faults;
  std::uint64_t names = 0;  ///< records that could be read, as in the next two
  std::uint64_t images = 0;
  std::uint64_t layers = 0;
};

/// Checks that all records can be read and agree with each other, with the documents and with the
/// layers, and that the files of the layers exist. Throws kNotFound if the directory is not a
/// store.
CIM_EXPORT CheckReport check(const std::filesystem::path& store, const CheckOptions& options = {});

}  // namespace cim::store
