// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Application packages (MSIX, APPX and their bundles) and the images that app attach uses.
//
//   const std::vector<std::filesystem::path> packages = {"Tool.msix"};
//   cim::appx::create_image("images/tool.cim", packages);
//   for (const auto& package : cim::appx::packages_of(cim::Image("images/tool.cim"))) {
//     std::cout << package.info.identity.full_name() << '\n';
//   }
//
// A package is read once and never unpacked to the host. Its files are verified against its block
// map while they pass. All functions may be called from any thread. A build without
// CIMLIB_BUILD_PACKAGES recognizes no packages, and its functions throw kUnsupported.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/image.h"
#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"
#include "cimlib/progress.h"

namespace cim::appx {

/// The kind of a file, by its content.
enum class PackageKind {
  kNone,       ///< anything else
  kPackage,    ///< .msix, .appx
  kBundle,     ///< .msixbundle, .appxbundle
  kEncrypted,  ///< .emsix, .eappx and their bundles, which only Windows can read
};

/// Returns the kind of a regular file; its name has no influence. Throws kNotFound, kAccessDenied
/// and kIo.
CIM_EXPORT PackageKind kind_of(const std::filesystem::path& file);

/// Identity of a package. All members are ASCII except the publisher, which is UTF-8.
struct CIM_EXPORT Identity {
  std::string name;
  std::string publisher;     ///< a distinguished name, "CN=Contoso, C=US"
  std::string version;       ///< four numbers
  std::string architecture;  ///< "x64", "x86", "arm", "arm64", "x86a64" or "neutral"
  std::string resource_id;   ///< often empty

  /// Returns "NAME_VERSION_ARCHITECTURE_RESOURCE_PUBLISHERID", the name of its directory.
  std::string full_name() const;
  /// Returns "NAME_PUBLISHERID", which all versions have in common.
  std::string family_name() const;

