// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Reparse buffers ([MS-FSCC] 2.1.2). Only symbolic links and mount points are decoded; of all
// others, the header is validated and the data kept as bytes.
//
// A link has two names: the substitute name, which the kernel follows and which begins with
// `\??\` if it is absolute, and the print name, which programs show.
#include "cimlib/reparse.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/bytes.h"
#include "base/checked_math.h"
#include "base/endian.h"
#include "base/utf16.h"

namespace cim {
namespace {

constexpr std::string_view kSubject = "reparse data";
constexpr std::u16string_view kKernelPrefix = u"\\??\\";
constexpr std::u16string_view kKernelUncPrefix = u"\\??\\UNC\\";
constexpr std::u16string_view kVerbatimPrefix = u"\\\\?\\";
constexpr std::uint32_t kMicrosoftTag = 0x80000000;
constexpr std::uint32_t kLastReservedTag = 1;
constexpr std::uint32_t kRelativeFlag = 1;
constexpr std::size_t kGuidSize = 16;

// REPARSE_DATA_BUFFER up to the union.
struct Header {
  Le32 tag;         // 0
  Le16 data_size;   // 4: bytes after this header (and after the GUID of other vendors' tags)
  Le16 reserved{};  // 6
};
static_assert(sizeof(Header) == 8 && offsetof(Header, reserved) == 6);

// The names are stored after these fields, which the flags of a symbolic link follow first.
struct NameFields {
  Le16 substitute_offset;  // 0
  Le16 substitute_size;    // 2
  Le16 print_offset;       // 4
  Le16 print_size;         // 6
};
static_assert(sizeof(NameFields) == 8 && offsetof(NameFields, print_size) == 6);

// Validates the sizes, so that what follows can be taken as it is.
Header read_header(ByteReader& reader) {
  if (reader.size() > kMaxReparseBufferSize) {
    throw Error(ErrorCode::kLimit, std::string(kSubject),
                fmt::format("{} bytes; the limit is {}", reader.size(), kMaxReparseBufferSize));
  }
  const auto header = reader.read<Header>("the header");
  if (header.tag <= kLastReservedTag) {
    throw Error(ErrorCode::kCorrupt, std::string(kSubject),
                fmt::format("tag {:#x} is reserved", header.tag), 0);
  }
  if ((header.tag & kMicrosoftTag) == 0) {
    reader.take(kGuidSize, "the GUID of a tag that is not Microsoft's");
  }
  if (header.data_size != reader.remaining()) {
    throw Error(ErrorCode::kCorrupt, std::string(kSubject),
                fmt::format("the header states {} bytes of data, but there are {}",
                            header.data_size, reader.remaining()),
                offsetof(Header, data_size));
  }
  return header;
}

// Offsets are relative to the end of the fields, where `at_names` is.
std::u16string read_name(const ByteReader& at_names, std::size_t offset, std::size_t size,
                         std::string_view what) {
  if (offset % 2 != 0 || size % 2 != 0) {
    at_names.fail(fmt::format("the {} begins or ends within a character", what));
  }
  ByteReader reader = at_names;
  reader.take(offset, what);
  return utf16_from_le(reader.take(size, what));
}

// "C:", with or without anything after it.
bool is_drive(std::u16string_view target) {
  const auto is_letter = [](char16_t c) {
    return (c >= u'A' && c <= u'Z') || (c >= u'a' && c <= u'z');
  };
  return target.size() >= 2 && is_letter(target[0]) && target[1] == u':';
}

std::u16string join(std::u16string_view prefix, std::u16string_view rest) {
  std::u16string name(prefix);
  name += rest;
  return name;
}

// Returns the kernel's name of an absolute target; nullopt for a relative one. `\rooted` counts as
// relative: it starts from the link's own volume.
std::optional<std::u16string> kernel_name(std::u16string_view target) {
  if (target.starts_with(kVerbatimPrefix)) {
    return join(kKernelPrefix, target.substr(kVerbatimPrefix.size()));
  }
  if (target.starts_with(u"\\\\")) {
    return join(kKernelUncPrefix, target.substr(2));
  }
  if (is_drive(target)) {
    return join(kKernelPrefix, target);
  }
  return std::nullopt;
}

bool tag_has_names(std::uint32_t tag) {
  return tag == reparse_tag::kSymlink || tag == reparse_tag::kMountPoint;
}

[[noreturn]] void refuse_tag(std::uint32_t tag) {
  throw Error(ErrorCode::kInvalidArgument, std::string(kSubject),
              fmt::format("tag {:#x} is neither a symbolic link nor a mount point", tag));
}

}  // namespace

std::uint32_t parse_reparse_tag(std::span<const std::byte> buffer) {
  ByteReader reader(buffer, kSubject);
  return read_header(reader).tag;
}

bool ReparsePoint::has_names() const noexcept {
  return tag_has_names(tag);
}

ReparsePoint ReparsePoint::parse(std::span<const std::byte> buffer) {
  ByteReader reader(buffer, kSubject);
  ReparsePoint point;
  point.tag = read_header(reader).tag;
  if (!point.has_names()) {
    return point;
  }
  const auto fields = reader.read<NameFields>("the location of the names");
  if (point.tag == reparse_tag::kSymlink) {
    point.is_relative = (reader.read<Le32>("the flags") & kRelativeFlag) != 0;
  }
  point.substitute_name =
      read_name(reader, fields.substitute_offset, fields.substitute_size, "substitute name");
  point.print_name = read_name(reader, fields.print_offset, fields.print_size, "print name");
  return point;
}

ReparsePoint ReparsePoint::pointing_to(std::uint32_t tag, std::string_view target) {
  if (!tag_has_names(tag)) {
    refuse_tag(tag);
  }
  auto name = to_utf16(target);
  if (!name || name->find(u'\0') != std::u16string::npos) {
    throw Error(ErrorCode::kInvalidArgument, std::string(kSubject),
                name ? "the target contains a NUL" : "the target is not valid UTF-8");
  }
  std::ranges::replace(*name, u'/', u'\\');
  const auto absolute = kernel_name(*name);
  ReparsePoint point{.tag = tag, .substitute_name = absolute.value_or(*name), .print_name = *name};
  point.is_relative = tag == reparse_tag::kSymlink && !absolute;
  return point;
}

// Without a print name, the target is derived from what the kernel follows.
std::u16string ReparsePoint::target() const {
  if (!print_name.empty()) {
    return print_name;
  }
  const std::u16string_view name = substitute_name;
  if (name.starts_with(kKernelUncPrefix)) {
    return join(u"\\\\", name.substr(kKernelUncPrefix.size()));
  }
  if (!name.starts_with(kKernelPrefix)) {
    return substitute_name;
  }
  const auto rest = name.substr(kKernelPrefix.size());
  return is_drive(rest) ? std::u16string(rest) : join(kVerbatimPrefix, rest);
}

// The substitute name comes first; both end with a NUL that their sizes do not include.
std::vector<std::byte> ReparsePoint::encode() const {
  if (!has_names()) {
    refuse_tag(tag);
  }
  const std::size_t flags_size = tag == reparse_tag::kSymlink ? sizeof(Le32) : 0;
  const std::size_t units = substitute_name.size() + 1 + print_name.size() + 1;
  const std::size_t data_size = sizeof(NameFields) + flags_size + 2 * units;
  if (units > kMaxReparseBufferSize || sizeof(Header) + data_size > kMaxReparseBufferSize) {
    throw Error(ErrorCode::kLimit, std::string(kSubject),
                fmt::format("names of {} characters do not fit into {} bytes", units,
                            kMaxReparseBufferSize));
  }
  const auto size_of = [](std::size_t count) { return static_cast<std::uint16_t>(2 * count); };
  Bytes buffer;
  append(buffer, Header{.tag = tag, .data_size = static_cast<std::uint16_t>(data_size)});
  append(buffer, NameFields{.substitute_offset = std::uint16_t{0},
                            .substitute_size = size_of(substitute_name.size()),
                            .print_offset = size_of(substitute_name.size() + 1),
                            .print_size = size_of(print_name.size())});
  if (flags_size != 0) {
    append(buffer, Le32(is_relative ? kRelativeFlag : 0));
  }
  for (const auto& name : {substitute_name, print_name}) {
    append_utf16_le(buffer, name);
    append(buffer, Le16(0));
  }
  return buffer;
}

}  // namespace cim
