// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/guid.h"
#include "cimlib/host_path.h"
#include "cimlib/layer_writer.h"
#include "cimlib/remote.h"
#include "cimlib/store.h"
#include "cimlib/store_export.h"

#include "cli/image_import.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/registry_access.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace oci_push_verb {
namespace {

struct Options {
  std::string source;
  std::optional<std::string> image;
  std::string reference;
  std::optional<std::string> compression;
  std::optional<std::string> platform;
  std::optional<std::string> mount_from;
  std::optional<std::string> form;
  std::optional<std::string> image_compression;
  RegistryOptions registry;
};

// A directory that only this user can read, for the layout of an image that is exported to be
// pushed. It is removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::error_code error;
    path_ = std::filesystem::temp_directory_path(error);
    if (!error) {
      path_ /= "cimlib-push-" + Guid::random().to_string();
      std::filesystem::create_directory(path_, error);
    }
    if (!error) {
      std::filesystem::permissions(path_, std::filesystem::perms::owner_all, error);
    }
    if (error) {
      throw Error(ErrorCode::kIo, path_.string(), "cannot create: " + error.message());
    }
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code none;  // what remains is in the directory for temporary files
    std::filesystem::remove_all(path_, none);
  }

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

// An image in a layout, without the name of an image in a store.
SourceName parse_layout(const std::string& text) {
  constexpr std::string_view kLayout = "oci:";
  if (!text.starts_with(kLayout)) {
    throw UsageError{"the image to push is oci:DIR[:REF][@DIGEST], or STORE_DIR and IMAGE"};
  }
  return parse_source_name(text);
}

layer::Compression compression_of(const Options& options) {
  const std::string name = options.compression.value_or("gzip");
  return name == "none"   ? layer::Compression::kNone
         : name == "zstd" ? layer::Compression::kZstd
                          : layer::Compression::kGzip;
}

bool is_as_cim(const Options& options) {
  return options.form == "cim";
}

// The tars of an image need not be made again for a registry that has them.
store::LayerForms forms_to_push(const Options& options, oci::Reference reference,
                                const oci::RemoteOptions& remote) {
  reference.digest = store::find(host_path(options.source), *options.image).digest;
  return oci::has_manifest(reference, remote) ? store::LayerForms::kImages
                                              : store::LayerForms::kTarsAndImages;
}

// Each layer is made, then sent, with a progress bar for each.
store::ExportOptions making_options(const Options& options, const store::Image& image,
                                    ImportSteps& steps, Console& console) {
  store::ExportOptions how;
  how.compression = compression_of(options);
  how.lock_timeout.time = layer::kImportLockTimeout;
  how.step = [&](std::size_t place) {
    oci::LayerDescription layer;
    layer.digest = image.layers.at(place);
    steps.begin("pushing", layer, place);
  };
  if (console.shows_status()) {
    how.progress = [&steps](const Progress& progress) { steps.update(progress); };
  }
  how.warning = [&console](const std::string& text) { console.warn(text); };
  return how;
}

// Writes an image of a store to a layout, in which it is the only one.
void export_image(const Options& options, store::LayerForms forms,
                  const std::filesystem::path& layout, const std::stop_token& stop,
                  Console& console) {
  std::optional<ProgressBar> bar;
  store::ExportOptions how;
  how.compression = compression_of(options);
  if (options.image_compression) {
    how.compresses_images = *options.image_compression == "zstd";
  }
  how.forms = forms;
  how.lock_timeout.time = layer::kImportLockTimeout;
  how.step = [&](std::size_t place) {
    bar.reset();
    bar.emplace(console, fmt::format("exporting layer {}", place + 1));
  };
  if (console.shows_status()) {
    how.progress = [&](const Progress& progress) { bar->update(progress); };
  }
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = stop;
  const store::ExportResult result =
      store::export_image(host_path(options.source), *options.image,
                          {.form = oci::ImageForm::kLayout, .path = layout}, how);
  if (!result.keeps_configuration) {
    console.warn("a layer is another tar than was imported, so the configuration was adapted");
  }
}

// The repository is one of the same registry, so its name has no host.
std::string parse_mount_from(const std::string& text, const oci::Reference& target) {
  const oci::Reference from = parse_reference(target.registry + "/" + text);
  if (from.repository != text && from.repository != "library/" + text) {
    throw UsageError{"--mount-from is the name of a repository without host, tag and digest"};
  }
  return from.repository;
}

void report(const oci::PushResult& result, const oci::Reference& reference, Console& console) {
  if (console.json()) {
    print_json(console, {{"reference", reference.to_string()},
                         {"manifest", result.image.manifest},
                         {"platform", result.image.platform.to_string()},
                         {"artifacts", result.artifacts},
                         {"blobs_sent", result.blobs_sent},
                         {"blobs_present", result.blobs_present},
                         {"bytes_sent", result.bytes_sent}});
    return;
  }
  console.inform(fmt::format("pushed {} to {}: {} sent ({}), {} there already",
                             result.image.manifest, reference.to_string(),
                             counted(result.blobs_sent, "blob", "blobs"),
                             readable_size(result.bytes_sent), result.blobs_present));
  if (result.artifacts != 0) {
    console.inform(
        fmt::format("{} in CIM form", counted(result.artifacts, "layer is", "layers are")));
  }
}

