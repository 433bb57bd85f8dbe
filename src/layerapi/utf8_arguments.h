// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Arguments and results of functions whose strings are UTF-8.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace cim::capi {

/// Returns the text up to the NUL, at most 32,767 bytes. Throws E_INVALIDARG.
std::string_view utf8_or_empty(const char* text);
/// The same for a text that must not be empty.
std::string_view utf8_of(const char* text);
/// Returns the path on the host; it must not be empty.
std::filesystem::path path_of(const char* text);

/// Copies bytes; `length` is their number minus `end`, the part that callers do not count. Throws
/// ERROR_INSUFFICIENT_BUFFER after setting it, and E_POINTER.
void copy_all(std::string_view bytes, std::size_t end, char* buffer, std::size_t size,
              std::size_t* length);
/// Copies a text and its terminating NUL.
void copy_utf8(const std::string& text, char* buffer, std::size_t size, std::size_t* length);

}  // namespace cim::capi
