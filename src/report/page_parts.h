// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The unchanging parts of the page (src/report/page).

#include <string_view>

namespace cim::report {

/// The page, with {{style}}, {{script}}, {{data}} and the hashes of the first two in their places.
extern const std::string_view kPageHtml;
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;

}  // namespace cim::report
