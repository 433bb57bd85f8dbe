// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Container layers.
#include <chrono>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "cimlib/layer.h"
#include "cimlib/layer_chain.h"
#include "cimlib/layer_export.h"

#include "bindings.h"
#include "calls.h"
#include "text.h"

namespace cim::python {
namespace {

using Paths = std::vector<std::filesystem::path>;

std::vector<layer::LayerPaths> layers_of(const Paths& directories) {
  return std::vector<layer::LayerPaths>(directories.begin(), directories.end());
}

py::dict import_layer(const py::object& tar, const std::filesystem::path& directory,
                      const Paths& parents, const std::optional<std::string>& diff_id,
                      bool reproducible, const py::object& on_warning, const py::object& progress) {
  layer::ImportOptions options;
  options.writer.reproducible = reproducible;
  options.diff_id = diff_id;
  options.computes_diff_id = true;
  options.warning = to_warning_sink(on_warning);
  options.progress = to_progress_sink(progress);
  const ByteSource source = to_source(tar);
  const auto imported = interruptibly([&](const std::stop_token& stop) {
    options.stop = stop;
    return layer::import_tar(source, directory, layers_of(parents), options);
  });
  py::dict result;
  result["entries"] = imported.entries;
  result["size"] = imported.size;
  result["tar_size"] = imported.tar_size;
  result["diff_id"] = imported.diff_id;
  return result;
}

layer::Compression compression_of(const std::string& name) {
  if (name == "none") {
    return layer::Compression::kNone;
  }
  if (name == "gzip") {
    return layer::Compression::kGzip;
  }
  if (name == "zstd") {
    return layer::Compression::kZstd;
  }
  throw py::value_error("compression must be \"none\", \"gzip\" or \"zstd\"");
}

py::dict export_layer(const std::filesystem::path& directory, const py::object& tar,
                      const Paths& parents, bool flattened, const std::string& compression,
                      const py::object& on_warning, const py::object& progress) {
  layer::ExportOptions options;
  options.content = flattened ? layer::ExportContent::kFlattened : layer::ExportContent::kLayer;
  options.parents = layers_of(parents);
  options.compression = compression_of(compression);
  options.digests = true;
  options.warning = to_warning_sink(on_warning);
  options.progress = to_progress_sink(progress);
  const bool is_file = py::hasattr(tar, "write");
  const ByteSink sink = is_file ? to_sink(tar) : ByteSink();
  const auto path = is_file ? std::filesystem::path() : tar.cast<std::filesystem::path>();
  const auto exported = interruptibly([&](const std::stop_token& stop) {
    options.stop = stop;
    return is_file ? layer::export_tar(directory, sink, options)
                   : layer::export_tar(directory, path, options);
  });
  py::dict result;
  result["entries"] = exported.entries;
  result["whiteouts"] = exported.whiteouts;
  result["size"] = exported.size;
  result["tar_size"] = exported.tar_size;
  result["file_size"] = exported.file_size;
  result["diff_id"] = exported.diff_id;
  result["digest"] = exported.digest;
  return result;
}

bool destroy_layer(const std::filesystem::path& directory, double wait) {
  const auto time =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(wait));
  return interruptibly([&](const std::stop_token& stop) {
    return layer::destroy(directory, {time, stop});
  });
}

py::dict usage_of(const std::filesystem::path& directory) {
  const layer::Usage usage = without_gil([&] { return layer::usage(directory); });
  py::dict result;
  result["size"] = usage.size;
  result["inodes"] = usage.inodes;
  result["shared_size"] = usage.shared_size;
  result["shared_inodes"] = usage.shared_inodes;
  return result;
}

}  // namespace

void bind_layers(py::module_& module) {
  module.def("import_layer", import_layer, py::arg("tar"), py::arg("layer"),
             py::arg("parents") = py::tuple(), py::kw_only(), py::arg("diff_id") = py::none(),
             py::arg("reproducible") = false, py::arg("on_warning") = py::none(),
             py::arg("progress") = py::none(),
             "Imports an OCI Windows layer from a path or file object as a new layer on top of the "
             "parents, the immediate parent first. Returns counts and the diff id as a dict.");
  module.def(
      "export_layer", export_layer, py::arg("layer"), py::arg("tar"),
      py::arg("parents") = py::tuple(), py::kw_only(), py::arg("flattened") = false,
      py::arg("compression") = "none", py::arg("on_warning") = py::none(),
      py::arg("progress") = py::none(),
      "Exports a layer as an OCI Windows layer to a path, which must not exist, or to a file "
      "object. Returns counts and digests as a dict.");
  module.def("destroy_layer", destroy_layer, py::arg("layer"), py::kw_only(), py::arg("wait") = 0.0,
             "Removes a layer; waits up to `wait` seconds for other writers. Returns whether there "
             "was anything to remove.");
  module.def("is_layer", &layer::is_cim_layer, py::arg("layer"),
             "Returns whether the directory has the image of a layer.");
  module.def("layer_image", &layer::cim_path, py::arg("layer"),
             "Returns the path of a layer's image.");
  module.def("layer_usage", usage_of, py::arg("layer"),
             "Returns the disk usage of a layer as a dict.");
  module.def("read_layer_chain", &layer::read_layer_chain, py::arg("layer"),
             "Returns the parents that layerchain.json lists, the immediate parent first; None "
             "without that file.");
  module.def(
      "write_layer_chain",
      [](const std::filesystem::path& directory, const Paths& parents) {
        without_gil([&] { layer::write_layer_chain(directory, parents); });
      },
      py::arg("layer"), py::arg("parents"), "Writes layerchain.json, durably.");
}

}  // namespace cim::python
