// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/package_output.h"

#include <utility>

#include <fmt/format.h>

#include "cimlib/wtf8.h"

#include "cli/text_output.h"

namespace cim::cli {
namespace {

// Manifests and certificates may have any text; that of JSON must be Unicode.
void put_utf8(Json& json, const std::string& member, const std::string& text) {
  put_text(json, member, to_utf16(text).value_or(u""));
}

std::string application_text(const appx::Application& application) {
  std::string text = application.id;
  text += application.executable.empty() ? "" : ": " + application.executable;
  text += application.entry_point.empty() ? "" : fmt::format(" ({})", application.entry_point);
  return text;
}

}  // namespace

Json signature_json(const std::optional<appx::Signature>& signature) {
  if (!signature) {
    return nullptr;
  }
  Json json = Json::object();
  put_utf8(json, "signer", signature->signer);
  put_utf8(json, "issuer", signature->issuer);
  json["fingerprint"] = signature->fingerprint;
  json["valid"] = signature->is_valid;
  json["matches_publisher"] = signature->matches_publisher;
  if (!signature->fault.empty()) {
    put_utf8(json, "fault", signature->fault);
  }
  return json;
}

std::string signature_text(const std::optional<appx::Signature>& signature) {
  if (!signature) {
    return "none";
  }
  if (!signature->is_valid) {
    return "not valid: " + signature->fault;
  }
  return signature->signer + (signature->matches_publisher ? "" : " (not the publisher)");
}

Json package_json(const appx::PackageInfo& info, const ImagePath& directory) {
  Json json = {{"full_name", info.identity.full_name()},
               {"family_name", info.identity.family_name()},
               {"name", info.identity.name},
               {"version", info.identity.version},
               {"architecture", info.identity.architecture},
               {"resource_id", info.identity.resource_id}};
  put_utf8(json, "publisher", info.identity.publisher);
  put_utf8(json, "display_name", info.display_name);
  put_utf8(json, "publisher_display_name", info.publisher_display_name);
  json["framework"] = info.is_framework;
  json["resource"] = info.is_resource;
  Json applications = Json::array();
  for (const appx::Application& application : info.applications) {
    Json each = Json::object();
    put_utf8(each, "application_id", application.id);
    put_utf8(each, "executable", application.executable);
    put_utf8(each, "entry_point", application.entry_point);
    applications.push_back(std::move(each));
  }
  json["applications"] = std::move(applications);
  json["signature"] = signature_json(info.signature);
  put_utf8(json, "directory", directory.to_string());
  return json;
}

// Escaped everywhere, since the values could contain line breaks.
void print_package_fact(Console& console, std::string_view name, std::string_view value) {
  console.print("  {:<13}{}\n", name, escape_controls(value));
}

void print_package(Console& console, const appx::PackageInfo& info, const ImagePath& directory) {
  console.print("package {}\n", info.identity.full_name());
  print_package_fact(console, "directory", directory.to_string());
  if (!info.display_name.empty()) {
    print_package_fact(console, "name", info.display_name);
  }
  print_package_fact(console, "version", info.identity.version);
  print_package_fact(console, "architecture", info.identity.architecture);
  print_package_fact(console, "publisher", info.identity.publisher);
  print_package_fact(console, "signer", signature_text(info.signature));
  for (const appx::Application& application : info.applications) {
    print_package_fact(console, "entry point", application_text(application));
  }
}

}  // namespace cim::cli
