// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Arguments of the calls: strings, and buffers that receive text or data. Functions fail with
// ERROR_INVALID_PARAMETER unless they say otherwise.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/filetime.h"

#include "base/bytes.h"
#include "offreg/offreg.h"

namespace cim::offreg {

/// The limits of Windows, in characters.
inline constexpr std::size_t kMaxPathLength = 32767;
inline constexpr std::size_t kMaxValueNameLength = 16383;
inline constexpr std::size_t kMaxClassLength = 32767;

/// Returns a string that must not be null or longer.
std::u16string text_of(PCWSTR text, std::size_t max_length);
/// Returns the name of a value, which is empty for a null pointer.
std::u16string value_name_of(PCWSTR text);
/// Returns the names in the path of a key, none for a null pointer or an empty string.
std::vector<std::u16string> key_names_of(PCWSTR path);
/// Returns the path of a file, which is not empty.
std::filesystem::path file_path_of(PCWSTR text);

/// A buffer for text. The size that the caller passes counts the NUL; what it gets back does not.
class TextBuffer {
 public:
  /// The size may be null only if the buffer is.
  TextBuffer(PWSTR buffer, PDWORD size);

  /// Returns true if there is no buffer, or if it has space for the text with its NUL.
  bool fits(std::u16string_view text) const noexcept;
  /// Copies a text that fits into the buffer, if there is one, and sets the size.
  void put(std::u16string_view text) const noexcept;
  void put_size(std::u16string_view text) const noexcept;

 private:
  PWSTR buffer_;
  PDWORD size_;
};

/// Copies data into a buffer, and sets `size` to the size of the data. Without a buffer only the
/// size is set. The size may be null only if the buffer is. Fails with `too_small` if the buffer
/// is.
void put_data(ByteView data, void* buffer, PDWORD size, DWORD too_small);

FILETIME to_filetime(FileTime time) noexcept;

}  // namespace cim::offreg
