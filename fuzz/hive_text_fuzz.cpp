// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is a hive. Its .reg file must consist of lines of the few kinds that the format has,
// with as many keys and values as the summary states, and the hive must not differ from itself.

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "cimlib/error.h"
#include "cimlib/hive.h"
#include "cimlib/hive_diff.h"
#include "cimlib/hive_text.h"
#include "cimlib/wtf8.h"

#include "base/bytes.h"
#include "base/utf16.h"
#include "hive_fuzzing.h"

namespace {

using cim::registry::Hive;
using cim::registry::RegFileEncoding;
using cim::registry::RegFileSummary;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

struct Counts {
  std::uint64_t keys = 0;
  std::uint64_t values = 0;
};

/// Counts what a line begins.
void count_line(std::string_view line, bool is_continued, Counts& counts) {
  if (is_continued) {
    require(line.starts_with("  "));
  } else if (line.starts_with('[')) {
    require(line.ends_with(']'));
    counts.keys += line.starts_with("[-") ? 0U : 1U;
  } else if (line.starts_with('"') || line.starts_with('@')) {
    ++counts.values;
  } else {
    require(line.empty() || line.starts_with("; "));
    require(!line.ends_with('\\'));
  }
}

void examine(std::string_view text, const RegFileSummary& summary) {
  constexpr std::string_view kHead = "Windows Registry Editor Version 5.00\r\n";
  require(text.starts_with(kHead));
  text.remove_prefix(kHead.size());
  Counts counts;
  bool is_continued = false;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    require(end != text.npos);
    const std::string_view line = text.substr(0, end);
    require(line.find_first_of("\r\n") == line.npos);
    count_line(line, is_continued, counts);
    is_continued = line.ends_with('\\');
    text.remove_prefix(end + 2);
  }
  require(!is_continued);
  require(counts.values == summary.values);
  require(counts.keys <= summary.keys);  // deleted keys have another form
}

void write(const Hive& hive, RegFileEncoding encoding, bool has_options) {
  std::string text;
  const RegFileSummary summary = cim::registry::write_reg_file(
      hive, "",
      {.root = has_options ? "R" : "",
       .encoding = encoding,
       .unicode_text = has_options,
       .comments = has_options},
      [&text](std::span<const std::byte> bytes) { text += cim::as_text(bytes); });
  if (encoding == RegFileEncoding::kUtf16) {
    const std::u16string units = cim::utf16_from_le(cim::as_bytes(text));
    require(units.starts_with(u'\uFEFF'));
    text = cim::to_wtf8(std::u16string_view(units).substr(1));
  }
  examine(text, summary);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Hive hive =
        Hive::from_bytes(cim::fuzz::as_clean_hive(std::as_bytes(std::span(data, size))), "input");
    for (const bool has_options : {false, true}) {
      write(hive, RegFileEncoding::kUtf8, has_options);
      write(hive, RegFileEncoding::kUtf16, has_options);
    }
    require(cim::registry::diff(hive, hive, {}, [](const auto&) { return true; }).is_same());
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
