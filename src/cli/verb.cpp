// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/verb.h"

#include <utility>

namespace cim::cli {

void Parameters::required(std::string_view name, std::string_view help, std::string& into,
                          Completes completes) {
  parameters_.push_back(
      {.names = name, .help = help, .target = &into, .is_required = true, .completes = completes});
}

void Parameters::optional(std::string_view name, std::string_view help,
                          std::optional<std::string>& into, Completes completes) {
  parameters_.push_back({.names = name, .help = help, .target = &into, .completes = completes});
}

void Parameters::flag(std::string_view names, std::string_view help, bool& into) {
  parameters_.push_back({.names = names, .help = help, .target = &into});
}

void Parameters::option(std::string_view names, std::string_view value, std::string_view help,
                        Parameter::Target into, Completes completes,
                        std::vector<std::string_view> choices) {
  parameters_.push_back({.names = names,
                         .value = value,
                         .help = help,
                         .target = into,
                         .completes = completes,
                         .choices = std::move(choices)});
}

}  // namespace cim::cli