  bool operator==(const Identity&) const = default;
};

/// Returns the 13 characters that stand for a publisher in names: "8wekyb3d8bbwe" for Microsoft.
/// `publisher` is UTF-8. Throws kInvalidArgument for other text.
CIM_EXPORT std::string publisher_id(std::string_view publisher);

/// A program that users can start.
struct Application {
  std::string id;
  std::string executable;   ///< a path in the package; empty if another package has it
  std::string entry_point;  ///< such as "Windows.FullTrustApplication"; may be empty
};

/// The signature of a package or bundle. Whether its certificate is trusted is not examined.
struct Signature {
  std::string signer;       ///< subject of the signer's certificate, spelled as publishers are
  std::string issuer;       ///< issuer of that certificate, spelled likewise
  std::string fingerprint;  ///< SHA-256 of the certificate, in lower-case hexadecimal
  /// True if the signature is the signer's and agrees with the parts of the package: block map,
  /// content types, code integrity.
  bool is_valid = false;
  /// True if it also agrees with the archive as a whole, which only the package file shows.
  bool matches_archive = false;
  /// True if the signer is the publisher in the manifest: the same attributes in the same order.
  /// Windows does not accept a package of another signer.
  bool matches_publisher = false;
  std::string fault;  ///< why it is not valid, or does not match the archive; else empty
};

/// A package as its manifest and signature describe it.
struct PackageInfo {
  Identity identity;
  std::string display_name;            ///< UTF-8; may be a reference, "ms-resource:…"
  std::string publisher_display_name;  ///< as above
  bool is_framework = false;           ///< a library for other packages
  bool is_resource = false;            ///< languages or scales for the package of the same name
  std::vector<Application> applications;
  std::optional<Signature> signature;  ///< nullopt if the package is not signed
};

/// A package in an image.
struct InstalledPackage {
  PackageInfo info;
  ImagePath directory;
};

/// Returns the packages in an image, in the order of a walk: each directory that has both
/// AppxManifest.xml and AppxBlockMap.xml. A package whose manifest cannot be read is passed to
/// `warning` and omitted. Throws what Image::walk() throws.
CIM_EXPORT std::vector<InstalledPackage> packages_of(const Image& image,
                                                     const WarningSink& warning = {},
                                                     const std::stop_token& stop = {});

/// The packages of a bundle that are wanted. An empty list accepts all; names ignore case.
struct BundleChoice {
  /// Architectures of application packages. Neutral packages are always accepted.
  std::vector<std::string> architectures = {};
  /// Languages of resource packages, "de-DE"; "de" also accepts every "de-…".
  std::vector<std::string> languages = {};
  /// Scales of resource packages, "200".
  std::vector<std::string> scales = {};
};

/// SDDL of package directories by default: TrustedInstaller is the owner; it and SYSTEM have full
/// control; users and app containers may read and execute. Files and directories inherit.
CIM_EXPORT std::string_view windows_apps_sddl() noexcept;

/// Returns the SDDL that a directory or file inherits from one with this SDDL. Throws what
/// SecurityDescriptor::from_sddl() throws.
CIM_EXPORT std::string inherited_sddl(std::string_view sddl, bool is_directory);

/// How to create an image from packages.
struct CreateOptions {
  /// With `writer.base`, packages of that image remain, except older and newer versions of the
  /// added ones: same name, publisher, architecture and resource id.
  WriterOptions writer = {};
  /// Directory of the packages in the image, with `/` between names; the root if empty.
  std::string root = "apps";
  /// SDDL of `root` and of the directory of each package, from which everything below inherits. If
  /// nullopt, nothing gets a descriptor, which grants everyone everything.
  std::optional<std::string> sddl = std::string(windows_apps_sddl());
  BundleChoice choice = {};
  ProgressSink progress = {};  ///< receives bytes of the files to write and their total
  WarningSink warning = {};    ///< receives one line for each oddity, such as a missing signature
  std::stop_token stop = {};   ///< a request to stop; also ends the wait for the lock
};

/// A package that is added to an image.
struct PlannedPackage {
  PackageInfo info;
  std::filesystem::path source;  ///< the package or bundle file
  std::string source_entry;      ///< the package's name in its bundle; empty if not in a bundle
  /// The signature of the bundle; nullopt if it is not signed, or the package is not in a bundle.
  std::optional<Signature> bundle_signature;
  ImagePath directory;  ///< in the image
  std::uint64_t files = 0;
  std::uint64_t directories = 0;  ///< its own included
  std::uint64_t bytes = 0;        ///< size of all files
};

/// Reads manifests, block maps and signatures of packages and chooses from bundles, but reads no
/// other file. Throws what create_image() throws for these.
CIM_EXPORT std::vector<PlannedPackage> plan(std::span<const std::filesystem::path> packages,
                                            const CreateOptions& options = {});

/// The result of creating an image.
struct CreateSummary {
  std::vector<PlannedPackage> packages;
  std::vector<std::string> replaced;  ///< full names of the packages of the base that were removed
  std::uint64_t files = 0;            ///< of the packages, as the next two
  std::uint64_t directories = 0;
  std::uint64_t bytes = 0;
  CommitSummary image;
};

/// Writes an image with these packages, each in `root`\FULL_NAME. The times of files are those of
/// the archive, taken as UTC; directories and missing times get 1980-01-01.
///
/// Throws kCorrupt for a package that breaks the rules: names that are invalid, duplicate or differ
/// only in case, files that are missing from or not in the block map, sizes and blocks that differ
/// from it, an invalid signature; kUnsupported for encrypted packages, other compression methods
/// and other archives; kLimit; kExists for a package given twice; kNotFound if a bundle has no
/// package for the chosen architecture; kCancelled; and what ImageWriter throws. On failure no part
/// of the new image remains.
CIM_EXPORT CreateSummary create_image(const std::filesystem::path& image,
                                      std::span<const std::filesystem::path> packages,
                                      const CreateOptions& options = {});

/// A defect of a package in an image.
struct PackageFinding {
  std::string package;  ///< full name
  std::string path;     ///< in the image, as "\apps\…"
  std::string text;
};

/// How to check the packages of an image.
struct PackageCheckOptions {
  std::size_t max_findings = 10000;  ///< further findings are only counted
  ProgressSink progress = {};        ///< receives bytes read; the total is unknown
  std::stop_token stop = {};         ///< a request to stop ends the check with kCancelled
};

/// The result of checking the packages of an image.
struct PackageCheckReport {
  std::vector<PackageFinding> findings;
  std::uint64_t faults = 0;    ///< includes findings that were not kept
  std::uint64_t packages = 0;  ///< packages checked
  std::uint64_t files = 0;     ///< files whose blocks were compared
  std::uint64_t bytes = 0;     ///< size of those files
};

/// Compares every file of every package in an image with the package's block map, the block map
/// with the signature if there is one, and its signer with the publisher. Throws what packages_of()
/// throws.
CIM_EXPORT PackageCheckReport check_packages(const Image& image,
                                             const PackageCheckOptions& options = {});

}  // namespace cim::appx
