// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Cryptography from which GUIDs are made. One implementation per system (crypto_openssl.cpp,
// crypto_windows.cpp).

#include <array>
#include <cstddef>
#include <span>

#include "base/bytes.h"

namespace cim {

/// Fills `bytes` with unpredictable random bytes. Throws kIo if the system provides none.
void fill_with_random(std::span<std::byte> bytes);

/// Returns the SHA-1 of `bytes`. For names that standards derive by SHA-1; not for anything that
/// must resist forgery.
std::array<std::byte, 20> sha1(ByteView bytes);

}  // namespace cim
