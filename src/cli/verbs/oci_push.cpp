// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/host_path.h"
#include "cimlib/remote.h"

#include "cli/image_import.h"
#include "cli/json_output.h"
#include "cli/registry_access.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace oci_push_verb {
namespace {

struct Options {
  std::string image;
  std::string reference;
  std::optional<std::string> platform;
  std::optional<std::string> mount_from;
  RegistryOptions registry;
};

SourceName parse_image(const std::string& text) {
  constexpr std::string_view kLayout = "oci:";
  if (!text.starts_with(kLayout)) {
    throw UsageError{"the image to push is oci:DIR[:REF][@DIGEST], not '" + text + "'"};
  }
  return parse_source_name(text);
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
                         {"blobs_sent", result.blobs_sent},
                         {"blobs_present", result.blobs_present},
                         {"bytes_sent", result.bytes_sent}});
    return;
  }
  console.inform(fmt::format("pushed {} to {}: {} sent ({}), {} there already",
                             result.image.manifest, reference.to_string(),
                             counted(result.blobs_sent, "blob", "blobs"),
                             readable_size(result.bytes_sent), result.blobs_present));
}

int run(const Options& options, Console& console) {
  const SourceName source = parse_image(options.image);
  const oci::Reference reference = parse_reference(options.reference);
  ImportSteps steps(console);
  oci::PushOptions how;
  how.choice.reference = source.reference;
  how.choice.digest = source.digest;
  if (options.platform) {
    how.choice.platform = parse_platform(*options.platform);
  }
  if (options.mount_from) {
    how.mount_from = parse_mount_from(*options.mount_from, reference);
  }
  how.step = [&](oci::LayerStep /*step*/, const oci::LayerDescription& layer, std::size_t place) {
    steps.begin("pushing", layer, place);
  };
  if (console.shows_status()) {
    how.progress = [&](const Progress& progress) { steps.update(progress); };
  }
  const oci::PushResult result = oci::push_layout(host_path(source.path), reference, how,
                                                  remote_options(options.registry, console));
  steps.end();
  report(result, reference, console);
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("oci:DIR[:REF][@DIGEST]", "the OCI image layout, and the image in it",
                      options->image);
  parameters.required("REF", "the name to push to: [HOST[:PORT]/]NAME[:TAG]", options->reference);
  parameters.option("--platform", "OS/ARCH[:OS_VERSION]",
                    "select the image for this platform if there are several", &options->platform);
  parameters.option("--mount-from", "NAME",
                    "share the blobs of this repository of the same registry instead of sending "
                    "them",
                    &options->mount_from);
  registry_options(parameters, options->registry);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim oci push oci:layout:latest registry.example/team/app:1.2",
     "push an image of a layout to a registry"},
    {"cim oci push --mount-from team/base oci:layout registry.example/team/app:1.2",
     "share the layers that the registry has in another repository"},
}};

}  // namespace
}  // namespace oci_push_verb

constinit const Verb kOciPushVerb = {
    .name = "oci push",
    .summary = "push an image of an OCI image layout to a registry",
    .description =
        "Sends the layers and the configuration of an image that the repository lacks, then its "
        "manifest, byte for byte, so that all digests remain the same. Layers that may not be "
        "distributed are not sent if the manifest names URLs for them.\n\n"
        "Credentials and connections are as for 'cim oci pull'.",
    .examples = oci_push_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = oci_push_verb::prepare,
};

}  // namespace cim::cli
