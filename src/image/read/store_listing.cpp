// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/store_listing.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "format/disk_header.h"
#include "image/read/region_files.h"
#include "os/file.h"
#include "os/system_error.h"

namespace cim {
namespace {

constexpr std::size_t kGuidLength = 36;

// Accepts only the spelling that writers use, so that two names never mean the same file.
std::optional<Guid> parse_guid(std::string_view text) {
  const auto guid = Guid::parse(text);
  return guid && guid->to_string() == text ? guid : std::nullopt;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  const bool is_there = text.starts_with(prefix);
  text.remove_prefix(is_there ? prefix.size() : 0);
  return is_there;
}

bool is_named_as_image(const std::filesystem::path& path) {
  return equal_ignoring_ascii_case(path.extension().string(), ".cim");
}

[[noreturn]] void fail_undetermined(const std::filesystem::path& path, const Error& error) {
  throw Error(error.code(), path.string(),
              fmt::format("cannot determine which files it needs: {}", error.reason()),
              error.offset());
}

// The start of a file, padded with zeros.
using Head = std::array<std::byte, format::kCommonHeaderSize>;

Head head_of(const File& file) {
  Head head{};
  file.read_some_at(0, head);
  return head;
}

bool has_magic(const Head& head) {
  return as_text(ByteView(head).first(format::kMagic.size())) == format::kMagic;
}

bool has_type(const Head& head, format::FileType type) {
  return head[offsetof(format::DiskCommonHeader, type)] == std::byte(type);
}

// Returns nullopt for a file that is not an image; throws if that cannot be determined.
std::optional<ImageHeader> read_member(const std::filesystem::path& path) {
  const bool is_named = is_named_as_image(path);
  try {
    const File file = File::open_read(path);
    const Head head = head_of(file);
    if (file.size() >= head.size() && has_magic(head) &&
        has_type(head, format::FileType::kFilesystem)) {
      return ImageHeader{path, read_filesystem_header(path)};
    }
    if (is_named) {
      throw Error(ErrorCode::kCorrupt, path.string(), "not the filesystem file of a CIM image");
    }
  } catch (const Error& error) {
    const bool is_gone = error.code() == ErrorCode::kNotFound && !is_named;
    const bool is_part = parse_part_name_ignoring_case(path.filename().string()).has_value();
    if (!is_gone && !is_part) {
      fail_undetermined(path, error);
    }
  }
  return std::nullopt;
}

// A link is followed only if its name says that it is an image: no caller asked for the targets of
// links with other names.
bool may_be_image(const std::filesystem::directory_entry& entry) {
  std::error_code unknown;
  if (is_temporary_name(entry.path().filename().string())) {
    return false;
  }
  // An entry that cannot be examined may be an image; reading it then reports why.
  const auto type = entry.symlink_status(unknown).type();
  if (type == std::filesystem::file_type::regular || type == std::filesystem::file_type::none) {
    return true;
  }
  return is_named_as_image(entry.path()) && !std::filesystem::is_directory(entry.status(unknown));
}

}  // namespace

std::optional<PartName> parse_part_name(std::string_view name) {
  PartName part;
  if (take_prefix(name, "objectid_")) {
    part.kind = ImageFileKind::kObjectIds;
  } else if (!take_prefix(name, "region_")) {
    return std::nullopt;
  }
  const auto guid = parse_guid(name.substr(0, kGuidLength));
  if (!guid || !take_prefix(name = name.substr(kGuidLength), "_")) {
    return std::nullopt;
  }
  part.region_set = *guid;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), part.index);
  if (error != std::errc() || end != name.data() + name.size() ||
      std::to_string(part.index) != name) {
    return std::nullopt;
  }
  return part;
}

std::optional<PartName> parse_part_name_ignoring_case(std::string_view name) {
  return parse_part_name(to_ascii_lower(name));
}

bool is_part(const std::filesystem::path& file, ImageFileKind kind) {
  try {
    const Head head = head_of(File::open_read_unlinked(file));
    // A writer that was killed may have left it without its header.
    const bool is_blank = head == Head{};
    return is_blank || (has_magic(head) && has_type(head, kind == ImageFileKind::kRegion
                                                              ? format::FileType::kRegion
                                                              : format::FileType::kObjectId));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound || error.code() == ErrorCode::kInvalidArgument) {
      return false;  // removed or replaced meanwhile
    }
    throw;
  }
}

bool is_temporary_name(std::string_view name) {
  constexpr std::string_view kEnd = ".tmp";
  if (!name.starts_with('.') || !name.ends_with(kEnd)) {
    return false;
  }
  name.remove_suffix(kEnd.size());
  return name.size() > kGuidLength + 2 && name[name.size() - kGuidLength - 1] == '.' &&
         parse_guid(name.substr(name.size() - kGuidLength)).has_value();
}

bool ImageHeader::names(const Guid& region_set) const {
  return header.own.guid == region_set ||
         std::ranges::any_of(header.parents, [&region_set](const format::RegionSetEntry& set) {
           return set.guid == region_set;
         });
}

std::vector<std::filesystem::directory_entry> entries_of(const std::filesystem::path& directory) {
  std::vector<std::filesystem::directory_entry> entries;
  std::error_code error;
  for (std::filesystem::directory_iterator next(directory, error), end; !error && next != end;
       next.increment(error)) {
    entries.push_back(*next);
  }
  if (error) {
    throw_system_error(error, directory.string(), "read");
  }
  std::ranges::sort(entries);
  return entries;
}

std::vector<ImageHeader> list_store(const std::filesystem::path& directory) {
  std::vector<ImageHeader> images;
  for (const std::filesystem::directory_entry& entry : entries_of(directory)) {
    if (may_be_image(entry)) {
      if (auto member = read_member(entry.path())) {
        images.push_back(*std::move(member));
      }
    }
  }
  return images;
}

}  // namespace cim
