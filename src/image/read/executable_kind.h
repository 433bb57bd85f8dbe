// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// How a file is stored if it is an executable, and why if it is stored unchanged.

#include <string_view>

#include "cimlib/image.h"

#include "base/bytes.h"

namespace cim {

struct ExecutableKind {
  bool is_expanded = false;  ///< stored as mapped into memory
  /// Why it is stored unchanged; empty if it is expanded or not an executable. Static storage
  /// duration.
  std::string_view plain_reason = {};
};

/// Examines a file as a writer does. Reads the first two bytes of files that are stored unchanged,
/// and the head of those that start with "MZ". `head` is working memory.
ExecutableKind executable_kind(const Stream& stream, Bytes& head);

}  // namespace cim
