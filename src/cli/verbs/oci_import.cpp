// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>

#include "cimlib/host_path.h"
#include "cimlib/oci.h"

#include "cli/image_import.h"
#include "cli/verb.h"

namespace cim::cli {
namespace oci_import_verb {
namespace {

struct Options {
  std::string image;
  std::string store;
  ImageImportOptions importing;
};

// All layers share one set of options; progress is shown for the step that is running.
oci::ImportResult perform(const Options& options, Console& console) {
  const SourceName source = parse_source_name(options.image);
  ImportSteps steps(console);
  oci::ImportOptions how;
  how.choice.reference = source.reference;
  how.choice.digest = source.digest;
  apply(options.importing, how);
  how.layer.warning = [&](const std::string& text) { console.warn(text); };
  how.layer.stop = console.stop_on_interruption();
  steps.show(how);
  oci::ImportResult result = oci::import_image(image_source(source), host_path(options.store), how);
  steps.end();
  return result;
}

int run(const Options& options, Console& console) {
  const oci::ImportResult result = perform(options, console);
  report_import(result, console);
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("[FORM:]PATH[:REF][@DIGEST]",
                      "the OCI image layout or archive, and the image in it", options->image,
                      Completes::kFiles);
  parameters.required("STORE_DIR", "the layer store; created if it does not exist", options->store,
                      Completes::kDirectories);
  image_import_options(parameters, "name the image in the store NAME", options->importing);
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
        "or zstd. Nothing is added to the store if a blob is missing or has another size than the "
        "manifest says. The digest of a blob is computed while its layer is imported, and the "
        "layer becomes part of the store only if that digest and the one of its uncompressed tar "
        "are right. REF "
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
