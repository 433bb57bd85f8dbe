// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Text between Python and the library. A name of an image is UTF-16 that may contain unpaired
// surrogates; a Python string can hold these too, so every name survives in both directions.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pybind11/pybind11.h>

#include "cimlib/image_path.h"

namespace cim::python {

namespace py = pybind11;

/// Return a Python string for WTF-8 and for UTF-16.
py::str to_str(std::string_view wtf8);
py::str to_str(std::u16string_view utf16);

/// Returns the text in WTF-8.
std::string wtf8_of(const py::str& text);
std::u16string utf16_of(const py::str& text);

/// Parse a path inside an image.
ImagePath to_path(const py::str& text);
StreamPath to_stream_path(const py::str& text);

/// Returns a copy of the bytes.
py::bytes to_bytes(std::span<const std::byte> bytes);

/// Bytes of any object with the buffer protocol, without a copy. Holds the buffer until it is
/// destroyed, with the GIL held.
class BorrowedBytes {
 public:
  /// Throws TypeError for an object that is not a contiguous buffer.
  explicit BorrowedBytes(const py::handle& object, int flags = PyBUF_SIMPLE);
  BorrowedBytes(const BorrowedBytes&) = delete;
  BorrowedBytes& operator=(const BorrowedBytes&) = delete;
  ~BorrowedBytes() { PyBuffer_Release(&view_); }

  std::span<const std::byte> bytes() const noexcept {
    return {static_cast<const std::byte*>(view_.buf), static_cast<std::size_t>(view_.len)};
  }
  /// The same for writing; the buffer must have been asked for with PyBUF_WRITABLE.
  std::span<std::byte> writable() const noexcept {
    return {static_cast<std::byte*>(view_.buf), static_cast<std::size_t>(view_.len)};
  }

 private:
  Py_buffer view_{};
};

}  // namespace cim::python
