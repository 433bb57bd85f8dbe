// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Layers that are in a store already, as what is made or removed there has to see them.

#include <filesystem>
#include <vector>

namespace cim::layer {

/// As is_cim_layer(), but throws where it can't be known, so that nothing is made or removed by
/// guess.
bool has_image(const std::filesystem::path& layer);

/// Throws kNotFound and kInvalidArgument unless these can be the parents of a layer there: each in
/// the same store, and on top of the next one.
void check_parents(const std::filesystem::path& layer,
                   const std::vector<std::filesystem::path>& parents);

}  // namespace cim::layer
