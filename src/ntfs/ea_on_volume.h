// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A list of extended attributes in the form of an NTFS volume, which ntfs-3g returns and accepts:
// each entry is padded to a multiple of four and holds the offset of the next position, even the
// last, where Windows' interface and images have 0.

#include "base/bytes.h"

namespace cim {

/// Converts an image's list to that form; the order of the attributes is kept. Throws as
/// parse_extended_attributes() does.
Bytes ea_list_on_volume(ByteView list);

/// Converts back by clearing the last offset. Lists in the form of an image are not changed;
/// neither are invalid lists, which parse_extended_attributes() rejects.
Bytes ea_list_of_volume(ByteView list);

}  // namespace cim
