// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Images, their entries and streams.
#include <chrono>
#include <memory>

#include <pybind11/functional.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "cimlib/extended_attributes.h"
#include "cimlib/image_summary.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"
#include "cimlib/wtf8.h"

#include "bindings.h"
#include "calls.h"
#include "entry.h"
#include "entry_walk.h"
#include "text.h"

namespace cim::python {
namespace {

std::optional<Entry> find_entry(const Image& image, const py::str& path) {
  const ImagePath parsed = to_path(path);
  return without_gil([&]() -> std::optional<Entry> {
    const auto id = image.find(parsed);
    if (!id) {
      return std::nullopt;
    }
    const FileInfo info = image.info(*id);
    std::string text = entry_path(parsed);
    return Entry{image, std::move(text), info};
  });
}

Entry get_entry(const Image& image, const py::str& path) {
  auto entry = find_entry(image, path);
  if (!entry) {
    throw Error(ErrorCode::kNotFound, image.path().string(),
                to_path(path).to_string() + " does not exist");
  }
  return *std::move(entry);
}

std::vector<Entry> entries_of(const Entry& directory) {
  return without_gil([&] {
    std::vector<Entry> entries;
    for (const DirectoryEntry& entry : directory.image.list(directory.info.id)) {
      std::string path = directory.path + (directory.path.empty() ? "" : "/");
      path += to_wtf8(std::u16string_view(entry.name));
      const FileInfo info = directory.image.info(entry.id);
      entries.push_back({directory.image, std::move(path), info});
    }
    return entries;
  });
}

Stream open_entry(const Entry& entry, const std::optional<py::str>& name) {
  if (!name || py::len(*name) == 0) {
    return without_gil([&] { return entry.image.open(entry.info.id); });
  }
  const std::u16string text = utf16_of(*name);
  auto stream = without_gil([&] { return entry.image.open_stream(entry.info.id, text); });
  if (!stream) {
    throw Error(ErrorCode::kNotFound, entry.path + ":" + wtf8_of(*name), "there is no such stream");
  }
  return *std::move(stream);
}

// The file object is written in Python, as a subclass of io.RawIOBase.
py::object to_file(const Stream& stream, const py::object& name) {
  return py::module_::import("cimlib._streams").attr("StreamFile")(stream, name);
}

py::object open_path(const Image& image, const py::str& path) {
  const StreamPath parsed = to_stream_path(path);
  const auto stream = to_str(parsed.stream);
  const Entry entry = get_entry(image, to_str(entry_path(parsed.file)));
  return to_file(open_entry(entry, stream), path);
}

std::size_t read_stream(const Stream& stream, std::uint64_t offset, const py::object& into) {
  const BorrowedBytes buffer(into, PyBUF_WRITABLE);
  return without_gil([&] { return stream.read(offset, buffer.writable()); });
}

std::optional<py::str> link_target(const Entry& entry) {
  if (!entry.info.is_reparse_point()) {
    return std::nullopt;
  }
  const auto point = ReparsePoint::parse(entry.image.reparse_data(entry.info.id));
  if (!point.has_names()) {
    return std::nullopt;
  }
  return to_str(point.target());
}

// Returns the next entry; raises StopIteration at the end. Failures are passed to the callback.
struct Walk {
  std::unique_ptr<EntryWalk> walk;
  py::object on_error;
};

void report_failures(const std::vector<EntryWalk::Failure>& failures, const py::object& on_error) {
  for (const EntryWalk::Failure& failure : failures) {
    on_error(to_str(failure.path), to_exception(failure.error));
  }
}

void load_batch(Walk& self) {
  constexpr std::chrono::milliseconds kWait{50};
  EntryWalk& walk = *self.walk;
  std::optional<EntryWalk::Batch> batch;
  while (!(batch = without_gil([&] { return walk.next(kWait); }))) {
    if (PyErr_CheckSignals() != 0) {
      throw py::error_already_set();
    }
  }
  walk.current = *std::move(batch);
  walk.position = 0;
  report_failures(walk.current.failures, self.on_error);
}

Entry next_entry(Walk& self) {
  EntryWalk& walk = *self.walk;
  while (walk.position == walk.current.entries.size()) {
    load_batch(self);
    if (walk.current.entries.empty() && walk.current.failures.empty()) {
      throw py::stop_iteration();
    }
  }
  return std::move(walk.current.entries[walk.position++]);
}

Walk start_walk(const Image& image, const py::str& path, const std::optional<std::size_t>& depth,
                const py::object& on_error) {
  const std::size_t levels = depth.value_or(static_cast<std::size_t>(-1));
  return {std::make_unique<EntryWalk>(image, to_path(path), levels, !on_error.is_none()), on_error};
}

py::dict summary_of(const Image& image, const py::object& on_warning) {
  const WarningSink warning = to_warning_sink(on_warning);
  const ImageSummary summary = interruptibly([&](const std::stop_token& stop) {
    return summarize(image, {.warning = warning, .stop = stop});
  });
  py::dict result;
  for (const SummaryFigure& figure : summary_figures()) {
    result[py::str(std::string(figure.name))] = summary.*figure.value;
  }
  result["plain_executables"] = py::cast(summary.plain_executables);
  return result;
}

std::string_view storage_name(Storage storage) {
  return storage == Storage::kSparse ? "sparse"
                                     : (storage == Storage::kPeImage ? "pe-image" : "data");
}

void bind_streams(py::module_& module) {
  py::class_<StreamInfo>(module, "StreamInfo", "An alternate stream of a file or directory.")
      .def_property_readonly("name", [](const StreamInfo& s) { return to_str(s.name); })
      .def_readonly("size", &StreamInfo::size, "Size in bytes.")
      .def_property_readonly("storage",
                             [](const StreamInfo& s) { return to_str(storage_name(s.storage)); });
  py::class_<Stream>(module, "Stream",
                     "The bytes of a file or stream at any offset. Keeps its image open. Several "
                     "threads may read at once. cimlib.StreamFile makes a file object of it.")
      .def_property_readonly("size", &Stream::size, "Size in bytes.")
      .def_property_readonly("storage",
                             [](const Stream& s) { return to_str(storage_name(s.storage())); })
      .def("read_into", read_stream, py::arg("offset"), py::arg("buffer"),
           "Reads from an offset on into a writable buffer until it is full or the stream ends; "
           "returns the number of bytes.")
      .def("__len__", &Stream::size);
}

void bind_entry_times(py::class_<Entry>& entry) {
  entry.def_property_readonly("created", [](const Entry& e) { return e.info.times.creation; })
      .def_property_readonly("written", [](const Entry& e) { return e.info.times.last_write; })
      .def_property_readonly("changed", [](const Entry& e) { return e.info.times.change; })
      .def_property_readonly("accessed", [](const Entry& e) { return e.info.times.last_access; });
}

void bind_entry_metadata(py::class_<Entry>& entry) {
  entry
      .def(
          "streams",
          [](const Entry& e) { return without_gil([&] { return e.image.streams(e.info.id); }); },
          "Returns the alternate streams.")
      .def(
          "security_descriptor",
          [](const Entry& e) { return to_bytes(e.image.security_descriptor(e.info.id)); },
          "Returns the self-relative security descriptor.")
      .def(
          "sddl",
          [](const Entry& e) {
            const auto bytes = e.image.security_descriptor(e.info.id);
            return to_str(SecurityDescriptor::parse(bytes).to_sddl());
          },
          "Returns the security descriptor as SDDL text.")
      .def(
          "extended_attributes",
          [](const Entry& e) {
            return parse_extended_attributes(e.image.extended_attributes(e.info.id));
          },
          "Returns the list of ExtendedAttribute.")
      .def(
          "reparse_data", [](const Entry& e) { return to_bytes(e.image.reparse_data(e.info.id)); },
          "Returns the reparse buffer; empty if it is not a reparse point.")
      .def("readlink", link_target,
           "Returns the target of a symbolic link or mount point as Windows shows it; None for "
           "anything else.");
}

void bind_entries(py::module_& module) {
  py::class_<Entry> entry(module, "Entry",
                          "A file or directory of an image, with its metadata. Keeps its image "
                          "open.");
  entry
      .def_property_readonly(
          "path", [](const Entry& e) { return to_str(e.path); },
          "Path from the root with `/` between the names; empty for the root.")
      .def_property_readonly("name", [](const Entry& e) { return to_str(e.name()); })
      .def_property_readonly(
          "id", [](const Entry& e) { return e.info.id; },
          "Number of the file; the same for all its names.")
      .def_property_readonly(
          "size", [](const Entry& e) { return e.info.size; },
          "Size of the default stream in bytes; 0 for a directory.")
      .def_property_readonly(
          "attributes", [](const Entry& e) { return e.info.attributes; },
          "FILE_ATTRIBUTE_* as a number; cimlib.Attributes names them.")
      .def_property_readonly(
          "reparse_tag", [](const Entry& e) { return e.info.reparse_tag; },
          "Tag of a reparse point; 0 if it is not one.")
      .def_property_readonly("is_directory", [](const Entry& e) { return e.info.is_directory(); })
      .def_property_readonly("is_reparse_point",
                             [](const Entry& e) { return e.info.is_reparse_point(); })
      .def_property_readonly("has_streams", [](const Entry& e) { return e.info.has_streams; })
      .def_property_readonly(
          "storage", [](const Entry& e) { return to_str(storage_name(e.info.storage)); },
          "\"data\", \"sparse\" or \"pe-image\".")
      .def("list", entries_of, "Returns the entries of a directory.")
      .def("open_raw", open_entry, py::arg("stream") = py::none(),
           "Returns the default stream, or an alternate one, as a Stream.")
      .def(
          "open",
          [](const Entry& e, const std::optional<py::str>& stream) {
            return to_file(open_entry(e, stream), to_str(e.path));
          },
          py::arg("stream") = py::none(),
          "Returns the default stream, or an alternate one, as a file object.")
      .def("__repr__",
           [](const Entry& e) { return py::str("<Entry {!r}>").format(to_str(e.path)); });
  bind_entry_times(entry);
  bind_entry_metadata(entry);
}

void bind_walks(py::module_& module) {
  py::class_<Walk>(module, "Walk", "Iterator over the entries of a walk.")
      .def("__iter__", [](const py::object& self) { return self; })
      .def("__next__", next_entry);
}

void bind_image(py::module_& module) {
  py::class_<Image>(module, "Image",
                    "An image that is open for reading. Several threads may use it at once. Its "
                    "files are closed when it and all entries and streams of it are gone.")
      .def(py::init([](const std::filesystem::path& path,
                       const std::vector<std::filesystem::path>& region_directories) {
             return without_gil([&] {
               return Image(path, OpenOptions{.region_directories = region_directories});
             });
           }),
           py::arg("path"), py::kw_only(), py::arg("region_directories") = py::tuple(),
           "Opens the image. Region files that are not beside it are searched in the directories.")
      .def_property_readonly("path", [](const Image& i) { return i.path(); })
      .def_property_readonly(
          "version", [](const Image& i) { return std::pair(i.version_major(), i.version_minor()); },
          "Version of the format: major, minor.")
      .def_property_readonly(
          "regions",
          [](const Image& i) {
            std::vector<std::filesystem::path> paths;
            for (const Region& region : i.regions()) {
              paths.push_back(region.path);
            }
            return paths;
          },
          "Paths of the region files.")
      .def("find", find_entry, py::arg("path"),
           "Returns the entry at a path, ignoring case and without following links; None if it "
           "does not exist.")
      .def("get", get_entry, py::arg("path") = "",
           "Returns the entry at a path as find() does; raises Error (not-found) if there is none.")
      .def(
          "list",
          [](const Image& i, const py::str& path) { return entries_of(get_entry(i, path)); },
          py::arg("path") = "", "Returns the entries of a directory.")
      .def("open", open_path, py::arg("path"), "Opens a file, or `file:stream`, as a file object.")
      .def("walk", start_walk, py::arg("path") = "", py::arg("depth") = py::none(),
           py::arg("on_error") = py::none(),
           "Iterates over a directory and everything below it, a directory before its entries. "
           "With on_error(path, error), the walk goes on after an entry that cannot be read; "
           "without, it raises the error.")
      .def("summary", summary_of, py::arg("on_warning") = py::none(),
           "Returns the counts and sizes of `cim info` as a dict.");
}

}  // namespace

void bind_images(py::module_& module) {
  bind_streams(module);
  bind_entries(module);
  bind_walks(module);
  bind_image(module);
}

}  // namespace cim::python
