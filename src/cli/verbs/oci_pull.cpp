// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>

#include "cimlib/host_path.h"
#include "cimlib/remote.h"

#include "cli/image_import.h"
#include "cli/registry_access.h"
#include "cli/verb.h"

namespace cim::cli {
namespace oci_pull_verb {
namespace {

struct Options {
  std::string image;
  std::string store;
  ImageImportOptions importing;
  RegistryOptions registry;
};

int run(const Options& options, Console& console) {
  const oci::Reference reference = parse_reference(options.image);
  oci::ImportOptions how;
  apply(options.importing, how);
  const oci::RemoteOptions remote = remote_options(options.registry, console);
  how.layer.warning = remote.warning;
  how.layer.stop = remote.stop;
  ImportSteps steps(console);
  steps.show(how);
  const oci::ImportResult result =
      oci::pull_image(reference, host_path(options.store), how, remote);
  steps.end();
  report_import(result, console);
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("REF", "the image: [HOST[:PORT]/]NAME[:TAG][@DIGEST]", options->image);
  parameters.required("STORE_DIR", "the layer store; created if it does not exist", options->store,
                      Completes::kDirectories);
  image_import_options(parameters, "name the image in the store NAME (default: REF)",
                       options->importing);
  registry_options(parameters, options->registry);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim oci pull registry.example/team/app:1.2 store",
     "import all layers of an image from a registry"},
    {"cim oci pull --platform windows/amd64:10.0.20348 registry.example/team/app store",
     "select the image by Windows version"},
    {"cim oci pull --creds ann --password-stdin registry.example/team/app store < password",
     "log in for this command only"},
}};

}  // namespace
}  // namespace oci_pull_verb

constinit const Verb kOciPullVerb = {
    .name = "oci pull",
    .summary = "import all layers of an image from a registry",
    .description =
        "Imports every layer of a container image that STORE_DIR does not have, from the base up, "
        "as 'cim oci import' does from a layout. Without a host in REF the registry is docker.io, "
        "and without a tag and a digest the tag is 'latest'.\n\n"
        "A layer is imported while it is downloaded, and becomes part of the store only if the "
        "digests of both the blob and its uncompressed tar are right. A download that breaks off "
        "continues where it ended. After a failure, completed layers remain in the store, and the "
        "next run continues from there. The store keeps the image under REF in its complete form, "
        "where cim store finds it. Layers that may not be distributed are fetched from the "
        "URLs in the manifest if the registry lacks them.\n\n"
        "With --prefer=cim the layers are taken from the artifacts that 'cim oci push --as=cim' "
        "adds to an image, if all layers that the store lacks have one, which takes hardly longer "
        "than the download. Nothing proves that such a layer has the contents of its tar, so use "
        "it only if you trust everyone who may push to the repository.\n\n"
        "Credentials are those that 'podman login' and 'docker login' stored, unless --creds is "
        "given: in $REGISTRY_AUTH_FILE if it is set, else in "
        "$XDG_RUNTIME_DIR/containers/auth.json or ~/.docker/config.json. They are never sent to "
        "another host than the registry and the token service it names. Plain HTTP is used only "
        "with --plain-http, or for a registry on the own machine that does not answer HTTPS.",
    .examples = oci_pull_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = oci_pull_verb::prepare,
};

}  // namespace cim::cli
