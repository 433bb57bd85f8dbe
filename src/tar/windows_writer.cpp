// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Writes entries as go-winio does, down to modes and the order of records. What the dialect cannot
// express goes into records of cimlib; what contradicts the dialect is left out, which
// loses_metadata() reports.
#include "tar/windows_writer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/attributes.h"
#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"

#include "base/utf16.h"
#include "os/base64.h"
#include "tar/entry_path.h"
#include "tar/pax.h"
#include "tar/windows_metadata.h"

namespace cim::tar {
namespace {

constexpr std::uint32_t kRegularMode = 0100000;
constexpr std::uint32_t kDirectoryMode = 040000;
constexpr std::uint32_t kLinkMode = 0120000;
constexpr std::uint32_t kHardLinkMode = 0644;

// With the prefix in front, this is the opaque marker.
constexpr std::u16string_view kOpaqueRest = u".wh..opq";

void append_path(std::string& text, const Names& names) {
  for (const std::u16string& name : names) {
    if (!text.empty()) {
      text.push_back('/');
    }
    append_wtf8(text, name);
  }
}

std::string text_of(const Names& names) {
  std::string text;
  append_path(text, names);
  return text;
}

[[noreturn]] void refuse_name(const Names& path) {
  throw Error(ErrorCode::kUnsupported, text_of(path),
              "a layer's tar cannot contain this name, because readers treat it as a whiteout");
}

// Readers check the last name of every entry for a whiteout, whatever its type.
void check_last_name(const Names& path, TarScope scope) {
  if (path.empty() && scope == TarScope::kImage) {
    return;
  }
  if (path.empty() || path.back().starts_with(kWhiteoutPrefix)) {
    refuse_name(path);
  }
}

void check_whiteout(const Names& path) {
  if (path.size() < 2 || path.back() == kOpaqueRest) {
    refuse_name(path);
  }
}

Names without_last(Names path) {
  if (!path.empty()) {
    path.pop_back();
  }
  return path;
}

std::string whiteout_path(const Names& directory, std::string_view name) {
  std::string path = text_of(directory);
  path += path.empty() ? "" : "/";
  return path += name;
}

// Returns true if readers that ignore our records make this same buffer from the target's text.
bool is_made_of_target(const ReparsePoint& point, ByteView buffer) {
  if (!point.has_names() || point.print_name.find(u'\0') != std::u16string::npos) {
    return false;
  }
  const auto made = ReparsePoint::pointing_to(point.tag, to_wtf8(point.print_name));
  return made == point && equal(made.encode(), buffer);
}

// A NUL would end the link name in other readers.
std::string link_text(const ReparsePoint& point) {
  const std::u16string target = point.target();
  return to_wtf8(target.substr(0, target.find(u'\0')));
}

}  // namespace

void WindowsWriter::add(const WindowsRecord& record) {
  guard_.run([&] { put(record); });
}

void WindowsWriter::put(const WindowsRecord& record) {
  own_.clear();
  records_.clear();
  link_.clear();
  has_own_records_ = false;
  loses_metadata_ = false;
  if (record.kind == RecordKind::kStream) {
    return begin_stream(record);
  }
  takes_streams_ = false;
  switch (record.kind) {
    case RecordKind::kFile:
      // The interface through which go-winio reads shows no data for an empty file; it then sets no
      // type.
      return begin(record,
                   {.path = {}, .mode = record.size == 0 ? 0 : kRegularMode, .size = record.size});
    case RecordKind::kDirectory:
      return begin(record, {.path = {}, .type = TypeFlag::kDirectory, .mode = kDirectoryMode});
    case RecordKind::kReparsePoint: {
      const bool is_directory = (record.attributes & attribute::kDirectory) != 0;
      return begin(record, {.path = {},
                            .type = TypeFlag::kSymlink,
                            .mode = kLinkMode | (is_directory ? kDirectoryMode : 0)});
    }
    case RecordKind::kHardLink:
      append_path(link_, record.link_target);
      return begin(record, {.path = {}, .type = TypeFlag::kHardLink, .mode = kHardLinkMode});
    case RecordKind::kWhiteout:
      check_whiteout(record.path);
      return writer_.begin(
          {.path = whiteout_path(without_last(record.path), ".wh." + to_wtf8(record.path.back()))});
    case RecordKind::kOpaqueMarker:
      return writer_.begin({.path = whiteout_path(record.path, ".wh..wh..opq")});
    case RecordKind::kStream:
      break;
  }
}

// Completes and writes the header of a file, directory, reparse point or hard link, and remembers
// what its streams repeat.
void WindowsWriter::begin(const WindowsRecord& record, NewEntry entry) {
  check_last_name(record.path, scope_);
  put_metadata(record);
  path_.clear();
  append_path(path_, record.path);
  path_ += record.path.empty() ? "./" : "";
  own_ += records_;
  entry.path = path_;
  entry.link = link_;
  entry.mtime = record.times.last_write.to_unix();
  entry.records = own_;
  writer_.begin(entry);
  if (record.kind != RecordKind::kHardLink) {
    takes_streams_ = true;
    file_ = record.path;
    file_mode_ = entry.mode;
    file_times_ = record.times;
  }
}

// The entry of a stream has the mode and times of its file, as in go-winio, and no other metadata.
void WindowsWriter::begin_stream(const WindowsRecord& record) {
  if (!takes_streams_ || record.path != file_ || record.stream.empty()) {
    throw Error(ErrorCode::kInvalidArgument, text_of(record.path),
                "a stream that does not follow its file");
  }
  append_pax_record(records_, "atime", format_pax_time(file_times_.last_access.to_unix()));
  append_pax_record(records_, "ctime", format_pax_time(file_times_.change.to_unix()));
  const std::string path =
      (record.path.empty() ? "./" : text_of(record.path)) + ":" + to_wtf8(record.stream);
  writer_.begin({.path = path,
                 .mode = file_mode_,
                 .size = record.size,
                 .mtime = file_times_.last_write.to_unix(),
                 .records = records_});
}

// Appends the records in the order of their keys.
void WindowsWriter::put_metadata(const WindowsRecord& record) {
  append_pax_record(records_, record_key::kCreationTime,
                    format_pax_time(record.times.creation.to_unix()));
  append_pax_record(records_, record_key::kAttributes, fmt::format("{}", record.attributes));
  if (record.kind != RecordKind::kHardLink) {
    put_target(record);
    if (!record.security_descriptor.empty()) {
      put_base64(record_key::kRawDescriptor, record.security_descriptor);
    }
    put_extended_attributes(record.extended_attributes);
  }
  append_pax_record(records_, "atime", format_pax_time(record.times.last_access.to_unix()));
  append_pax_record(records_, "ctime", format_pax_time(record.times.change.to_unix()));
}

// Sets the link name that readers show and follow, and adds a record of cimlib if that is not all.
void WindowsWriter::put_target(const WindowsRecord& record) {
  if (record.kind != RecordKind::kReparsePoint) {
    return;
  }
  ReparsePoint point = ReparsePoint::parse(record.reparse_data);
  const bool is_mount_point = point.tag == reparse_tag::kMountPoint;
  if (is_mount_point) {
    append_pax_record(records_, record_key::kMountPoint, "1");
  }
  if (is_made_of_target(point, record.reparse_data)) {
    link_ = to_wtf8(point.print_name);
    return;
  }
  link_ = link_text(point);
  if (agrees(point, link_, is_mount_point)) {
    return put_own(record_key::kOwnReparseData, record.reparse_data);
  }
  // The link shows another target than the one that Windows follows; the tar can hold only one.
  loses_metadata_ = true;
  point.print_name.clear();
  link_ = link_text(point);
}

void WindowsWriter::put_extended_attributes(ByteView list) {
  if (list.empty()) {
    return;
  }
  auto attributes = parse_extended_attributes(list);
  const bool has_keys = std::all_of(attributes.begin(), attributes.end(),
                                    [](const auto& each) { return can_be_key(each.name); });
  std::stable_sort(attributes.begin(), attributes.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const ExtendedAttribute& each : attributes) {
    if (can_be_key(each.name)) {
      put_base64(std::string(record_key::kExtendedAttribute) + each.name, each.value);
    }
  }
  const bool has_flags = std::any_of(attributes.begin(), attributes.end(),
                                     [](const auto& each) { return each.flags != 0; });
  const auto twice =
      std::adjacent_find(attributes.begin(), attributes.end(),
                         [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice != attributes.end()) {
    loses_metadata_ = true;  // readers use only one of the two
  } else if (!has_keys || has_flags || !equal(encode_extended_attributes(attributes), list)) {
    put_own(record_key::kOwnExtendedAttributes, list);
  }
}

void WindowsWriter::put_base64(std::string_view key, ByteView bytes) {
  value_.clear();
  append_base64(value_, bytes);
  append_pax_record(records_, key, value_);
}

void WindowsWriter::put_own(std::string_view key, ByteView bytes) {
  value_.clear();
  append_base64(value_, bytes);
  // CIMLIB.eas comes before CIMLIB.reparse.
  std::string record;
  append_pax_record(record, key, value_);
  own_.insert(key == record_key::kOwnExtendedAttributes ? 0 : own_.size(), record);
  has_own_records_ = true;
}

}  // namespace cim::tar
