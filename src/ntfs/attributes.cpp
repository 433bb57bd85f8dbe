// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Names of attributes as the program shows them. Bits without a name are shown as a number, so that
// no bit is hidden.
#include "cimlib/attributes.h"

#include <string_view>

#include <fmt/format.h>

namespace cim {
namespace {

struct NamedBit {
  std::uint32_t bit;
  std::string_view name;
};

constexpr NamedBit kNamedBits[] = {
    {attribute::kReadOnly, "readonly"},
    {attribute::kHidden, "hidden"},
    {attribute::kSystem, "system"},
    {attribute::kDirectory, "directory"},
    {attribute::kArchive, "archive"},
    {attribute::kNormal, "normal"},
    {attribute::kTemporary, "temporary"},
    {attribute::kSparseFile, "sparse-file"},
    {attribute::kReparsePoint, "reparse-point"},
    {attribute::kCompressed, "compressed"},
    {attribute::kOffline, "offline"},
    {attribute::kNotContentIndexed, "not-content-indexed"},
    {attribute::kEncrypted, "encrypted"},
    {attribute::kIntegrityStream, "integrity-stream"},
    {attribute::kNoScrubData, "no-scrub-data"},
    {attribute::kRecallOnOpen, "recall-on-open"},
};

}  // namespace

std::string attributes_to_string(std::uint32_t attributes) {
  if (attributes == 0) {
    return "normal";
  }
  std::string text;
  const auto add = [&text](std::string_view name) {
    text += text.empty() ? "" : "|";
    text += name;
  };
  std::uint32_t unknown = attributes;
  for (const auto& [bit, name] : kNamedBits) {
    if ((attributes & bit) != 0) {
      add(name);
      unknown &= ~bit;
    }
  }
  if (unknown != 0) {
    add(fmt::format("{:#x}", unknown));
  }
  return text;
}

}  // namespace cim
