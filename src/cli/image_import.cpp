// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/image_import.h"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/byte_streams.h"
#include "cimlib/host_path.h"
#include "cimlib/layer.h"

#include "cli/image_writing.h"
#include "cli/json_output.h"
#include "cli/store_output.h"
#include "cli/text_output.h"

namespace cim::cli {
namespace {

constexpr std::string_view kStandardInputName = "-";

bool exists(const std::string& path) {
  std::error_code none;  // reported when the source is read
  return std::filesystem::exists(host_path(path), none);
}

// REF, @DIGEST, or REF@DIGEST.
SourceName file_in(oci::ImageForm form, std::string path, const std::string& which) {
  const std::size_t at = which.rfind("@sha256:");
  if (at == std::string::npos) {
    return {form, std::move(path), which, {}};
  }
  return {form, std::move(path), which.substr(0, at), which.substr(at + 1)};
}

// An image name can contain colons, and so can the name of a directory; what exists decides.
SourceName parse_file(oci::ImageForm form, const std::string& text) {
  if (exists(text)) {
    return {form, text, {}, {}};
  }
  for (std::size_t end = text.find_first_of(":@"); end != std::string::npos;
       end = text.find_first_of(":@", end + 1)) {
    if (const std::string path = text.substr(0, end); path == kStandardInputName || exists(path)) {
      return file_in(form, path, text.substr(text[end] == ':' ? end + 1 : end));
    }
  }
  return {form, text, {}, {}};
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

// Without the digest, which stands for a missing name.
std::vector<std::string> names_of(const oci::ImportResult& result) {
  return result.names.front() == result.image.manifest ? std::vector<std::string>() : result.names;
}

void report_as_json(const oci::ImportResult& result, Console& console) {
  Json layers = Json::array();
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    layers.push_back(json_of(result.image.layers[i], result.layers[i]));
  }
  print_json(console, {{"manifest", result.image.manifest},
                       {"names", names_of(result)},
                       {"platform", result.image.platform.to_string()},
                       {"layers", std::move(layers)}});
}

void report(const oci::ImportResult& result, Console& console) {
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const auto& imported = result.layers[i].result;
    const std::string id = short_digest(result.image.layers[i].digest);
    console.inform(imported ? fmt::format("layer {} ({}): {} ({})", i + 1, id,
                                          content_text(*imported), storage_text(imported->image))
                            : fmt::format("layer {} ({}): in the store already", i + 1, id));
  }
  for (const std::string& name : names_of(result)) {
    console.explain("the image's name in the store is " + name);
  }
  console.inform(fmt::format("imported {} into {}",
                             counted(result.layers.size(), "layer", "layers"),
                             layer::cim_path(result.layers.back().directory).string()));
}

}  // namespace

SourceName parse_source_name(const std::string& text) {
  return parse_file(parse_image_form(text), without_image_form(text));
}

oci::ImageSource image_source(const SourceName& source) {
  if (source.path != kStandardInputName) {
    return {source.form, host_path(source.path)};
  }
  if (source.form != oci::ImageForm::kLayoutArchive &&
      source.form != oci::ImageForm::kDockerArchive) {
    throw UsageError{"standard input can only be an archive: oci-archive:- or docker-archive:-"};
  }
  return {source.form, ByteSource::descriptor(0, "standard input")};
}

oci::Platform parse_platform(const std::string& text) {
  if (auto platform = oci::Platform::parse(text)) {
    return *std::move(platform);
  }
  throw UsageError{"--platform is OS/ARCHITECTURE[:OS_VERSION], not '" + text + "'"};
}

void image_import_options(Parameters& parameters, std::string_view name_help,
                          ImageImportOptions& options) {
  parameters.option("--platform", "OS/ARCH[:OS_VERSION]",
                    "select the image for this platform if there are several", &options.platform);
  parameters.option("--name", "NAME", name_help, &options.name);
  parameters.flag("--no-keep-tar",
                  "do not record what exporting the same tars again requires besides contents",
                  options.no_keep_tar);
  writing_options(parameters, options.writing);
  made_times_option(parameters, options.made_times);
  import_limit_options(parameters, options.limits);
}

void apply(const ImageImportOptions& options, oci::ImportOptions& how) {
  how.name = options.name.value_or("");
  how.keeps_tars = !options.no_keep_tar;
  if (options.platform) {
    how.choice.platform = parse_platform(*options.platform);
  }
  apply(options.writing, layer::kImportLockTimeout, how.layer.writer);
  apply(options.limits, how.layer.limits);
  how.layer.made_times = made_times(options.made_times);
}

void ImportSteps::show(oci::ImportOptions& options) {
  options.step = [this](oci::LayerStep step, const oci::LayerDescription& layer,
                        std::size_t place) {
    switch (step) {
      case oci::LayerStep::kVerify:
        return;  // not a step of imports
      case oci::LayerStep::kImport:
        return begin("importing", layer, place);
      case oci::LayerStep::kReuse:
        end();
        console_.explain(
            fmt::format("layer {} ({}) is in the store", place + 1, short_digest(layer.digest)));
    }
  };
  if (console_.shows_status()) {
    options.layer.progress = [this](const Progress& progress) { update(progress); };
  }
}

void ImportSteps::begin(std::string_view doing, const oci::LayerDescription& layer,
                        std::size_t place) {
  bar_.reset();
  bar_.emplace(console_,
               fmt::format("{} layer {} ({})", doing, place + 1, short_digest(layer.digest)));
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
