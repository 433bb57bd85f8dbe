// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the verbs that show or choose images of a store.

#include <string>
#include <string_view>

#include "cimlib/store.h"

#include "cli/json_output.h"

namespace cim::cli {

/// Returns the first digits of a digest, as other tools show it.
std::string short_digest(std::string_view digest);

/// Returns the form that an image outside a store has by the prefix of its name: "oci:",
/// "oci-archive:", "docker-archive:" or "dir:", as skopeo has them. Without a prefix, or if
/// something with the prefix as part of its name exists, it is a layout.
oci::ImageForm parse_image_form(std::string_view text);
/// Returns the rest of that name.
std::string without_image_form(std::string_view text);

/// Returns an image as a row of a list, without its layers.
Json image_json(const store::Image& image);

}  // namespace cim::cli
