// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fstream>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"
#include "cimlib/layer_commit.h"
#include "cimlib/layer_export.h"

#include "scaling/measure.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

using Text = std::function<std::string(std::size_t)>;

const layer::ImportOptions& import_options() {
  static const layer::ImportOptions options = {.writer = {.now = FileTime{1}}};
  return options;
}

std::string directories() {
  std::string entries;
  for (const char* const name : {"Files", "Files/a", "Files/b", "Files/c"}) {
    entries += EntryBytes{.name = name, .type = '5'}.bytes();
  }
  return entries;
}

class Store {
 public:
  std::filesystem::path layer(std::string_view name) const {
    return directory_.path() / "s" / name;
  }

  std::filesystem::path tar(std::string_view name, const std::string& entries) const {
    const auto path = directory_.path() / (std::string(name) + ".tar");
    std::ofstream(path, std::ios::binary) << directories() << entries << end_marker();
    return path;
  }

  void import(std::string_view name, const std::string& entries,
              const std::vector<layer::LayerPaths>& parents = {}) const {
    layer::import_tar(tar(name, entries), layer(name), parents, import_options());
  }

 private:
  TemporaryDirectory directory_;
};

std::string repeated(std::size_t count, const Text& text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all += text(i);
  }
  return all;
}

// Imports a layer on top of one with n files that have their first names in Files/a and their
// second ones in Files/b.
Countable child(std::string name, std::size_t count, const Text& text,
                const std::string& begin = {}, const std::string& end = {}) {
  return {"layer: " + std::move(name), count, [=](std::size_t n) {
            auto store = std::make_shared<Store>();
            store->import("parent", repeated(n, [](std::size_t i) {
                            return EntryBytes{.name = fmt::format("Files/a/{}", i)}.bytes() +
                                   EntryBytes{.name = fmt::format("Files/b/{}", i),
                                              .type = '1',
                                              .link = fmt::format("Files/a/{}", i)}
                                       .bytes();
                          }));
            const auto tar = store->tar("child", begin + repeated(n, text) + end);
            return [store, tar] {
              layer::import_tar(tar, store->layer("child"), {store->layer("parent")},
                                import_options());
            };
          }};
}

// Exports a layer with n changes.
Countable exported(std::string name, std::size_t count, const Text& text) {
  return {"export: " + std::move(name), count, [=](std::size_t n) {
            auto store = std::make_shared<Store>();
            store->import("parent", repeated(n, [](std::size_t i) {
                            return EntryBytes{.name = fmt::format("Files/a{}", i)}.bytes();
                          }));
            store->import("child", repeated(n, text), {store->layer("parent")});
            return [store] {
              layer::export_tar(store->layer("child"), [](std::span<const std::byte>) {},
                                {.parents = {store->layer("parent")}});
            };
          }};
}

Countable parents() {
  return {"layer: parents", 5, [](std::size_t n) {
            auto store = std::make_shared<Store>();
            std::vector<layer::LayerPaths> below;
            for (std::size_t i = 0; i <= n; ++i) {
              layer::ImportOptions options;
              const auto tar = store->tar(
                  "x", EntryBytes{.name = fmt::format("Files/{}", i), .body = "text"}.bytes());
              const auto name = fmt::format("{}", i);
              layer::import_tar(tar, store->layer(name), below, options);
              below.insert(below.begin(), store->layer(name));
            }
            const auto tar = store->tar("last", {});
            return [store, tar, below] {
              layer::import_tar(tar, store->layer("last"), below, import_options());
            };
          }};
}

using Change = std::function<void(const std::filesystem::path& files, std::size_t)>;

// Commits n changes of a layer with n files in Files/a.
Countable committed(std::string name, std::size_t count, const Change& change) {
  return {"commit: " + std::move(name), count, [=](std::size_t n) {
            auto store = std::make_shared<Store>();
            store->import("parent", repeated(n, [](std::size_t i) {
                            return EntryBytes{.name = fmt::format("Files/a/{}", i)}.bytes();
                          }));
            const auto upper = store->layer("changes");
            std::filesystem::create_directories(upper / "Files/a");
            for (std::size_t i = 0; i < n; ++i) {
              change(upper / "Files", i);
            }
            return [store, upper] {
              layer::commit(upper, store->layer("child"), {store->layer("parent")},
                            {.writer = import_options().writer});
            };
          }};
}

void put_file(const std::filesystem::path& path) {
  std::ofstream(path) << "text";
}

}  // namespace

std::vector<Countable> layer_countables() {
  const auto file = [](const std::string& pattern_of_name) {
    return [pattern_of_name](std::size_t i) {
      return EntryBytes{.name = fmt::format(fmt::runtime(pattern_of_name), i)}.bytes();
    };
  };
  return {
      child("files", 100, file("Files/c/{}")),
      child("files replaced", 100, file("Files/a/{}")),
      child("streams of a file", 100, file("Files/new:s{}"),
            EntryBytes{.name = "Files/new"}.bytes()),
      child(
          "hard links of a file", 100,
          [](std::size_t i) {
            return EntryBytes{
                .name = fmt::format("Files/c/{}", i), .type = '1', .link = "Files/new"}
                .bytes();
          },
          EntryBytes{.name = "Files/new"}.bytes()),
      child("whiteouts", 100, file("Files/a/.wh.{}")),
      child("whiteouts of nothing", 100, file("Files/.wh.none{}")),
      child("opaque markers", 100, file("Files/{}/.wh..wh..opq")),
      child("opaque markers of one directory", 100, file("Files/a/.wh..wh..opq")),
      child("files added below a directory that is hidden", 100, file("Files/a/new{}"), {},
            EntryBytes{.name = "Files/.wh.a"}.bytes()),
      child(
          "files that get another directory", 100, [](std::size_t) { return std::string(); },
          EntryBytes{.name = "Files/.wh.a"}.bytes()),
      parents(),
      committed("files added", 100,
                [](const auto& files, std::size_t i) { put_file(files / fmt::format("{}", i)); }),
      committed("files replaced", 100,
                [](const auto& files, std::size_t i) { put_file(files / fmt::format("a/{}", i)); }),
      committed(
          "files hidden", 100,
          [](const auto& files, std::size_t i) { put_file(files / fmt::format("a/.wh.{}", i)); }),
      committed("links", 100,
                [](const auto& files, std::size_t i) {
                  std::filesystem::create_symlink("a", files / fmt::format("{}", i));
                }),
      committed("names of a file", 100,
                [](const auto& files, std::size_t i) {
                  if (i == 0) {
                    put_file(files / "0");
                  } else {
                    std::filesystem::create_hard_link(files / "0", files / fmt::format("{}", i));
                  }
                }),
      exported("files added", 100, file("Files/b{}")),
      exported("files hidden", 100, file("Files/.wh.a{}")),
      exported("streams", 100,
               [](std::size_t i) {
                 return (i == 0 ? EntryBytes{.name = "Files/d"}.bytes() : "") +
                        EntryBytes{.name = fmt::format("Files/d:{}", i)}.bytes();
               }),
      exported("hard links", 100,
               [](std::size_t i) {
                 return i == 0 ? EntryBytes{.name = "Files/d"}.bytes()
                               : EntryBytes{.name = fmt::format("Files/d{}", i),
                                            .type = '1',
                                            .link = "Files/d"}
                                     .bytes();
               }),
  };
}

}  // namespace cim::test
