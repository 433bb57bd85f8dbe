// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Writing images entry by entry.
#include <memory>
#include <mutex>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "cimlib/guid.h"
#include "cimlib/image_writer.h"

#include "bindings.h"
#include "calls.h"
#include "text.h"

namespace cim::python {
namespace {

// The library's writer is for one thread at a time. The lock is taken without the GIL, which the
// call that holds it does not need.
class Writer {
 public:
  Writer(const std::filesystem::path& image, const WriterOptions& options)
      : writer_(std::make_unique<ImageWriter>(image, options)) {}

  template <typename Call>
  auto call(Call&& run) {
    const py::gil_scoped_release release;
    const std::scoped_lock lock(mutex_);
    if (!writer_) {
      throw Error(ErrorCode::kInvalidArgument, "ImageWriter", "the writer is closed");
    }
    return run(*writer_);
  }

  void close() {
    const py::gil_scoped_release release;
    const std::scoped_lock lock(mutex_);
    writer_.reset();
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<ImageWriter> writer_;
};

// Metadata from arguments of Python, with the bytes that it refers to.
struct OwnedMetadata {
  std::vector<std::byte> security_descriptor;
  std::vector<std::byte> extended_attributes;
  std::vector<std::byte> reparse_data;
  FileMetadata metadata;

  OwnedMetadata(std::uint32_t attributes, const FileTimes& times, const py::object& descriptor,
                const py::object& ea_list, const py::object& reparse)
      : security_descriptor(copy(descriptor)),
        extended_attributes(copy(ea_list)),
        reparse_data(copy(reparse)),
        metadata{.attributes = attributes,
                 .times = times,
                 .security_descriptor = security_descriptor,
                 .extended_attributes = extended_attributes,
                 .reparse_data = reparse_data} {}
  OwnedMetadata(const OwnedMetadata&) = delete;
  OwnedMetadata& operator=(const OwnedMetadata&) = delete;

