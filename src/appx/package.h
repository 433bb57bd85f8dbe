// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A package or a bundle that is open for reading. Everything about a package that needs no file of
// it to be read is verified when it is opened.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/app_package.h"

#include "appx/block_map.h"
#include "appx/manifest.h"
#include "appx/part_list.h"
#include "appx/signature.h"

namespace cim::appx {

/// The common part of packages and bundles: parts, block map, signature.
class Container {
 public:
  /// Throws kCorrupt for a container without a block map or content types, and for an invalid
  /// signature.
  explicit Container(std::shared_ptr<const ZipArchive> archive);

  const PartList& parts() const noexcept { return parts_; }
  const BlockMap& block_map() const noexcept { return block_map_; }
  const std::optional<Signature>& signature() const noexcept { return signature_; }
  const std::string& name() const noexcept { return parts_.archive()->bytes().name(); }

  /// Passes the bytes of a file to `sink` and compares them with the block map, if that has the
  /// file. Throws kCorrupt for a block that differs: before `sink` gets it, except for the last one
  /// of a file, whose end it has by then.
  void read(const Part& part, const std::function<void(const SharedBytes&)>& sink) const;
  /// Returns all bytes of a file, verified in the same way.
  Bytes read_all(const Part& part, std::uint64_t limit) const;

  /// "PACKAGE: PART", for errors.
  std::string name_of_part(const Part& part) const;
  [[noreturn]] void fail(std::string_view reason) const;

 private:
  void read_block_map();
  void read_signature();

  PartList parts_;
  BlockMap block_map_;
  std::optional<Signature> signature_;
};

/// A package.
class Package {
 public:
  /// Throws kCorrupt unless manifest, block map and archive agree.
  explicit Package(std::shared_ptr<const ZipArchive> archive);

  const PackageInfo& info() const noexcept { return info_; }
  const Container& container() const noexcept { return container_; }
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  void compare_with_block_map();

  Container container_;
  PackageInfo info_;
  std::uint64_t bytes_ = 0;  // of all files
};

/// A package file that was given, and each package that is to be read from it.
class PackageSource {
 public:
  explicit PackageSource(const std::filesystem::path& file);

  /// The bundle that a package is in, if it is in one.
  struct Origin {
    std::string entry;                   ///< the package's name in the bundle; else empty
    std::optional<Signature> signature;  ///< of the bundle
  };
  using Visit = std::function<void(const Package&, const Origin&)>;

  /// Opens one chosen package after another and passes it on. Throws as create_image() does.
  void for_each(const BundleChoice& choice, const Visit& visit) const;

 private:
  void for_each_of_bundle(const BundleChoice& choice, const Visit& visit) const;

  std::shared_ptr<const ZipArchive> archive_;
};

/// Returns true if the archive is a bundle, by the manifest that only bundles have.
bool is_bundle(const ZipArchive& archive);

/// Returns the first eight bytes of a file.
std::string read_start(const std::filesystem::path& file);

}  // namespace cim::appx
