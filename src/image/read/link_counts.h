// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Counts how many names each file of an image has.

#include <stop_token>
#include <vector>

#include "cimlib/image.h"

#include "image/read/image_reader.h"

namespace cim {

/// See Image::link_counts().
std::vector<LinkCount> count_links(const ImageReader& reader, const std::stop_token& stop);

}  // namespace cim
