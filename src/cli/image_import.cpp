// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/image_import.h"

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cimlib/host_path.h"
#include "cimlib/layer.h"

#include "cli/image_writing.h"
#include "cli/json_output.h"
#include "cli/text_output.h"

namespace cim::cli {
namespace {

// REF, @DIGEST, or REF@DIGEST.
LayoutName name_in(std::filesystem::path layout, const std::string& which) {
  const std::size_t at = which.rfind("@sha256:");
  if (at == std::string::npos) {
    return {std::move(layout), which, {}};
  }
  return {std::move(layout), which.substr(0, at), which.substr(at + 1)};
}

Json json_of(const oci::LayerDescription& layer, const oci::ImportedLayer& imported) {
  Json json = {{"directory", imported.directory.string()},
               {"image", layer::cim_path(imported.directory).string()},
               {"digest", layer.digest},
               {"diff_id", layer.diff_id},
               {"chain_id", layer.chain_id},
               {"reused", !imported.result.has_value()}};
  if (imported.result) {
    put_import(json, *imported.result);
  }
  return json;
}

void report_as_json(const oci::ImportResult& result, Console& console) {
  Json layers = Json::array();
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    layers.push_back(json_of(result.image.layers[i], result.layers[i]));
  }
  print_json(console, {{"manifest", result.image.manifest},
                       {"platform", result.image.platform.to_string()},
                       {"layers", std::move(layers)}});
}

void report(const oci::ImportResult& result, Console& console) {
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const auto& imported = result.layers[i].result;
    const std::string id = short_id(result.image.layers[i].digest);
    console.inform(imported ? fmt::format("layer {} ({}): {} ({})", i + 1, id,
                                          content_text(*imported), storage_text(imported->image))
                            : fmt::format("layer {} ({}): in the store already", i + 1, id));
  }
  console.inform(fmt::format("imported {} into {}",
                             counted(result.layers.size(), "layer", "layers"),
                             layer::cim_path(result.layers.back().directory).string()));
}

}  // namespace

LayoutName parse_layout_name(const std::string& text) {
  const auto is_directory = [](const std::filesystem::path& path) {
    std::error_code none;  // reported when the layout is read
    return std::filesystem::is_directory(path, none);
  };
  if (is_directory(host_path(text))) {
    return {host_path(text), {}, {}};
  }
  for (std::size_t end = text.find_first_of(":@"); end != std::string::npos;
       end = text.find_first_of(":@", end + 1)) {
    if (const auto layout = host_path(text.substr(0, end)); is_directory(layout)) {
      return name_in(layout, text.substr(text[end] == ':' ? end + 1 : end));
    }
  }
  return {host_path(text), {}, {}};
}

oci::Platform parse_platform(const std::string& text) {
  if (auto platform = oci::Platform::parse(text)) {
    return *std::move(platform);
  }
  throw UsageError{"--platform is OS/ARCHITECTURE[:OS_VERSION], not '" + text + "'"};
}

std::string short_id(std::string_view digest) {
  constexpr std::size_t kDigits = 12;
  return std::string(digest.substr(digest.find(':') + 1, kDigits));
}

void ImportSteps::show(oci::ImportOptions& options) {
  options.step = [this](oci::LayerStep step, const oci::LayerDescription& layer,
                        std::size_t place) {
    switch (step) {
      case oci::LayerStep::kVerify:
        return begin("verifying", layer, place);
      case oci::LayerStep::kImport:
        return begin("importing", layer, place);
      case oci::LayerStep::kReuse:
        end();
        console_.explain(
            fmt::format("layer {} ({}) is in the store", place + 1, short_id(layer.digest)));
    }
  };
  if (console_.shows_status()) {
    options.layer.progress = [this](const Progress& progress) { update(progress); };
  }
}

void ImportSteps::begin(std::string_view doing, const oci::LayerDescription& layer,
                        std::size_t place) {
  bar_.reset();
  bar_.emplace(console_, fmt::format("{} layer {} ({})", doing, place + 1, short_id(layer.digest)));
}

void ImportSteps::update(const Progress& progress) {
  if (bar_) {
    bar_->update(progress);
  }
}

void report_import(const oci::ImportResult& result, Console& console) {
  if (console.json()) {
    report_as_json(result, console);
  } else {
    report(result, console);
  }
}

}  // namespace cim::cli
