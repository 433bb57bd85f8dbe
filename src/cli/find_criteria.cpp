// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/find_criteria.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/reparse.h"
#include "cimlib/wtf8.h"

#include "cli/image_writing.h"

namespace cim::cli {
namespace {

// Reads digits and the character that follows them.
bool take_number(std::string_view& text, std::size_t digits, char after, unsigned& number) {
  if (text.size() < digits) {
    return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc() || end != text.data() + digits) {
    return false;
  }
  text.remove_prefix(digits);
  if (!text.empty() && text.front() == after) {
    text.remove_prefix(1);
    return true;
  }
  return text.empty();
}

FileTime time_or_fail(std::string_view option, const std::string& text) {
  const auto time = parse_time(text);
  if (!time) {
    throw UsageError{
        fmt::format("{}: '{}' is not a time such as 2026-11-29T12:30:45", option, text)};
  }
  return *time;
}

// "+1M" means more than a mebibyte, "-1M" less, "1M" exactly that.
void apply_size(const std::string& text, FindOptions& find) {
  const char sign = text.empty() ? ' ' : text.front();
  const bool is_signed = sign == '+' || sign == '-';
  const auto size = parse_byte_count(std::string_view(text).substr(is_signed ? 1 : 0));
  if (!size || (sign == '-' && *size == 0) ||
      (sign == '+' && *size == std::numeric_limits<std::uint64_t>::max())) {
    throw UsageError{fmt::format("--size: '{}' is not a size such as +10M", text)};
  }
  if (sign != '-') {
    find.min_size = sign == '+' ? *size + 1 : *size;
  }
  if (sign != '+') {
    find.max_size = sign == '-' ? *size - 1 : *size;
  }
}

constexpr std::array<std::pair<std::string_view, EntryKind>, 5> kKinds = {{
    {"f", EntryKind::kFile},
    {"d", EntryKind::kDirectory},
    {"l", EntryKind::kLink},
    {"hardlink", EntryKind::kHardLink},
    {"stream", EntryKind::kStream},
}};

// The attributes that an image can have, under the names in which they are shown.
std::uint32_t attribute_named(std::string_view name) {
  for (std::uint32_t bit = 1; bit != 0; bit <<= 1U) {
    const std::string known = attributes_to_string(bit);
    if (!known.starts_with("0x") && known == name) {
      return bit;
    }
  }
  throw UsageError{fmt::format("--attributes: '{}' is not an attribute", name)};
}

// "hidden,!system".
void apply_attributes(std::string_view text, FindOptions& find) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view name = text.substr(0, end);
    const bool is_excluded = name.starts_with('!');
    name.remove_prefix(is_excluded ? 1 : 0);
    (is_excluded ? find.without_attributes : find.with_attributes) |= attribute_named(name);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void apply_reparse(const std::string& text, FindOptions& find) {
  if (text == "any") {
    find.is_reparse_point = true;
  } else if (text == "symlink") {
    find.reparse_tag = reparse_tag::kSymlink;
  } else if (text == "junction") {
    find.reparse_tag = reparse_tag::kMountPoint;
  } else {
    std::uint32_t tag = 0;
    const std::string_view digits = std::string_view(text).substr(text.starts_with("0x") ? 2 : 0);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), tag, 16);
    if (!text.starts_with("0x") || error != std::errc() || end != digits.data() + digits.size()) {
      throw UsageError{fmt::format("--reparse: '{}' is not any, symlink, junction or 0xTAG", text)};
    }
    find.reparse_tag = tag;
  }
}

// An alias such as BA is one of SDDL.
Sid owner_of(const std::string& text) {
  try {
    if (auto owner = SecurityDescriptor::from_sddl("O:" + text).owner) {
      return *std::move(owner);
    }
  } catch (const Error&) {
    throw UsageError{fmt::format("--owner: '{}' is not a SID such as S-1-5-18 or BA", text)};
  }
  throw UsageError{"--owner: a SID is missing"};
}

// Programs store text in UTF-8 and in UTF-16.
void apply_text(const std::string& text, FindOptions& find) {
  const auto bytes = std::as_bytes(std::span(text));
  find.contents.emplace_back(bytes.begin(), bytes.end());
  const auto utf16 = to_utf16(text);
  if (!utf16) {
    return;
  }
  std::vector<std::byte> wide;
  for (const char16_t unit : *utf16) {
    wide.push_back(static_cast<std::byte>(unit & 0xFFU));
    wide.push_back(static_cast<std::byte>(unit >> 8U));
  }
  find.contents.push_back(std::move(wide));
}

void apply_hex(std::string_view text, FindOptions& find) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    const char* const end = text.data() + i + 2;
    if (std::from_chars(text.data() + i, end, value, 16).ptr != end) {
      break;
    }
    bytes.push_back(static_cast<std::byte>(value));
  }
  if (bytes.empty() || bytes.size() * 2 != text.size()) {
    throw UsageError{fmt::format("--content-hex: '{}' is not hexadecimal bytes", text)};
  }
  find.contents.push_back(std::move(bytes));
}

