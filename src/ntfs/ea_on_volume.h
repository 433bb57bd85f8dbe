// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A list of extended attributes as it lies on a volume of NTFS, which is what ntfs-3g gives and
// takes: each entry ends at a multiple of four and has the offset of what follows, also the last,
// where Windows' interface, and images, have 0.

#include "base/bytes.h"

namespace cim {

/// The list of an image in that form; its attributes keep their order. Throws as
/// parse_extended_attributes does.
Bytes ea_list_on_volume(ByteView list);

/// The other way, which only mends the last offset; lists in the form of an image stay as they
/// are, and what is no list stays for parse_extended_attributes to refuse.
Bytes ea_list_of_volume(ByteView list);

}  // namespace cim
