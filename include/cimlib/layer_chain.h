// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The file layerchain.json in a layer's directory: the directories of the layers below, as Windows
// container engines and hcsshim store them. It is a JSON array of absolute paths, the immediate
// parent first.
//
//   cim::layer::write_layer_chain("store/top", {"store/base"});
//   const auto parents = cim::layer::read_layer_chain("store/top");   // {"/…/store/base"}

#include <filesystem>
#include <optional>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/layer_paths.h"
#include "cimlib/layer_writer.h"
#include "cimlib/lock.h"

namespace cim::layer {

/// Returns the parents that `directory`/layerchain.json lists, the immediate parent first; nullopt
/// if there is no such file. A base layer has no file, an empty array or `null`. Whether the
/// parents exist is not checked. Throws kCorrupt, naming the file and the place, for anything but
/// an array of different absolute paths, and kLimit for a file larger than 1 MiB.
CIM_EXPORT std::optional<std::vector<std::filesystem::path>> read_layer_chain(
    const std::filesystem::path& directory);

/// Writes the layerchain.json of a layer, atomically and durably. Paths are made absolute; they
/// need not exist. destroy() removes the file if the layer was imported before this call and is
/// unchanged; otherwise it is kept, as it is if another program writes it. Throws kInvalidArgument
/// for a path that is empty, given twice or not Unicode, kNotFound if the layer's directory does
/// not exist or the layer was removed during the call, kBusy if others write or remove it, or
/// collect garbage in the directory of its image, for longer than `lock_timeout`.
CIM_EXPORT void write_layer_chain(const LayerPaths& layer,
                                  const std::vector<std::filesystem::path>& parents,
                                  const LockTimeout& lock_timeout = kImportLockTimeout);

}  // namespace cim::layer
