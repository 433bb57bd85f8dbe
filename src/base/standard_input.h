// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Standard input as bytes. One implementation per system (standard_input_posix.cpp).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>

namespace cim {

/// Fills the buffer as far as standard input goes; returns the bytes read. Waits for a pipe, but
/// not much longer than until `stop` asks for an end: then it throws kCancelled.
std::size_t read_standard_input(std::span<std::byte> into, const std::stop_token& stop = {});

/// Bytes from the present position on, if standard input is a file; unknown for a pipe.
std::optional<std::uint64_t> standard_input_size() noexcept;

}  // namespace cim
