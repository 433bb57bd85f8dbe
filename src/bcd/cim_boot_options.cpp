// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Checks that need no store, and the list of everything about booting from a CIM that is not known.
#include "bcd/cim_boot_options.h"

#include <algorithm>
#include <array>

#include "cimlib/bcd.h"
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

// The boot manager resolves the path on a share, where names have the rules of Windows.
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

std::span<const OpenQuestion> open_questions() noexcept {
  static constexpr std::array<OpenQuestion, 12> kFacts = {{
      {"U1", "the version in the record of a CIM is 2, the only one that a public reader accepts"},
      {"U2", "the record of a CIM may be 0x30 or 0x48 bytes; libraries of both kinds exist"},
      {"U3",
       "the elements 3100000e, 3100000f, 32000011 and 31000012 are known from a single source"},
      {"U4", "no public store has records of a composite device or a CIM to compare with"},
      {"U5", "a composite record of 0x2c bytes, which one public reader knows, is not written"},
      {"U6", "what bcdedit does with existing objects; here the caller decides"},
      {"U7", "bcdedit may rewrite the whole hive; compare stores by content, not by digest"},
      {"U8", "only the name of the vmbus interface is known"},
      {"U9", "other elements of the default entry may matter; they are not changed"},
      {"U10", "bcdedit may terminate a string with more than one NUL"},
      {"U11", "how strictly newer boot managers check the records"},
      {"U12", "whether the store boots; it has not been tried"},
  }};
  return kFacts;
}

std::string_view to_string(VmbusEvidence evidence) noexcept {
  switch (evidence) {
    case VmbusEvidence::kAbsent:
      return "absent";
    case VmbusEvidence::kEqual:
      return "equal";
    case VmbusEvidence::kDifferent:
      return "different";
  }
  return "";
}

}  // namespace cim::bcd
