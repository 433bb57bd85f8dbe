// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Times, security descriptors, extended attributes and reparse points.
#include <pybind11/operators.h>
#include <pybind11/stl.h>

#include "cimlib/extended_attributes.h"
#include "cimlib/filetime.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "bindings.h"
#include "text.h"

namespace cim::python {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;

// A Python integer: the result does not fit into 64 bits for times far from 1970.
py::int_ unix_nanoseconds(const FileTime& time) {
  const UnixTime unix_time = time.to_unix();
  return py::int_(py::int_(unix_time.seconds) * py::int_(kNanoseconds) +
                  py::int_(unix_time.nanoseconds));
}

FileTime from_unix_nanoseconds(const py::int_& nanoseconds) {
  const py::tuple parts = py::module_::import("builtins").attr("divmod")(nanoseconds, kNanoseconds);
  const auto time =
      FileTime::from_unix({parts[0].cast<std::int64_t>(), parts[1].cast<std::uint32_t>()});
  if (!time) {
    throw py::value_error("the time is not between 1601 and 60056");
  }
  return *time;
}

// In UTC, rounded down to microseconds.
py::object to_datetime(const FileTime& time) {
  const py::module_ datetime = py::module_::import("datetime");
  const py::object start = datetime.attr("datetime")(
      1601, 1, 1, py::arg("tzinfo") = datetime.attr("timezone").attr("utc"));
  return start + datetime.attr("timedelta")(0, 0, time.ticks / 10);
}

void bind_times(py::module_& module) {
  py::class_<FileTime>(module, "FileTime", "A time: 100 ns ticks since 1601-01-01 (UTC).")
      .def(py::init([](std::uint64_t ticks) { return FileTime{ticks}; }), py::arg("ticks"))
      .def_static("now", &FileTime::now, "Returns the current time.")
      .def_static("from_unix_ns", from_unix_nanoseconds, py::arg("nanoseconds"),
                  "Converts nanoseconds since 1970, rounded towards 1970 to whole ticks.")
      .def_readonly("ticks", &FileTime::ticks, "Ticks of 100 ns since 1601.")
      .def_property_readonly("unix_ns", unix_nanoseconds,
                             "Nanoseconds since 1970; may be negative.")
      .def(
          "datetime", to_datetime,
          "Returns a datetime in UTC, rounded down to microseconds. Raises OverflowError for times "
          "after the year 9999.")
      .def("__str__", &FileTime::to_string)
      .def("__repr__",
           [](const FileTime& t) { return "FileTime(" + std::to_string(t.ticks) + ")"; })
      .def("__hash__", [](const FileTime& t) { return py::hash(py::int_(t.ticks)); })
      .def(py::self == py::self)
      .def(py::self < py::self)
      .def(py::self <= py::self)
      .def(py::self > py::self)
      .def(py::self >= py::self);
}

void bind_extended_attributes(py::module_& module) {
  py::class_<ExtendedAttribute>(module, "ExtendedAttribute", "An NTFS extended attribute.")
      .def(py::init([](const py::bytes& name, const py::object& value, std::uint8_t flags) {
             const BorrowedBytes bytes(value);
             ExtendedAttribute attribute;
             attribute.name = std::string(name);
             attribute.value.assign(bytes.bytes().begin(), bytes.bytes().end());
             attribute.flags = flags;
             return attribute;
           }),
           py::arg("name"), py::arg("value"), py::arg("flags") = 0)
      .def_property_readonly("name", [](const ExtendedAttribute& a) { return py::bytes(a.name); })
      .def_property_readonly("value", [](const ExtendedAttribute& a) { return to_bytes(a.value); })
      .def_readonly("flags", &ExtendedAttribute::flags, "0x80: needed to understand the file.")
      .def(py::self == py::self);
  module.def(
      "parse_extended_attributes",
      [](const py::object& list) { return parse_extended_attributes(BorrowedBytes(list).bytes()); },
      py::arg("list"), "Returns the attributes of a FILE_FULL_EA_INFORMATION list.");
  module.def(
      "encode_extended_attributes",
      [](const std::vector<ExtendedAttribute>& attributes) {
        return to_bytes(encode_extended_attributes(attributes));
      },
      py::arg("attributes"), "Returns the FILE_FULL_EA_INFORMATION list of the attributes.");
}

void bind_reparse_points(py::module_& module) {
  py::class_<ReparsePoint>(module, "ReparsePoint", "A decoded reparse point.")
      .def_static(
          "parse",
          [](const py::object& buffer) {
            return ReparsePoint::parse(BorrowedBytes(buffer).bytes());
          },
          py::arg("buffer"), "Decodes a reparse buffer with its header.")
      .def_static(
          "symbolic_link",
          [](const py::str& target) {
            return ReparsePoint::pointing_to(reparse_tag::kSymlink, wtf8_of(target));
          },
          py::arg("target"), "Returns a symbolic link to a Windows path.")
      .def_static(
          "mount_point",
          [](const py::str& target) {
            return ReparsePoint::pointing_to(reparse_tag::kMountPoint, wtf8_of(target));
          },
          py::arg("target"), "Returns a mount point (junction) to a Windows path.")
      .def_readonly("tag", &ReparsePoint::tag)
      .def_readonly("is_relative", &ReparsePoint::is_relative)
      .def_property_readonly("substitute_name",
                             [](const ReparsePoint& p) { return to_str(p.substitute_name); })
      .def_property_readonly("print_name",
                             [](const ReparsePoint& p) { return to_str(p.print_name); })
      .def_property_readonly(
          "target", [](const ReparsePoint& p) { return to_str(p.target()); },
          "The target for display; empty for tags other than links and mount points.")
      .def(
          "encode", [](const ReparsePoint& p) { return to_bytes(p.encode()); },
          "Returns the reparse buffer.")
      .def(py::self == py::self);
}

}  // namespace

void bind_metadata(py::module_& module) {
  bind_times(module);
  bind_extended_attributes(module);
  bind_reparse_points(module);
  module.def(
      "descriptor_to_sddl",
      [](const py::object& bytes) {
        return to_str(SecurityDescriptor::parse(BorrowedBytes(bytes).bytes()).to_sddl());
      },
      py::arg("descriptor"), "Returns the SDDL text of a self-relative security descriptor.");
  module.def(
      "descriptor_from_sddl",
      [](const py::str& sddl) {
        return to_bytes(SecurityDescriptor::from_sddl(wtf8_of(sddl)).encode());
      },
      py::arg("sddl"), "Returns the self-relative security descriptor that SDDL text describes.");
}

}  // namespace cim::python