oci::PushResult push_from_layout(const Options& options, const oci::Reference& reference,
                                 oci::PushOptions how, const oci::RemoteOptions& remote) {
  const SourceName source = parse_layout(options.source);
  how.choice.reference = source.reference;
  how.choice.digest = source.digest;
  return oci::push_layout(host_path(source.path), reference, how, remote);
}

// Artifacts refer to the whole image, so they are made before anything is sent.
oci::PushResult push_artifacts(const Options& options, const oci::Reference& reference,
                               const oci::PushOptions& how, const oci::RemoteOptions& remote,
                               Console& console) {
  const TemporaryDirectory directory;
  const std::filesystem::path layout = directory.path() / "layout";
  export_image(options, forms_to_push(options, reference, remote), layout, remote.stop, console);
  return oci::push_layout(layout, reference, how, remote);
}

oci::PushResult push_from_store(const Options& options, const oci::Reference& reference,
                                const oci::PushOptions& how, const oci::RemoteOptions& remote,
                                ImportSteps& steps, Console& console) {
  const std::filesystem::path directory = host_path(options.source);
  const store::Image image = store::find(directory, *options.image);
  store::ExportOptions making = making_options(options, image, steps, console);
  making.stop = remote.stop;
  const store::PushResult result =
      store::push_image(directory, *options.image, reference, making, how, remote);
  if (!result.image.keeps_configuration) {
    console.warn("a layer is another tar than was imported, so the configuration was adapted");
  }
  oci::PushResult pushed = result.pushed;
  pushed.image.platform = image.platform;
  return pushed;
}

int run(const Options& options, Console& console) {
  const oci::Reference reference = parse_reference(options.reference);
  ImportSteps steps(console);
  oci::PushOptions how;
  if (options.platform) {
    how.choice.platform = parse_platform(*options.platform);
  }
  if (options.mount_from) {
    how.mount_from = parse_mount_from(*options.mount_from, reference);
  }
  how.artifacts = is_as_cim(options);
  how.step = [&](oci::LayerStep /*step*/, const oci::LayerDescription& layer, std::size_t place) {
    steps.begin("pushing", layer, place);
  };
  if (console.shows_status()) {
    how.progress = [&](const Progress& progress) { steps.update(progress); };
  }
  const oci::RemoteOptions remote = remote_options(options.registry, console);
  const oci::PushResult result =
      !options.image       ? push_from_layout(options, reference, how, remote)
      : is_as_cim(options) ? push_artifacts(options, reference, how, remote, console)
                           : push_from_store(options, reference, how, remote, steps, console);
  steps.end();
  report(result, reference, console);
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("SOURCE", "the layer store, or a layout as oci:DIR[:REF][@DIGEST]",
                      options->source, Completes::kDirectories);
  parameters.optional("IMAGE", "the image in the store: its name or digest", options->image);
  parameters.required(
      "REF",
      "the name to push to: [HOST[:PORT]/]NAME[:TAG][@DIGEST]; a digest must be that "
      "of the manifest",
      options->reference);
  parameters.option("--platform", "OS/ARCH[:OS_VERSION]",
                    "select the image for this platform if there are several", &options->platform);
  parameters.option("--as", "FORM",
                    "send the layers as tars (layers, the default), or also as CIM artifacts (cim)",
                    &options->form, Completes::kNothing, {"layers", "cim"});
  parameters.option("--compression", "METHOD",
                    "compress the layers of an image from a store (default: gzip)",
                    &options->compression, Completes::kNothing, {"none", "gzip", "zstd"});
  parameters.option("--cim-compression", "METHOD",
                    "compress the files of CIM artifacts: zstd (the default if the build has it), "
                    "or none, which is faster to pull in a fast network",
                    &options->image_compression, Completes::kNothing, {"none", "zstd"});
  parameters.option("--mount-from", "NAME",
                    "share the blobs of this repository of the same registry instead of sending "
                    "them",
                    &options->mount_from);
  registry_options(parameters, options->registry);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 4> kExamples = {{
    {"cim oci push --as=cim store ltsc2022 registry.example/team/base:1",
     "also push the layers as images, which 'cim oci pull --prefer=cim' need not unpack"},
    {"cim oci push store ltsc2022 registry.example/team/base:1",
     "push an image of a store to a registry"},
    {"cim oci push oci:layout:latest registry.example/team/app:1.2",
     "push an image of a layout to a registry"},
    {"cim oci push --mount-from team/base oci:layout registry.example/team/app:1.2",
     "share the layers that the registry has in another repository"},
}};

}  // namespace
}  // namespace oci_push_verb

constinit const Verb kOciPushVerb = {
    .name = "oci push",
    .summary = "push an image to a registry",
    .description =
        "Sends the layers and the configuration of an image that the repository lacks, then its "
        "manifest, byte for byte, so that all digests remain the same. Layers that may not be "
        "distributed are not sent if the manifest names URLs for them.\n\n"
        "The layers of an image of a store are made one after another as by 'cim oci export', and "
        "each is sent before the next one is made. The configuration remains the same if the "
        "layers' tars do.\n\n"
        "With --as=cim an artifact for each layer is pushed as well, which refers to the image and "
        "has the files of the layer's image; all are first written to a temporary directory. If "
        "the repository has the image already, under the "
        "digest that it has in the store, only the artifacts are sent. A registry without the "
        "referrers API gets an index of them under the tag sha256-DIGITS.\n\n"
        "Credentials and connections are as for 'cim oci pull'.",
    .examples = oci_push_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = oci_push_verb::prepare,
};

}  // namespace cim::cli
