// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "bcd/cim_boot_options.h"

#include <algorithm>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "base/upcase.h"

namespace cim::bcd {
namespace {

constexpr std::string_view kSubject = "boot from a CIM";

// Paths are not shown: they may contain characters that do not belong in a line of text.
[[noreturn]] void refuse(std::string reason) {
  throw Error(ErrorCode::kInvalidArgument, std::string(kSubject), std::move(reason));
}

bool cannot_be_in_a_name(char16_t unit) {
  return unit < 0x20 || std::u16string_view(u"/:*?\"<>|").find(unit) != std::u16string_view::npos;
}

// Programs that read the store's text cannot handle lone surrogates.
bool has_lone_surrogate(std::u16string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < 0xD800 || text[i] > 0xDFFF) {
      continue;
    }
    const bool is_pair =
        text[i] < 0xDC00 && i + 1 < text.size() && text[i + 1] >= 0xDC00 && text[i + 1] <= 0xDFFF;
    if (!is_pair) {
      return true;
    }
    ++i;
  }
  return false;
}

void check_part(std::u16string_view part) {
  if (part.empty() || part == u"." || part == u"..") {
    refuse("a component of the image's path is empty, \".\" or \"..\"");
  }
  if (std::ranges::any_of(part, cannot_be_in_a_name)) {
    refuse("the image's path contains a character that names on the share cannot contain");
  }
}

}  // namespace

void check_options(const CimBootOptions& options) {
  if (options.unverified != Unverified::kAccept) {
    throw Error(ErrorCode::kUnsupported, std::string(kSubject),
                "it is not verified how the boot manager interprets the necessary records; they "
                "are written only if the caller accepts that");
  }
  const Guid none;
  if (options.scratch.disk == none || options.scratch.partition == none) {
    refuse("the GUIDs of a disk and a partition must not be zero");
  }
  if (options.scratch.disk == options.scratch.partition) {
    refuse("the disk and its partition cannot have the same GUID");
  }
}

std::string stored_cim_path(std::string_view path) {
  const auto units = to_utf16(path);
  if (!units || has_lone_surrogate(*units)) {
    refuse("the image's path is not well-formed UTF-16");
  }
  std::u16string_view rest = *units;
  if (rest.starts_with(u'\\')) {
    rest.remove_prefix(1);
  }
  const std::u16string stored = u"\\" + std::u16string(rest);
  while (true) {
    const std::size_t end = std::min(rest.find(u'\\'), rest.size());
    check_part(rest.substr(0, end));
    if (end == rest.size()) {
      break;
    }
    rest.remove_prefix(end + 1);
  }
  if (!upcase(rest).ends_with(u".CIM")) {
    refuse("the image's name does not end in .cim");
  }
  return to_wtf8(stored);
}

}  // namespace cim::bcd
