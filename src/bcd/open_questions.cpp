// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>

#include "cimlib/bcd.h"

namespace cim::bcd {

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
