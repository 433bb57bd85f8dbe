// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "cimlib/host_path.h"
#include "cimlib/layer_writer.h"
#include "cimlib/oci.h"

#include "cli/image_writing.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/store_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace oci_import_verb {
namespace {

constexpr std::string_view kStandardInput = "-";

struct Options {
  std::string image;
  std::string store;
  std::optional<std::string> platform;
  std::optional<std::string> name;
  WritingOptions writing;
  ImportLimitOptions limits;
  bool no_keep_tar = false;
};

struct Source {
  oci::ImageForm form = oci::ImageForm::kLayout;
  std::string path;
  std::string reference;
  std::string digest;
};

bool exists(const std::string& path) {
  std::error_code none;  // reported when the source is read
  return std::filesystem::exists(host_path(path), none);
}

// REF, @DIGEST, or REF@DIGEST.
Source source_of(oci::ImageForm form, std::string path, const std::string& which) {
  const std::size_t at = which.rfind("@sha256:");
  if (at == std::string::npos) {
    return {form, std::move(path), which, {}};
  }
  return {form, std::move(path), which.substr(0, at), which.substr(at + 1)};
}

// An image name can contain colons, and so can the name of a directory; what exists decides.
Source parse_source(oci::ImageForm form, const std::string& text) {
  if (exists(text)) {
    return {form, text, {}, {}};
  }
  for (std::size_t end = text.find_first_of(":@"); end != std::string::npos;
       end = text.find_first_of(":@", end + 1)) {
    if (const std::string path = text.substr(0, end); path == kStandardInput || exists(path)) {
      return source_of(form, path, text.substr(text[end] == ':' ? end + 1 : end));
    }
  }
  return {form, text, {}, {}};
}

Source parse_source(const std::string& text) {
  return parse_source(parse_image_form(text), without_image_form(text));
}

oci::ImageSource image_source(const Source& source) {
  if (source.path != kStandardInput) {
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

/// Shows each step of each layer with its own progress bar.
class Steps {
 public:
  explicit Steps(Console& console) : console_(console) {}

  void begin(oci::LayerStep step, const oci::LayerDescription& layer, std::size_t place) {
    bar_.reset();
    const std::string which = fmt::format("layer {} ({})", place + 1, short_digest(layer.digest));
    switch (step) {
      case oci::LayerStep::kVerify:
        bar_.emplace(console_, fmt::format("verifying {}", which));
        break;
      case oci::LayerStep::kImport:
        bar_.emplace(console_, fmt::format("importing {}", which));
        break;
      case oci::LayerStep::kReuse:
        console_.explain(fmt::format("{} is in the store", which));
        break;
    }
  }

  void update(const Progress& progress) {
    if (bar_) {
      bar_->update(progress);
    }
  }

  void end() { bar_.reset(); }

 private:
  Console& console_;
  std::optional<ProgressBar> bar_;
};

// All layers share one set of options; progress is shown for the step that is running.
oci::ImportResult perform(const Options& options, Console& console) {
  const Source source = parse_source(options.image);
  Steps steps(console);
  oci::ImportOptions how;
  how.choice.reference = source.reference;
  how.choice.digest = source.digest;
  how.name = options.name.value_or("");
  how.keeps_tars = !options.no_keep_tar;
  if (options.platform) {
    how.choice.platform = parse_platform(*options.platform);
  }
  apply(options.writing, layer::kImportLockTimeout, how.layer.writer);
  apply(options.limits, how.layer.limits);
  how.layer.warning = [&](const std::string& text) { console.warn(text); };
  how.layer.stop = console.stop_on_interruption();
  how.step = [&](oci::LayerStep step, const oci::LayerDescription& layer, std::size_t place) {
    steps.begin(step, layer, place);
  };
  if (console.shows_status()) {
    how.layer.progress = [&](const Progress& progress) { steps.update(progress); };
  }
  oci::ImportResult result = oci::import_image(image_source(source), host_path(options.store), how);
  steps.end();
  return result;
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

int run(const Options& options, Console& console) {
  const oci::ImportResult result = perform(options, console);
  if (console.json()) {
    report_as_json(result, console);
  } else {
    report(result, console);
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("[FORM:]PATH[:REF][@DIGEST]",
                      "the OCI image layout or archive, and the image in it", options->image,
                      Completes::kFiles);
  parameters.required("STORE_DIR", "the layer store; created if it does not exist", options->store,
                      Completes::kDirectories);
  parameters.option("--platform", "OS/ARCH[:OS_VERSION]",
                    "select the image for this platform if there are several", &options->platform);
  parameters.option("--name", "NAME", "name the image in the store NAME", &options->name);
  parameters.flag("--no-keep-tar",
                  "do not record what exporting the same tars again requires besides contents",
                  options->no_keep_tar);
  writing_options(parameters, options->writing);
  import_limit_options(parameters, options->limits);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 5> kExamples = {{
    {"cim oci import layout:latest store",
     "import all layers of an image, each on top of its parent"},
    {"cim oci import layout@sha256:DIGITS store", "select the image by the digest of its manifest"},
    {"cim oci import --platform windows/amd64:10.0.20348 layout store",
     "select the image by Windows version"},
    {"docker save IMAGE | cim oci import docker-archive:- store",
     "import an image from another program"},
    {"skopeo copy --override-os windows docker://REGISTRY/IMAGE oci:layout:latest",
     "download an image as an OCI image layout"},
}};

}  // namespace
}  // namespace oci_import_verb

constinit const Verb kOciImportVerb = {
    .name = "oci import",
    .summary = "import an image from an OCI image layout or an archive",
    .description =
        "Imports every layer of a container image, from the base up, into a store: STORE_DIR/ID "
        "is the layer's directory and STORE_DIR/cim-layers/ID.cim its image, where ID is the "
        "chain ID of the layers up to and including it. Layers that are already in the store are "
        "reused. The manifest, the configuration and the name of the image are kept in "
        "STORE_DIR/cim-images, where cim store finds them.\n\n"
        "FORM is oci for a directory in the OCI image layout (the default), oci-archive for a tar "
        "of one, docker-archive for a tar of docker save, or dir for a directory of skopeo's. "
        "Archives may be compressed, and PATH may be - for standard input; then they are unpacked "
        "to a temporary file in the store.\n\n"
        "OCI and Docker manifests are supported, with layers uncompressed or compressed with gzip "
        "or zstd. Nothing is added to the store before the digests of all blobs are verified, and "
        "a layer is added only if the digest of its uncompressed tar matches the image "
        "configuration. REF "
        "is the name of the image in the layout, or its full name if containerd recorded one; "
        "DIGEST is the digest of its manifest. Signatures, SBOMs and other artifacts are ignored. "
        "After a failure, completed layers remain in the store, and the next run continues from "
        "there.\n\n"
        "If another image of the store has the name, it loses it, as with docker pull; cim store "
        "gc "
        "removes images without a name. An image that has no name in the layout and is given none "
        "is kept under its digest.",
    .examples = oci_import_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = oci_import_verb::prepare,
};

}  // namespace cim::cli
