// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The metadata that a file of an upper directory gets in a layer.

#include <optional>
#include <string>

#include "cimlib/image.h"

#include "image/host/host_metadata.h"
#include "image/read/link_target.h"
#include "layer/commit/upper_entry.h"

namespace cim::layer {

/// Returns the kind of file that a mount shows for a file of the image in the directory at `place`.
HostKind shown_kind(const Image& image, const FileInfo& info, const LinkPlace& place);

/// Returns true if a mount shows a file of the image, in the directory at `place`, as a symbolic
/// link with this target.
bool is_shown_link(const Image& image, const FileInfo& info, const LinkPlace& place,
                   const std::string& target);

/// Returns the metadata of a file of an image.
HostMetadata metadata_in_image(const Image& image, const FileInfo& info);

/// Returns the metadata of an entry; a symbolic link has the reparse data of the file that it was
/// copied from, or none. `source` is the file of `parent` that it was copied from, if any.
HostMetadata metadata_of_entry(const UpperEntry& entry, const Image& parent,
                               std::optional<FileId> source, TimesOfFiles times);

/// Returns false if a directory has the metadata of the directory `below` in the image, and neither
/// has streams.
bool is_changed(const UpperEntry& directory, const Image& parent, FileId below, TimesOfFiles times);

}  // namespace cim::layer
