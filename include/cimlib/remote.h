// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Container registries: pulling images into a store, pushing images of a layout, listing tags.
//
//   using namespace cim::oci;
//   pull_image(Reference::parse("registry.example/app:1.2"), "store");
//
// Registries are accessed by HTTPS. Plain HTTP is used only for a registry on a loopback address
// that does not answer HTTPS, or if RemoteOptions::plain_http is set.
//
// Without credentials in the options, those that `podman login` and `docker login` stored are used:
// from $REGISTRY_AUTH_FILE if it is set, else from $XDG_RUNTIME_DIR/containers/auth.json, then
// $DOCKER_CONFIG/config.json, by default ~/.docker/config.json, including the credential helpers
// named there. They are sent to the registry and to the token service that it names, never to the
// target of a redirection to another host, and never by plain HTTP except as above.
//
// The proxies of the environment (https_proxy, http_proxy, no_proxy) are used as by curl.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/image.h"
#include "cimlib/oci.h"
#include "cimlib/progress.h"

namespace cim::oci {

/// The name of an image in a registry, as Docker and containerd write it:
/// [HOST[:PORT]/]NAME[:TAG][@DIGEST].
struct CIM_EXPORT Reference {
  std::string registry = {};    ///< "registry.example:5000"; "docker.io" by default
  std::string repository = {};  ///< "team/app"; "library/app" for the name "app" at docker.io
  std::string tag = {};     ///< "latest" if the text has neither a tag nor a digest; may be empty
  std::string digest = {};  ///< "sha256:<64 digits>"; may be empty; it wins over the tag

  bool operator==(const Reference&) const = default;

  /// Parses a complete or abbreviated reference. Throws kInvalidArgument.
  static Reference parse(std::string_view text);
  /// Parses a reference without a tag and a digest; both are empty in the result. Throws
  /// kInvalidArgument.
  static Reference parse_repository(std::string_view text);

  /// Returns the complete form, which parse() accepts.
  std::string to_string() const;
};

/// The identity of a user at a registry.
struct Credentials {
  std::string user = {};
  std::string password = {};
  /// A token that is exchanged for access tokens, in place of a password; usually empty.
  std::string identity_token = {};
};

/// How registries are accessed.
struct RemoteOptions {
  /// Replace stored credentials.
  std::optional<Credentials> credentials = {};
  bool plain_http = false;  ///< use HTTP instead of HTTPS, and send credentials by it
  bool verify_tls = true;   ///< verify the certificate of every server
  /// A file of certificate authorities (PEM) that replaces the system's; empty for the system's.
  std::filesystem::path ca_file = {};
  /// How often one request is repeated after a failure that may be temporary: a lost connection, or
  /// status 408, 429 or 5xx. The pause before each attempt doubles, and is the one that the server
  /// asks for if it is at most a minute; if it is longer, the operation fails.
  unsigned retries = 4;
  /// A transfer that makes no progress for this time is a lost connection.
  std::chrono::seconds stall_timeout = std::chrono::seconds(60);
  WarningSink warning = {};   ///< receives attempts that failed and are repeated
  std::stop_token stop = {};  ///< ends every wait and transfer; the call then throws kCancelled
};

/// Returns whether this build of the library can access registries. If not, the functions below
/// throw kUnsupported.
CIM_EXPORT bool supports_registries() noexcept;

/// Imports the layers of an image in a registry that are not yet in the store, each on top of those
/// below it, as import_image() does from a layout. `options.choice` selects one image if the
/// reference is to an index of several; its `reference` must be empty. If `options.name` is empty
/// and the reference has a tag, the image's name in the store is the complete reference without
/// digest.
///
/// A layer is imported while it is downloaded, and published only if both the digest of the blob
/// and that of its tar are right. A download that breaks off continues where it ended if the server
/// supports ranges. Layers that may not be distributed are fetched from the URLs in the manifest if
/// the registry lacks them. Progress is that of the current layer, in bytes of the blob. Layers
/// imported before a failure remain and are reused by the next attempt.
///
/// Throws what import_image() throws; kNotFound if the registry does not have the image or a blob;
/// kAccessDenied if it denies access or its certificate is not trusted; kIo if it cannot be reached
/// or fails; kCorrupt for content of wrong size or digest; kUnsupported.
CIM_EXPORT ImportResult pull_image(const Reference& reference, const std::filesystem::path& store,
                                   const ImportOptions& options = {},
                                   const RemoteOptions& remote = {});

/// Returns the tags of a repository, in the registry's order. The reference's tag and digest are
/// ignored. Throws as pull_image(); kLimit for more than 100,000 tags.
CIM_EXPORT std::vector<std::string> list_tags(const Reference& repository,
                                              const RemoteOptions& remote = {});

/// How to read an image in a registry.
struct RemoteImageOptions {
  std::optional<Platform> platform = {};  ///< selects one image of an index
  /// Directory for what was read, which is created if it is missing; empty to keep nothing. What is
  /// in it is verified before it is used again.
  std::filesystem::path cache = {};
  std::uint64_t cache_size = std::uint64_t{1} << 30;  ///< most bytes to keep there
};

/// Opens the image of the uppermost layer of a container image, or of the layer whose artifact the
/// reference names, without pulling it: parts are fetched, verified and kept when they are read.
/// The layers must be in the registry as artifacts (docs/artifact.md).
///
/// The result is read as any other image. `remote`, its callbacks included, is used as long as the
/// image or a stream of it exists, from any thread. A read throws kIo if the registry does not
/// provide what is needed after as many attempts as `remote` allows, and kCorrupt for wrong bytes.
///
/// Throws kUnsupported if the registry has layers only as tars, and as pull_image().
CIM_EXPORT Image open_image(const Reference& reference, const RemoteImageOptions& options = {},
                            const RemoteOptions& remote = {});

/// Returns whether the repository has the manifest that the reference names by its digest. Throws
/// as pull_image().
CIM_EXPORT bool has_manifest(const Reference& reference, const RemoteOptions& remote = {});

/// How an image is pushed.
struct PushOptions {
  ImageChoice choice = {};  ///< selects the image of the layout
  /// A repository of the same registry, "team/base", whose blobs may be shared without an upload;
  /// empty for none.
  std::string mount_from = {};
  /// True to send the artifacts of the layout that refer to the image as well (docs/artifact.md).
  /// An image whose manifest the repository has is not sent again then.
  bool artifacts = false;
  StepSink step = {};          ///< called with kVerify before each layer is sent
  ProgressSink progress = {};  ///< receives bytes of the current blob
};

/// The result of a push.
struct PushResult {
  ImageDescription image;
  std::size_t artifacts = 0;      ///< artifacts that refer to the image now
  std::size_t blobs_sent = 0;     ///< layers, configuration, and parts of artifacts, uploaded
  std::size_t blobs_present = 0;  ///< that the repository had, or that it shares now
  std::uint64_t bytes_sent = 0;   ///< of the uploaded blobs
};

/// Pushes an image of a layout as it is: every blob that the repository lacks, then the manifest,
/// byte for byte, under the reference's tag or, if it has none, its digest, which must be that of
/// the manifest. Layers that may not be distributed are not pushed if the manifest names URLs for
/// them. Throws what find_image() throws, and as pull_image().
CIM_EXPORT PushResult push_layout(const std::filesystem::path& layout, const Reference& reference,
                                  const PushOptions& options = {},
                                  const RemoteOptions& remote = {});

}  // namespace cim::oci
