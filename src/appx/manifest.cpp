// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Elements are recognized by their names alone: the namespaces changed with every version of
// Windows, and the elements read here are the same in all of them.
#include "appx/manifest.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "appx/identity.h"
#include "appx/xml.h"
#include "base/printable.h"
#include "base/upcase.h"

namespace cim::appx {
namespace {

constexpr std::size_t kMaxListed = 10000;  // applications of a package, packages of a bundle

template <typename T>
T& added(std::vector<T>& all, const XmlElement& element) {
  if (all.size() == kMaxListed) {
    element.fail(fmt::format("is one of more than {}", kMaxListed));
  }
  return all.emplace_back();
}

// Stores the identity; there must be one.
void store_identity(std::optional<Identity>& into, const XmlElement& element) {
  if (into) {
    element.fail("is there twice");
  }
  into = parse_identity(element);
}

const Identity& required_identity(const std::optional<Identity>& identity,
                                  const std::string& source) {
  if (!identity) {
    throw Error(ErrorCode::kCorrupt, source, "has no element Identity");
  }
  return *identity;
}

class ManifestHandler final : public XmlHandler {
 public:
  void start(const std::vector<std::string>& path, const XmlElement& element) override {
    if (path.size() == 1 && path[0] != "Package") {
      element.fail("is not the element Package");
    }
    if (is_path(path, {"Package", "Identity"})) {
      store_identity(identity_, element);
    } else if (is_path(path, {"Package", "Applications", "Application"})) {
      added(info_.applications, element) = {
          .id = std::string(element.required("Id")),
          .executable = std::string(element.attribute("Executable").value_or("")),
          .entry_point = std::string(element.attribute("EntryPoint").value_or(""))};
    }
  }

  void text(const std::vector<std::string>& path, std::string_view text) override {
    if (path.size() != 3 || path[1] != "Properties" || path[0] != "Package") {
      return;
    }
    if (std::string* const into = property(path[2])) {
      into->append(text);
    }
  }

  PackageInfo result(const std::string& source) {
    info_.identity = required_identity(identity_, source);
    info_.is_framework = framework_ == "true" || framework_ == "1";
    info_.is_resource = resource_ == "true" || resource_ == "1";
    return std::move(info_);
  }

 private:
  std::string* property(std::string_view name) {
    return name == "DisplayName"            ? &info_.display_name
           : name == "PublisherDisplayName" ? &info_.publisher_display_name
           : name == "Framework"            ? &framework_
           : name == "ResourcePackage"      ? &resource_
                                            : nullptr;
  }

  std::optional<Identity> identity_;
  std::string framework_;
  std::string resource_;
  PackageInfo info_;
};

class BundleHandler final : public XmlHandler {
 public:
  void start(const std::vector<std::string>& path, const XmlElement& element) override {
    if (path.size() == 1 && path[0] != "Bundle") {
      element.fail("is not the element Bundle");
    }
    if (is_path(path, {"Bundle", "Identity"})) {
      store_identity(identity_, element);
    } else if (is_path(path, {"Bundle", "Packages", "Package"})) {
      add_package(element);
    } else if (is_path(path, {"Bundle", "Packages", "Package", "Resources", "Resource"})) {
      add_resource(element);
    }
  }

  BundleManifest result(const std::string& source) {
    return {required_identity(identity_, source), std::move(packages_)};
  }

 private:
  void add_package(const XmlElement& element) {
    const std::string_view type = element.attribute("Type").value_or("resource");
    if (type != "application" && type != "resource") {
      element.fail(fmt::format("has the unknown Type \"{}\"", printable(type)));
    }
    BundledPackage package;
    package.file_name = element.required("FileName");
    package.is_resource = type == "resource";
    package.version = checked_version(element, "Version");
    package.architecture = checked_architecture(element, "Architecture");
    package.resource_id = checked_resource_id(element, "ResourceId");
    added(packages_, element) = std::move(package);
  }

  void add_resource(const XmlElement& element) {
    BundledPackage& package = packages_.back();
    if (const auto language = element.attribute("Language")) {
      added(package.languages, element) = *language;
    }
    if (const auto scale = element.attribute("Scale")) {
      added(package.scales, element) = *scale;
    }
  }

  std::optional<Identity> identity_;
  std::vector<BundledPackage> packages_;
};

bool accepts_architecture(const BundleChoice& choice, const BundledPackage& package) {
  return choice.architectures.empty() || package.architecture == "neutral" ||
         std::ranges::any_of(choice.architectures, [&](const std::string& wanted) {
           return equal_ignoring_ascii_case(wanted, package.architecture);
         });
}

bool is_language_of(std::string_view wanted, std::string_view language) {
  return equal_ignoring_ascii_case(wanted, language) ||
         (language.size() > wanted.size() && language[wanted.size()] == '-' &&
          equal_ignoring_ascii_case(wanted, language.substr(0, wanted.size())));
}

// A resource package without values of that kind is not for any of them in particular.
template <typename Matches>
bool accepts(const std::vector<std::string>& wanted, const std::vector<std::string>& values,
             Matches matches) {
  return wanted.empty() || values.empty() ||
         std::ranges::any_of(values, [&](const std::string& value) {
           return std::ranges::any_of(
               wanted, [&](const std::string& each) { return matches(each, value); });
         });
}

bool accepts_resources(const BundleChoice& choice, const BundledPackage& package) {
  return accepts(choice.languages, package.languages, is_language_of) &&
         accepts(choice.scales, package.scales, equal_ignoring_ascii_case);
}

[[noreturn]] void fail_architecture(const BundleManifest& manifest, const std::string& source) {
  std::vector<std::string> names;
  for (const BundledPackage& package : manifest.packages) {
    if (!package.is_resource && std::ranges::find(names, package.architecture) == names.end()) {
      names.push_back(package.architecture);
    }
  }
  throw Error(ErrorCode::kNotFound, source,
              fmt::format("has no application package for that architecture; it has {}",
                          fmt::join(names, ", ")));
}

}  // namespace

PackageInfo parse_manifest(ByteView document, const std::string& source) {
  ManifestHandler handler;
  parse_xml(document, source, handler);
  return handler.result(source);
}

BundleManifest parse_bundle_manifest(ByteView document, const std::string& source) {
  BundleHandler handler;
  parse_xml(document, source, handler);
  return handler.result(source);
}

std::vector<BundledPackage> chosen_packages(const BundleManifest& manifest,
                                            const BundleChoice& choice, const std::string& source) {
  std::vector<BundledPackage> chosen;
  bool has_application = false;
  bool has_chosen_application = false;
  for (const BundledPackage& package : manifest.packages) {
    const bool is_chosen = package.is_resource ? accepts_resources(choice, package)
                                               : accepts_architecture(choice, package);
    has_application = has_application || !package.is_resource;
    has_chosen_application = has_chosen_application || (is_chosen && !package.is_resource);
    if (is_chosen) {
      chosen.push_back(package);
    }
  }
  if (has_application && !has_chosen_application) {
    fail_architecture(manifest, source);
  }
  return chosen;
}

}  // namespace cim::appx