HashAlgorithm hash_named(std::string_view name) {
  for (const HashAlgorithm each : {HashAlgorithm::kSha1, HashAlgorithm::kMd5}) {
    if (name == to_string(each)) {
      return each;
    }
  }
  return HashAlgorithm::kSha256;
}

}  // namespace

std::optional<FileTime> parse_time(std::string_view text) {
  if (text.ends_with('Z')) {
    text.remove_suffix(1);
  }
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!take_number(text, 4, '-', year) || text.empty() || !take_number(text, 2, '-', month) ||
      text.empty() || !take_number(text, 2, 'T', day)) {
    return std::nullopt;
  }
  std::array<unsigned, 3> clock{};  // hours, minutes, seconds
  for (std::size_t i = 0; i < clock.size() && !text.empty(); ++i) {
    if (!take_number(text, 2, ':', clock[i])) {
      return std::nullopt;
    }
  }
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(month), std::chrono::day(day));
  if (!text.empty() || !date.ok() || clock[0] > 23 || clock[1] > 59 || clock[2] > 59) {
    return std::nullopt;
  }
  const auto time = std::chrono::sys_days(date) + std::chrono::hours(clock[0]) +
                    std::chrono::minutes(clock[1]) + std::chrono::seconds(clock[2]);
  return FileTime::from_unix({std::int64_t{time.time_since_epoch().count()}, 0});
}

void find_criteria_options(Parameters& parameters, FindCriteriaOptions& options) {
  parameters.option("-n,--name", "GLOB",
                    "the name matches this pattern, ignoring case; if given more than once, one of "
                    "them",
                    &options.names);
  parameters.option("-t,--type", "KIND",
                    "a file, directory, link, alternate stream, or name of a file with several; "
                    "if given more than once, one of them",
                    &options.types, Completes::kNothing, {"f", "d", "l", "stream", "hardlink"});
  parameters.option(
      "-s,--size", "SIZE",
      "this size in bytes, with + in front a larger and with - a smaller one; accepts "
      "the suffixes K, M, G and T",
      &options.sizes);
  parameters.option("--newer", "TIME", "written after this time, in UTC", &options.newer);
  parameters.option("--older", "TIME", "written before this time, in UTC", &options.older);
  parameters.option("--attributes", "LIST",
                    "has these attributes, separated by commas; those after a ! are absent",
                    &options.attributes);
  parameters.flag("--streams", "has alternate streams", options.streams);
  parameters.option("--reparse", "TAG", "is a reparse point: any, symlink, junction or 0xTAG",
                    &options.reparse);
  parameters.option("--owner", "SID", "belongs to this SID, or an alias of SDDL", &options.owner);
  parameters.option("--sddl", "TEXT", "the security descriptor in SDDL contains this text",
                    &options.sddl);
  parameters.option("--content", "TEXT",
                    "contains this text in UTF-8 or UTF-16; if given more than once, one of them",
                    &options.contents);
  parameters.option("--content-hex", "DIGITS", "contains these bytes", &options.hex_contents);
  parameters.option("--hash", "ALGORITHM", "print the digest of each file and stream",
                    &options.hash, Completes::kNothing, {"sha256", "sha1", "md5"});
}

void apply_paths(const std::vector<std::string>& paths, FindOptions& find) {
  for (const std::string& path : paths) {
    if (path.find_first_of("*?[") == std::string::npos) {
      find.starts.push_back(ImagePath::parse(path));
    } else {
      find.paths.emplace_back(path);
    }
  }
  if (!find.starts.empty() && !find.paths.empty()) {
    throw UsageError{"patterns and plain paths cannot be used together"};
  }
}

void apply(const FindCriteriaOptions& options, FindOptions& find) {
  for (const std::string& name : options.names) {
    find.names.emplace_back(name, "");
  }
  for (const std::string& type : options.types) {
    find.kinds.push_back(
        std::ranges::find(kKinds, type, &std::pair<std::string_view, EntryKind>::first)->second);
  }
  for (const std::string& size : options.sizes) {
    apply_size(size, find);
  }
  find.newer_than =
      options.newer ? std::optional(time_or_fail("--newer", *options.newer)) : std::nullopt;
  find.older_than =
      options.older ? std::optional(time_or_fail("--older", *options.older)) : std::nullopt;
  apply_attributes(options.attributes.value_or(""), find);
  find.has_streams = options.streams;
  if (options.reparse) {
    apply_reparse(*options.reparse, find);
  }
  find.owner = options.owner ? std::optional(owner_of(*options.owner)) : std::nullopt;
  find.sddl = options.sddl;
  for (const std::string& text : options.contents) {
    apply_text(text, find);
  }
  for (const std::string& digits : options.hex_contents) {
    apply_hex(digits, find);
  }
  find.hash = options.hash ? std::optional(hash_named(*options.hash)) : std::nullopt;
}

}  // namespace cim::cli
