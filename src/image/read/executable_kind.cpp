// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/executable_kind.h"

#include <algorithm>
#include <span>
#include <variant>

#include "image/read/pe_layout.h"

namespace cim {

ExecutableKind executable_kind(const Stream& stream, Bytes& head) {
  if (stream.storage() == Storage::kPeImage) {
    return {.is_expanded = true};
  }
  if (stream.storage() != Storage::kData || stream.size() < 2) {
    return {};
  }
  head.resize(static_cast<std::size_t>(std::min<std::uint64_t>(stream.size(), kPeHeadSize)));
  // Two bytes rule most files out; the rest of the head is read only for the others.
  stream.read(0, std::span(head).first(2));
  if (as_text(ByteView(head).first(2)) != "MZ") {
    return {};
  }
  stream.read(0, head);
  const PeAnalysis analysis = analyze_pe(head, stream.size());
  if (const auto* const plain = std::get_if<PlainPe>(&analysis)) {
    return {.plain_reason = plain->reason};
  }
  if (std::holds_alternative<PeLayout>(analysis)) {
    return {.plain_reason = "expansion was off"};
  }
  return {};
}

}  // namespace cim
