// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The element Identity of manifests. The names of packages become names of directories, so they are
// restricted to what the schema allows.

#include <string>

#include "cimlib/app_package.h"

#include "appx/xml.h"

namespace cim::appx {

/// Reads the element. Throws kCorrupt for missing or malformed attributes.
Identity parse_identity(const XmlElement& element);

/// Validate single attributes. Throw kCorrupt, naming the element.
std::string checked_version(const XmlElement& element, std::string_view attribute);
/// "neutral" if the attribute is missing.
std::string checked_architecture(const XmlElement& element, std::string_view attribute);
/// Empty if the attribute is missing.
std::string checked_resource_id(const XmlElement& element, std::string_view attribute);

}  // namespace cim::appx
