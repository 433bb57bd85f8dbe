// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Registry hives.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "cimlib/hive.h"

#include "bindings.h"
#include "calls.h"
#include "text.h"

namespace cim::python {
namespace {

using registry::Hive;
using registry::Key;
using registry::Value;

// The data as the type says; as bytes if it does not fit the type or the type has no other form.
py::object typed_value(const Value& value) {
  if (const auto text = value.text()) {
    return to_str(*text);
  }
  if (const auto number = value.number()) {
    return py::int_(*number);
  }
  if (const auto strings = value.strings()) {
    py::list list;
    for (const std::string& text : *strings) {
      list.append(to_str(text));
    }
    return list;
  }
  return to_bytes(value.data());
}

std::string_view layer_name(registry::LayerSemantics layer) {
  switch (layer) {
    case registry::LayerSemantics::kMerge:
      return "merge";
    case registry::LayerSemantics::kTombstone:
      return "tombstone";
    case registry::LayerSemantics::kSupersedeLocal:
      return "supersede-local";
    case registry::LayerSemantics::kSupersedeTree:
      return "supersede-tree";
  }
  return "merge";
}

registry::OpenOptions open_options(bool read_dirty, std::vector<std::filesystem::path> logs) {
  return {.dirty = read_dirty ? registry::DirtyHive::kReadAsIs : registry::DirtyHive::kRefuse,
          .logs = std::move(logs)};
}

Hive open_hive(const std::filesystem::path& path, const std::vector<std::filesystem::path>& logs,
               bool read_dirty) {
  return without_gil([&] { return Hive::open(path, open_options(read_dirty, logs)); });
}

Hive hive_from_bytes(const py::object& data, const std::string& name, bool read_dirty) {
  const BorrowedBytes bytes(data);
  return without_gil([&] {
    return Hive::from_bytes({bytes.bytes().begin(), bytes.bytes().end()}, name,
                            open_options(read_dirty, {}));
  });
}

template <typename Range>
py::list to_list(const Range& range) {
  py::list list;
  for (const auto& element : range) {
    list.append(element);
  }
  return list;
}

void bind_values(py::module_& module) {
  py::class_<Value>(module, "HiveValue", "A value of a key. Keeps the bytes of its hive alive.")
      .def_property_readonly(
          "name", [](const Value& v) { return to_str(v.name()); },
          "The name; empty for the default value.")
      .def_property_readonly("type", &Value::type, "The type as a number.")
      .def_property_readonly(
          "type_name", [](const Value& v) { return to_str(registry::type_name(v.type())); },
          "The type as in \"REG_SZ\"; empty for a number without a name.")
      .def_property_readonly(
          "data", [](const Value& v) { return to_bytes(v.data()); }, "The bytes as stored.")
      .def_property_readonly("value", typed_value,
                             "The data as str, int, list of str or bytes, as the type says.")
      .def_property_readonly("is_tombstone", &Value::is_tombstone,
                             "True if the value, in a delta hive, deletes the lower one.")
      .def("__len__", &Value::size);
}

void bind_keys(py::module_& module) {
  py::class_<Key>(module, "HiveKey", "A key of a hive. Keeps the bytes of its hive alive.")
      .def_property_readonly("name", [](const Key& k) { return to_str(k.name()); })
      .def_property_readonly("written", &Key::time, "Time of the last write.")
      .def_property_readonly("class_name",
                             [](const Key& k) -> std::optional<py::str> {
                               const auto name = k.class_name();
                               return name ? std::optional(to_str(*name)) : std::nullopt;
                             })
      .def_property_readonly("is_symbolic_link", &Key::is_symbolic_link)
      .def_property_readonly("flags", &Key::flags)
      .def_property_readonly(
          "layer", [](const Key& k) { return to_str(layer_name(k.layer())); },
          "How the key of a delta hive affects the lower one: \"merge\", "
          "\"tombstone\", \"supersede-local\" or \"supersede-tree\".")
      .def(
          "security_descriptor", [](const Key& k) { return to_bytes(k.descriptor()); },
          "Returns the self-relative security descriptor.")
      .def(
          "subkeys", [](const Key& k) { return to_list(k.subkeys()); }, "Returns the subkeys.")
      .def(
          "subkey", [](const Key& k, const py::str& name) { return k.subkey(wtf8_of(name)); },
          py::arg("name"), "Returns the subkey of that name, ignoring case, or None.")
      .def(
          "values", [](const Key& k) { return to_list(k.values()); }, "Returns the values.")
      .def(
          "value", [](const Key& k, const py::str& name) { return k.value(wtf8_of(name)); },
          py::arg("name") = "", "Returns the value of that name, ignoring case, or None.")
      .def("__repr__",
           [](const Key& k) { return py::str("<HiveKey {!r}>").format(to_str(k.name())); });
}

}  // namespace

void bind_hives(py::module_& module) {
  bind_values(module);
  bind_keys(module);
  py::class_<Hive>(module, "Hive",
                   "A registry hive in memory. Opening it checks every key and value.")
      .def(
          py::init(&open_hive), py::arg("path"), py::arg("logs") = py::tuple(),
          py::arg("read_dirty") = false,
          "Opens a hive file. A dirty hive is recovered from the logs, read as it is if read_dirty "
          "is set, and refused otherwise.")
      .def_static("from_bytes", hive_from_bytes, py::arg("data"), py::arg("name") = "hive",
                  py::arg("read_dirty") = false, "Opens a hive in memory.")
      .def_property_readonly("root", &Hive::root, "The root key.")
      .def(
          "find", [](const Hive& h, const py::str& path) { return h.find(wtf8_of(path)); },
          py::arg("path"), "Returns the key at a path with `\\` between the names, or None.")
      .def_property_readonly("key_count", &Hive::key_count)
      .def_property_readonly("value_count", &Hive::value_count)
      .def_property_readonly("minor_version", &Hive::minor_version)
      .def_property_readonly("is_delta", &Hive::is_layered)
      .def_property_readonly("is_dirty", &Hive::is_dirty)
      .def_property_readonly("written", &Hive::last_written, "Time of the last write.");
}

}  // namespace cim::python
