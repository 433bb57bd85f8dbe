// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What GUIDs are made of. One implementation per system (crypto_openssl.cpp, crypto_windows.cpp).

#include <array>
#include <cstddef>
#include <span>

#include "base/bytes.h"

namespace cim {

/// Random bytes that nobody can guess. Throws kIo if the system gives none.
void fill_with_random(std::span<std::byte> bytes);

/// For names that standards derive by SHA-1; not for anything that must not be forged.
std::array<std::byte, 20> sha1(ByteView bytes);

}  // namespace cim