 private:
  static std::vector<std::byte> copy(const py::object& buffer) {
    if (buffer.is_none()) {
      return {};
    }
    const BorrowedBytes bytes(buffer);
    return {bytes.bytes().begin(), bytes.bytes().end()};
  }
};

std::unique_ptr<Writer> open_writer(const std::filesystem::path& image,
                                    const std::optional<std::filesystem::path>& base,
                                    bool reproducible, bool expand_executables) {
  const WriterOptions options{
      .base = base,
      .reproducible = reproducible,
      .pe_expansion = expand_executables ? PeExpansion::kExpand : PeExpansion::kPlain};
  return without_gil([&] { return std::make_unique<Writer>(image, options); });
}

// `data` is a buffer, or the path of a file of the host.
ByteSource source_of(const py::object& data, const std::optional<BorrowedBytes>& buffer) {
  return buffer ? ByteSource::memory(buffer->bytes(), "data")
                : ByteSource(data.cast<std::filesystem::path>());
}

bool is_buffer(const py::object& data) {
  return PyObject_CheckBuffer(data.ptr()) != 0;
}

void add(Writer& writer, const py::str& path, const py::object& data, std::uint32_t attributes,
         const std::optional<FileTimes>& times, const py::object& descriptor,
         const py::object& ea_list, const py::object& reparse) {
  const ImagePath parsed = to_path(path);
  const OwnedMetadata owned(attributes, times.value_or(FileTimes{}), descriptor, ea_list, reparse);
  if (data.is_none()) {
    writer.call([&](ImageWriter& image) { image.add(parsed, owned.metadata); });
    return;
  }
  std::optional<BorrowedBytes> buffer;
  if (is_buffer(data)) {
    buffer.emplace(data);
  }
  const ByteSource source = source_of(data, buffer);
  writer.call([&](ImageWriter& image) { image.add(parsed, owned.metadata, source); });
}

void add_alternate_stream(Writer& writer, const py::str& path, const py::object& data) {
  const StreamPath parsed = to_stream_path(path);
  std::optional<BorrowedBytes> buffer;
  if (is_buffer(data)) {
    buffer.emplace(data);
  }
  const ByteSource source = source_of(data, buffer);
  writer.call([&](ImageWriter& image) { image.add_alternate_stream(parsed, source); });
}

py::dict commit(Writer& writer) {
  const CommitSummary summary = writer.call([](ImageWriter& image) { return image.commit(); });
  writer.close();
  py::dict result;
  result["files"] = summary.files;
  result["stored_bytes"] = summary.stored_bytes;
  result["deduplicated_bytes"] = summary.deduplicated_bytes;
  return result;
}

void exit_context(Writer& writer, const py::object& type) {
  if (type.is_none()) {
    writer.call([](ImageWriter& image) { image.commit(); });
  }
  writer.close();
}

void bind_times_of_files(py::module_& module) {
  py::class_<FileTimes>(module, "FileTimes", "The four times of a file.")
      .def(py::init([](FileTime created, FileTime written, FileTime changed, FileTime accessed) {
             return FileTimes{created, written, changed, accessed};
           }),
           py::arg("created"), py::arg("written"), py::arg("changed"), py::arg("accessed"))
      .def_readonly("created", &FileTimes::creation)
      .def_readonly("written", &FileTimes::last_write)
      .def_readonly("changed", &FileTimes::change)
      .def_readonly("accessed", &FileTimes::last_access);
}

}  // namespace

void bind_writers(py::module_& module) {
  bind_times_of_files(module);
  py::class_<Writer>(module, "ImageWriter",
                     "Writes an image. As a context manager it commits at the end of the block and "
                     "discards everything after an exception. After an error other than a missing "
                     "parent or a wrong path every call raises it again.")
      .def(py::init(&open_writer), py::arg("image"), py::kw_only(), py::arg("base") = py::none(),
           py::arg("reproducible") = false, py::arg("expand_executables") = true,
           "Starts a new image, or one that begins as the image `base` of the same directory.")
      .def("add", add, py::arg("path"), py::arg("data") = py::none(), py::kw_only(),
           py::arg("attributes") = 0, py::arg("times") = py::none(),
           py::arg("security_descriptor") = py::none(), py::arg("extended_attributes") = py::none(),
           py::arg("reparse_data") = py::none(),
           "Adds or replaces a file, or a directory if the attributes say so. `data` is an object "
           "with the buffer protocol, which is not copied, or the path of a file of the host.")
      .def("add_alternate_stream", add_alternate_stream, py::arg("path"), py::arg("data"),
           "Adds or replaces the alternate stream `file:stream`.")
      .def(
          "add_link",
          [](Writer& w, const py::str& path, const py::str& existing) {
            const ImagePath name = to_path(path);
            const ImagePath file = to_path(existing);
            w.call([&](ImageWriter& image) { image.add_link(name, file); });
          },
          py::arg("path"), py::arg("existing"), "Adds another name of a file.")
      .def(
          "remove",
          [](Writer& w, const py::str& path) {
            const StreamPath parsed = to_stream_path(path);
            return w.call([&](ImageWriter& image) {
              return parsed.stream.empty() ? image.remove(parsed.file) : image.remove(parsed);
            });
          },
          py::arg("path"),
          "Removes a name, with everything below it, or a stream; returns whether it existed.")
      .def(
          "exists",
          [](Writer& w, const py::str& path) {
            const StreamPath parsed = to_stream_path(path);
            return w.call([&](ImageWriter& image) {
              return parsed.stream.empty() ? image.exists(parsed.file) : image.exists(parsed);
            });
          },
          py::arg("path"), "Returns whether the file, directory or stream exists.")
      .def("commit", commit, "Publishes the image and closes the writer. Returns counts as a dict.")
      .def("close", &Writer::close, "Discards everything that was not committed.")
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__", [](Writer& w, const py::object& type, const py::object&, const py::object&) {
        exit_context(w, type);
      });
}

}  // namespace cim::python
