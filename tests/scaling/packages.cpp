// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cmath>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "cimlib/app_package.h"
#include "cimlib/error.h"
#include "cimlib/image_transfer.h"

#include "appx/block_map.h"
#include "appx/manifest.h"
#include "appx/stored_package.h"
#include "base/bytes.h"
#include "scaling/measure.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

using Directory = std::shared_ptr<TemporaryDirectory>;

std::filesystem::path written(const Directory& directory, const std::string& name,
                              const std::string& bytes) {
  const auto path = directory->path() / name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

// Creates an image from packages.
std::function<void()> creation(const Directory& directory,
                               std::vector<std::filesystem::path> packages) {
  return [directory, packages = std::move(packages)] {
    appx::create_image(directory->path() / "a.cim", packages);
  };
}

std::function<void()> creation(const std::string& package) {
  const auto directory = std::make_shared<TemporaryDirectory>();
  return creation(directory, {written(directory, "package", package)});
}

Countable files_of_a_package() {
  return {"packages: files", 100, [](std::size_t n) {
            PackageFiles files = {{"first", "x"}};
            for (std::size_t i = 0; i < n; ++i) {
              files.emplace_back(fmt::format("d/{}", i), fmt::format("{}", i));
            }
            return creation(stored_package(std::move(files)));
          }};
}

Countable directories_of_a_package() {
  return {"packages: directories", 100, [](std::size_t n) {
            PackageFiles files = {{"first", "x"}};
            for (std::size_t i = 0; i < n; ++i) {
              files.emplace_back(fmt::format("{}/f", i), "");
            }
            return creation(stored_package(std::move(files)));
          }};
}

// Each level is a directory with a path of its own.
Countable levels_of_a_package() {
  return {"packages: names in paths", 200, [](std::size_t n) {
            std::string path = "f";
            for (double i = 0; i < std::sqrt(2.0 * static_cast<double>(n)); ++i) {
              path.insert(0, "d/");
            }
            return creation(stored_package({{path, "x"}}));
          }};
}

Countable blocks_of_a_package() {
  return {"packages: blocks", 10, [](std::size_t n) {
            return creation(stored_package({{"f", std::string(n * appx::kBlockSize + 1, 'x')}}));
          }};
}

Countable packages_of_an_image() {
  return {"packages: of an image", 10, [](std::size_t n) {
            const auto directory = std::make_shared<TemporaryDirectory>();
            std::vector<std::filesystem::path> packages;
            for (std::size_t i = 0; i < n + 1; ++i) {
              packages.push_back(written(directory, fmt::format("{}", i),
                                         stored_package({{"f", "x"}}, fmt::format("App{}", i))));
            }
            return creation(directory, std::move(packages));
          }};
}

Countable checked_packages() {
  return {"packages: found and checked", 10, [](std::size_t n) {
            const auto directory = std::make_shared<TemporaryDirectory>();
            std::vector<std::filesystem::path> packages;
            for (std::size_t i = 0; i < n + 1; ++i) {
              packages.push_back(written(directory, fmt::format("{}", i),
                                         stored_package({{"f", "x"}}, fmt::format("App{}", i))));
            }
            creation(directory, std::move(packages))();
            return [directory] { appx::check_packages(Image(directory->path() / "a.cim")); };
          }};
}

Countable files_of_a_block_map() {
  return {"block maps: files", 500, [](std::size_t n) {
            PackageFiles files = {{"first", "x"}};
            for (std::size_t i = 0; i < n; ++i) {
              files.emplace_back(fmt::format("d/{}", i), "x");
            }
            return [text = block_map_text(files)] {
              appx::BlockMapReader reader("map");
              reader.feed(as_bytes(text));
              static_cast<void>(reader.finish());
            };
          }};
}

Countable applications_of_a_manifest() {
  return {"manifests: applications", 500, [](std::size_t n) {
            return [text = manifest_text("Contoso.Tool", n)] {
              static_cast<void>(appx::parse_manifest(as_bytes(text), "manifest"));
            };
          }};
}

Countable packages_of_a_bundle() {
  return {"bundles: packages", 300, [](std::size_t n) {
            std::string text =
                R"(<Bundle><Identity Name="App" Publisher="CN=A" Version="1.0.0.0"/><Packages>)";
            for (std::size_t i = 0; i < n + 1; ++i) {
              text += fmt::format(
                  R"(<Package FileName="{}" Version="1.0.0.0" ResourceId="r{}"><Resources>)"
                  R"(<Resource Language="l{}"/></Resources></Package>)",
                  i, i, i);
            }
            text += "</Packages></Bundle>";
            return [text] {
              const auto manifest = appx::parse_bundle_manifest(as_bytes(text), "bundle");
              static_cast<void>(appx::chosen_packages(manifest, {.languages = {"l5"}}, "bundle"));
            };
          }};
}

// Images without ancestors: each fork needs the files of all of its ancestors.
Countable images_of_a_directory() {
  return {"uses of files: images of a directory", 10, [](std::size_t n) {
            const auto directory = std::make_shared<TemporaryDirectory>();
            for (std::size_t i = 0; i < n + 1; ++i) {
              ImageWriter(directory->path() / fmt::format("{}.cim", i)).commit();
            }
            return [directory] { static_cast<void>(file_uses(directory->path())); };
          }};
}

}  // namespace

std::vector<Countable> package_countables() {
  return {files_of_a_package(),   directories_of_a_package(),   levels_of_a_package(),
          blocks_of_a_package(),  packages_of_an_image(),       checked_packages(),
          files_of_a_block_map(), applications_of_a_manifest(), packages_of_a_bundle(),
          images_of_a_directory()};
}

}  // namespace cim::test
