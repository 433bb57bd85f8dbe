// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/store_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace store_inspect_verb {
namespace {

struct Options {
  std::string store;
  std::string image;
  bool config = false;
  bool manifest = false;
};

// The documents come from a registry, so a member may have any type.
Json parsed(const std::string& document) {
  return Json::parse(document, nullptr, false);
}

Json layer_json(const store::Layer& layer) {
  Json json = {{"directory", layer.directory.string()},
               {"chain_id", layer.chain_id},
               {"parent", nullptr},
               {"diff_id", layer.diff_id},
               {"media_type", layer.media_type},
               {"digest", layer.digest},
               {"packed_size", layer.packed_size},
               {"tar_size", nullptr},
               {"size", layer.size}};
  if (!layer.parent.empty()) {
    json["parent"] = layer.parent;
  }
  if (layer.tar_size) {
    json["tar_size"] = *layer.tar_size;
  }
  return json;
}

void report_as_json(const store::Details& details, Console& console) {
  Json json = image_json(details.image);
  json["layers"] = Json::array();
  for (const store::Layer& layer : details.layers) {
    json["layers"].push_back(layer_json(layer));
  }
  json["manifest_type"] = details.manifest_type;
  json["manifest"] = parsed(details.manifest);
  json["configuration"] = parsed(details.configuration);
  json["index_entry"] = details.index_entry.empty() ? Json() : parsed(details.index_entry);
  print_json(console, std::move(json));
}

// Prints a member on one line: a text as it is, anything else in JSON.
void print_member(std::string_view label, const Json& object, const char* name, Console& console) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (found == object.end() || found->is_null() || (found->is_string() && found->empty())) {
    return;
  }
  const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
  if (!text.empty()) {
    console.print("{:<13} {}\n", label, shown(text, console.output_terminal()));
  }
}

void report(const store::Details& details, Console& console) {
  const Terminal& terminal = console.output_terminal();
  for (const std::string& name : details.image.names) {
    console.print("{:<13} {}\n", "name", shown(name, terminal));
  }
  console.print("{:<13} {}\n", "manifest", details.image.digest);
  const Json document = parsed(details.configuration);
  print_member("created", document, "created", console);
  print_member("os", document, "os", console);
  print_member("os.version", document, "os.version", console);
  print_member("architecture", document, "architecture", console);
  const Json config = document.is_object() ? document.value("config", Json()) : Json();
  print_member("user", config, "User", console);
  print_member("entrypoint", config, "Entrypoint", console);
  print_member("command", config, "Cmd", console);
  print_member("directory", config, "WorkingDir", console);
  print_member("environment", config, "Env", console);
  print_member("ports", config, "ExposedPorts", console);
  print_member("labels", config, "Labels", console);
  for (const store::Layer& layer : details.layers) {
    console.print("{:<13} {}  {:>10}  {}\n", "layer", short_digest(layer.diff_id),
                  readable_size(layer.size), shown(layer.directory.string(), terminal));
  }
}

int run(const Options& options, Console& console) {
  if (options.config && options.manifest) {
    throw UsageError{"--config and --manifest cannot be used together"};
  }
  const store::Details details = store::inspect(host_path(options.store), options.image);
  if (options.config || options.manifest) {
    const std::string& document = options.config ? details.configuration : details.manifest;
    console.write(std::as_bytes(std::span(document)));
  } else if (console.json()) {
    report_as_json(details, console);
  } else {
    report(details, console);
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("STORE", "the store", options->store, Completes::kDirectories);
  parameters.required("IMAGE", "a name, a digest, or at least four first digits of one",
                      options->image);
  parameters.flag("--config", "print the image's configuration, byte for byte", options->config);
  parameters.flag("--manifest", "print the image's manifest, byte for byte", options->manifest);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim store inspect store ltsc2022", "show how containers of an image are started"},
    {"cim store inspect --config store ltsc2022 | jq .config.Env",
     "read the configuration with another program"},
}};

}  // namespace
}  // namespace store_inspect_verb

constinit const Verb kStoreInspectVerb = {
    .name = "store inspect",
    .summary = "show an image of a store",
    .description =
        "Shows the names, the digest, the configuration and the layers of an image. The manifest "
        "and the configuration are kept as they were in the source of the image; --config and "
        "--manifest print them byte for byte.",
    .examples = store_inspect_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = store_inspect_verb::prepare,
};

}  // namespace cim::cli
