// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/error.h"
#include "cimlib/remote.h"

#include "oci/remote/registry_writer.h"

// For builds without libcurl.

namespace cim::oci {
namespace {

[[noreturn]] void refuse(const Reference& reference) {
  throw Error(ErrorCode::kUnsupported, reference.to_string(),
              "this build of cimlib does not support registries (CIMLIB_BUILD_REMOTE is off)");
}

}  // namespace

bool supports_registries() noexcept {
  return false;
}

ImportResult pull_image(const Reference& reference, const std::filesystem::path& /*store*/,
                        const ImportOptions& /*options*/, const RemoteOptions& /*remote*/) {
  refuse(reference);
}

std::vector<std::string> list_tags(const Reference& repository, const RemoteOptions& /*remote*/) {
  refuse(repository);
}

Image open_image(const Reference& reference, const RemoteImageOptions& /*options*/,
                 const RemoteOptions& /*remote*/) {
  refuse(reference);
}

bool has_manifest(const Reference& reference, const RemoteOptions& /*remote*/) {
  refuse(reference);
}

PushResult push_layout(const std::filesystem::path& /*layout*/, const Reference& reference,
                       const PushOptions& /*options*/, const RemoteOptions& /*remote*/) {
  refuse(reference);
}

std::unique_ptr<LayoutWriter> make_registry_writer(const Reference& reference,
                                                   const std::filesystem::path& /*staging*/,
                                                   const PushOptions& /*options*/,
                                                   const RemoteOptions& /*remote*/,
                                                   PushResult& /*result*/) {
  refuse(reference);
}

}  // namespace cim::oci
