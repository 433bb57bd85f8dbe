// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is words for the options of `cim find`, each after a byte that chooses the option and
// ended by a NUL.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cimlib/error.h"

#include "cli/find_criteria.h"

namespace {

using cim::cli::FindCriteriaOptions;

void add(char option, std::string word, FindCriteriaOptions& options) {
  switch (static_cast<unsigned char>(option) % 12) {
    case 0:
      return options.names.push_back(std::move(word));
    case 1:
      return options.types.push_back(std::move(word));
    case 2:
      return options.sizes.push_back(std::move(word));
    case 3:
      options.newer = std::move(word);
      return;
    case 4:
      options.older = std::move(word);
      return;
    case 5:
      options.attributes = std::move(word);
      return;
    case 6:
      options.reparse = std::move(word);
      return;
    case 7:
      options.owner = std::move(word);
      return;
    case 8:
      options.sddl = std::move(word);
      return;
    case 9:
      return options.contents.push_back(std::move(word));
    case 10:
      return options.hex_contents.push_back(std::move(word));
    default:
      options.hash = std::move(word);
  }
}

FindCriteriaOptions options_in(std::string_view input) {
  FindCriteriaOptions options;
  while (!input.empty()) {
    const char option = input.front();
    input.remove_prefix(1);
    const std::size_t end = std::min(input.find('\0'), input.size());
    add(option, std::string(input.substr(0, end)), options);
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // char may alias any object.
  const auto options = options_in({reinterpret_cast<const char*>(data), size});
  cim::FindOptions find;
  try {
    cim::cli::apply(options, find);
    cim::cli::apply_paths(options.names, find);
  } catch (const cim::cli::UsageError&) {
    return 0;
  } catch (const cim::Error&) {  // of a pattern
    return 0;
  }
  if (find.min_size.value_or(0) > find.max_size.value_or(~std::uint64_t{0}) &&
      options.sizes.size() == 1) {
    std::abort();
  }
  return 0;
}
