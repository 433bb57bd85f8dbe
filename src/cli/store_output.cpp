// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/store_output.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "cimlib/host_path.h"

namespace cim::cli {
namespace {

struct FormPrefix {
  std::string_view prefix;
  oci::ImageForm form;
};
constexpr std::array<FormPrefix, 4> kForms = {{
    {"oci:", oci::ImageForm::kLayout},
    {"oci-archive:", oci::ImageForm::kLayoutArchive},
    {"docker-archive:", oci::ImageForm::kDockerArchive},
    {"dir:", oci::ImageForm::kDirectory},
}};

// Returns the prefix of a name; null if it has none.
const FormPrefix* form_of(std::string_view text) {
  const auto* const form = std::ranges::find_if(
      kForms, [&](const FormPrefix& each) { return text.starts_with(each.prefix); });
  std::error_code none;  // reported when the image is read or written
  return form == kForms.end() || std::filesystem::exists(host_path(std::string(text)), none)
             ? nullptr
             : form;
}

}  // namespace

oci::ImageForm parse_image_form(std::string_view text) {
  const FormPrefix* const form = form_of(text);
  return form == nullptr ? oci::ImageForm::kLayout : form->form;
}

std::string without_image_form(std::string_view text) {
  const FormPrefix* const form = form_of(text);
  return std::string(text.substr(form == nullptr ? 0 : form->prefix.size()));
}

std::string short_digest(std::string_view digest) {
  constexpr std::size_t kDigits = 12;
  return std::string(digest.substr(digest.find(':') + 1, kDigits));
}

Json image_json(const store::Image& image) {
  return {{"names", image.names},
          {"digest", image.digest},
          {"kept_by_digest", image.is_kept_by_digest},
          {"platform", image.platform.to_string()},
          {"layers", image.layers.size()},
          {"shared_size", image.shared_size},
          {"own_size", image.own_size}};
}

}  // namespace cim::cli
