// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "text.h"

#include <cstring>

#include "cimlib/wtf8.h"

namespace cim::python {
namespace {

py::str checked(PyObject* text) {
  if (text == nullptr) {
    throw py::error_already_set();
  }
  return py::reinterpret_steal<py::str>(text);
}

}  // namespace

py::str to_str(std::string_view wtf8) {
  return checked(
      PyUnicode_DecodeUTF8(wtf8.data(), static_cast<Py_ssize_t>(wtf8.size()), "surrogatepass"));
}

py::str to_str(std::u16string_view utf16) {
  return to_str(std::string_view(to_wtf8(utf16)));
}

// By way of UTF-16, in which two separate surrogates of a Python string become the pair they are.
std::u16string utf16_of(const py::str& text) {
  const auto units = py::reinterpret_steal<py::object>(
      PyUnicode_AsEncodedString(text.ptr(), "utf-16-le", "surrogatepass"));
  if (!units) {
    throw py::error_already_set();
  }
  const BorrowedBytes buffer(units);
  std::u16string result(buffer.bytes().size() / sizeof(char16_t), u'\0');
  std::memcpy(result.data(), buffer.bytes().data(), buffer.bytes().size());
  return result;
}

std::string wtf8_of(const py::str& text) {
  Py_ssize_t size = 0;
  if (const char* utf8 = PyUnicode_AsUTF8AndSize(text.ptr(), &size)) {
    return {utf8, static_cast<std::size_t>(size)};
  }
  PyErr_Clear();  // an unpaired surrogate
  return to_wtf8(utf16_of(text));
}

ImagePath to_path(const py::str& text) {
  return ImagePath::parse(wtf8_of(text));
}

StreamPath to_stream_path(const py::str& text) {
  return StreamPath::parse(wtf8_of(text));
}

py::bytes to_bytes(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

BorrowedBytes::BorrowedBytes(const py::handle& object, int flags) {
  if (PyObject_GetBuffer(object.ptr(), &view_, flags) != 0) {
    throw py::error_already_set();
  }
}

}  // namespace cim::python
