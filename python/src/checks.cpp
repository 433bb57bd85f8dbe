// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Long operations on whole images: checks, searches, creation from a directory, extraction.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "cimlib/check.h"
#include "cimlib/create.h"
#include "cimlib/extract.h"
#include "cimlib/find.h"

#include "bindings.h"
#include "calls.h"
#include "entry.h"
#include "text.h"

namespace cim::python {
namespace {

// A result of a search.
struct Match {
  Entry entry;
  std::optional<std::u16string> stream;
  std::uint64_t size = 0;
  std::vector<std::byte> digest;
};

struct Search {
  std::vector<std::string> names;
  std::vector<std::string> paths;
  std::optional<std::uint64_t> min_size;
  std::optional<std::uint64_t> max_size;
  std::optional<FileTime> newer_than;
  std::optional<FileTime> older_than;
  std::uint32_t attributes = 0;
  bool streams = false;
  std::vector<std::string> contents;
  std::optional<std::string> hash;
};

HashAlgorithm hash_named(const std::string& name) {
  for (const auto algorithm : {HashAlgorithm::kSha256, HashAlgorithm::kSha1, HashAlgorithm::kMd5}) {
    if (to_string(algorithm) == name) {
      return algorithm;
    }
  }
  throw py::value_error("hash must be \"sha256\", \"sha1\" or \"md5\"");
}

FindOptions find_options(const Search& search) {
  FindOptions options;
  for (const std::string& name : search.names) {
    options.names.emplace_back(name, "");
  }
  for (const std::string& path : search.paths) {
    options.paths.emplace_back(path);
  }
  for (const std::string& series : search.contents) {
    const auto bytes = std::as_bytes(std::span(series));
    options.contents.emplace_back(bytes.begin(), bytes.end());
  }
  options.min_size = search.min_size;
  options.max_size = search.max_size;
  options.newer_than = search.newer_than;
  options.older_than = search.older_than;
  options.with_attributes = search.attributes;
  if (search.streams) {
    options.kinds = {EntryKind::kFile, EntryKind::kDirectory, EntryKind::kLink, EntryKind::kStream};
  }
  if (search.hash) {
    options.hash = hash_named(*search.hash);
  }
  return options;
}

// Without a callback the first entry that cannot be read ends the search.
std::vector<Match> search_image(const Image& image, FindOptions options,
                                const py::object& on_error) {
  const auto callback = [&](const std::string& path, const Error& error) {
    const py::gil_scoped_acquire gil;
    on_error(to_str(path), to_exception(error));
  };
  options.failure = [&](const std::string& path, const Error& error) {
    if (on_error.is_none()) {
      throw error;
    }
    callback(path, error);
  };
  return interruptibly([&](const std::stop_token& stop) {
    std::vector<Match> matches;
    options.stop = stop;
    find(image, options, [&](const FoundEntry& found) {
      std::string path = entry_path(found.path);
      Match match{{image, std::move(path), found.info}, {}, found.size, {}};
      match.digest = found.digest;
      if (found.stream != nullptr) {
        match.stream = found.stream->name;
      }
      matches.push_back(std::move(match));
      return true;
    });
    return matches;
  });
}

CheckReport check_image(const std::filesystem::path& image, bool deep, const py::object& progress) {
  CheckOptions options{.depth = deep ? CheckDepth::kDeep : CheckDepth::kStructure,
                       .progress = to_progress_sink(progress)};
  return interruptibly([&](const std::stop_token& stop) {
    options.stop = stop;
    return check(image, options);
  });
}

CreateSummary create_from(const std::filesystem::path& image,
                          const std::filesystem::path& directory, bool reproducible,
                          const py::object& on_warning, const py::object& progress) {
  CreateOptions options{.progress = to_progress_sink(progress),
                        .warning = to_warning_sink(on_warning)};
  options.writer.reproducible = reproducible;
  return interruptibly([&](const std::stop_token& stop) {
    options.stop = stop;
    return create_image(image, directory, options);
  });
}

ExtractSummary extract_to(const Image& image, const std::filesystem::path& destination,
                          const py::str& path, const py::object& on_warning,
                          const py::object& progress) {
  ExtractOptions options{.progress = to_progress_sink(progress),
                         .warning = to_warning_sink(on_warning)};
  const ImagePath from = to_path(path);
  return interruptibly([&](const std::stop_token& stop) {
    options.stop = stop;
    return extract(image, from, destination, options);
  });
}

py::dict to_dict(const CreateSummary& summary) {
  py::dict result;
  result["directories"] = summary.directories;
  result["files"] = summary.files;
  result["hard_links"] = summary.hard_links;
  result["symlinks"] = summary.links;
  result["streams"] = summary.streams;
  result["bytes"] = summary.bytes;
  result["skipped"] = summary.skipped;
  result["stored_bytes"] = summary.image.stored_bytes;
  result["deduplicated_bytes"] = summary.image.deduplicated_bytes;
  return result;
}

py::dict to_dict(const ExtractSummary& summary) {
  py::dict result;
  result["directories"] = summary.directories;
  result["files"] = summary.files;
  result["hard_links"] = summary.hard_links;
  result["symlinks"] = summary.symlinks;
  result["streams"] = summary.streams;
  result["bytes"] = summary.bytes;
  result["skipped"] = summary.skipped;
  return result;
}

void bind_findings(py::module_& module) {
  py::class_<Finding>(module, "Finding", "A defect or note of a check.")
      .def_property_readonly(
          "severity", [](const Finding& f) { return to_str(to_string(f.severity)); },
          "\"note\", \"warning\" or \"fault\".")
      .def_property_readonly(
          "kind",
          [](const Finding& f) {
            return f.kind == nullptr ? py::object(py::none()) : to_str(f.kind->id);
          },
          "Identifier of the kind; docs/findings.md lists all.")
      .def_property_readonly(
          "file", [](const Finding& f) { return f.file; },
          "Path of the file of the image concerned.")
      .def_readonly("offset", &Finding::offset, "Position in that file in bytes, or None.")
      .def_property_readonly(
          "path", [](const Finding& f) { return to_str(f.path); },
          "Path inside the image; empty if it concerns none.")
      .def_property_readonly("stream", [](const Finding& f) { return to_str(f.stream); })
      .def_property_readonly("text", [](const Finding& f) { return to_str(f.text); })
      .def("__str__", [](const Finding& f) { return to_str(to_string(f)); });
  py::class_<CheckReport>(module, "CheckReport", "The result of a check.")
      .def_readonly("findings", &CheckReport::findings)
      .def_readonly("faults", &CheckReport::faults)
      .def_readonly("warnings", &CheckReport::warnings)
      .def_readonly("notes", &CheckReport::notes)
      .def_readonly("directories", &CheckReport::directories)
      .def_readonly("files", &CheckReport::files)
      .def_readonly("verified_objects", &CheckReport::verified_objects)
      .def_readonly("verified_bytes", &CheckReport::verified_bytes)
      .def_property_readonly("is_clean", &CheckReport::is_clean,
                             "True if there are neither faults nor warnings.");
}

void bind_search(py::module_& module) {
  py::class_<Match>(module, "Match", "A file, directory or stream that a search found.")
      .def_readonly("entry", &Match::entry)
      .def_property_readonly(
          "stream",
          [](const Match& m) { return m.stream ? py::object(to_str(*m.stream)) : py::none(); },
          "Name of the alternate stream; None for the file itself.")
      .def_readonly("size", &Match::size)
      .def_property_readonly(
          "digest", [](const Match& m) { return to_bytes(m.digest); },
          "The digest; empty if there is none.");
  module.def(
      "search",
      [](const Image& image, std::vector<std::string> names, std::vector<std::string> paths,
         std::optional<std::uint64_t> min_size, std::optional<std::uint64_t> max_size,
         std::optional<FileTime> newer_than, std::optional<FileTime> older_than,
         std::uint32_t attributes, bool streams, const std::vector<py::bytes>& contents,
         std::optional<std::string> hash, const py::object& on_error) {
        Search search{std::move(names), std::move(paths), min_size, max_size, newer_than,
                      older_than,       attributes,       streams,  {},       std::move(hash)};
        for (const py::bytes& series : contents) {
          search.contents.emplace_back(series);
        }
        return search_image(image, find_options(search), on_error);
      },
      py::arg("image"), py::kw_only(), py::arg("names") = py::tuple(),
      py::arg("paths") = py::tuple(), py::arg("min_size") = py::none(),
      py::arg("max_size") = py::none(), py::arg("newer_than") = py::none(),
      py::arg("older_than") = py::none(), py::arg("attributes") = 0, py::arg("streams") = false,
      py::arg("contents") = py::tuple(), py::arg("hash") = py::none(),
      py::arg("on_error") = py::none(),
      "Returns a list of Match for the entries that satisfy every criterion. Names and paths are "
      "globs, contents series of bytes; hash is \"sha256\", \"sha1\" or \"md5\". With "
      "on_error(path, error), the search goes on after an entry that cannot be read.");
}

}  // namespace

void bind_checks(py::module_& module) {
  bind_findings(module);
  bind_search(module);
  module.def("check", check_image, py::arg("image"), py::kw_only(), py::arg("deep") = false,
             py::arg("progress") = py::none(),
             "Checks an image; a deep check reads all data. Returns a CheckReport.");
  module.def(
      "create_image",
      [](const std::filesystem::path& image, const std::filesystem::path& directory,
         bool reproducible, const py::object& on_warning, const py::object& progress) {
        return to_dict(create_from(image, directory, reproducible, on_warning, progress));
      },
      py::arg("image"), py::arg("directory"), py::kw_only(), py::arg("reproducible") = false,
      py::arg("on_warning") = py::none(), py::arg("progress") = py::none(),
      "Creates an image from a directory of the host. Returns counts as a dict.");
  module.def(
      "extract",
      [](const Image& image, const std::filesystem::path& destination, const py::str& path,
         const py::object& on_warning, const py::object& progress) {
        return to_dict(extract_to(image, destination, path, on_warning, progress));
      },
      py::arg("image"), py::arg("destination"), py::arg("path") = "", py::kw_only(),
      py::arg("on_warning") = py::none(), py::arg("progress") = py::none(),
      "Writes a directory of an image, or a file, into an empty directory. Returns counts as a "
      "dict.");
}

}  // namespace cim::python
