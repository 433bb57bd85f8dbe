// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Everything is read as NTFS stores it. With the privileges of an administrator, files are read
// whatever their descriptors allow.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/attributes.h"
#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "image/host/directory_stack_windows.h"
#include "image/host/host_tree.h"
#include "os/nt_file_windows.h"
#include "os/privileges_windows.h"

namespace cim {
namespace {

constexpr std::size_t kPieceSize = std::size_t{1} << 20;

// FILE_READ_DATA of a directory is FILE_LIST_DIRECTORY.
constexpr ACCESS_MASK kReadAccess =
    FILE_READ_DATA | FILE_READ_ATTRIBUTES | FILE_READ_EA | READ_CONTROL;
constexpr ACCESS_MASK kStreamAccess = FILE_READ_DATA | FILE_READ_ATTRIBUTES;

constexpr SECURITY_INFORMATION kOwnParts = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION |
                                           DACL_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION;
constexpr SECURITY_INFORMATION kAllParts = kOwnParts | SACL_SECURITY_INFORMATION |
                                           ATTRIBUTE_SECURITY_INFORMATION |
                                           SCOPE_SECURITY_INFORMATION;

// Returns true for links and mount points of all kinds: below them is what other names show too.
bool is_name_surrogate(std::uint32_t reparse_tag) {
  return (reparse_tag & 0x20000000U) != 0;
}

// Returns true for files whose data another part of Windows provides: deduplicated ones and
// compressed ones of the system. They are stored as the plain files that they are to programs.
bool has_data_elsewhere(std::uint32_t reparse_tag) {
  constexpr std::uint32_t kDeduplicated = 0x80000013;
  constexpr std::uint32_t kOverlaid = 0x80000017;  // IO_REPARSE_TAG_WOF
  return reparse_tag == kDeduplicated || reparse_tag == kOverlaid;
}

HostKind kind_of(const NtFileFacts& facts) {
  if (is_name_surrogate(facts.reparse_tag)) {
    return HostKind::kSymlink;
  }
  return facts.has(FILE_ATTRIBUTE_DIRECTORY) ? HostKind::kDirectory : HostKind::kFile;
}

FileTime file_time(const LARGE_INTEGER& time) {
  return {static_cast<std::uint64_t>(time.QuadPart)};
}

FileTimes times_of(const FILE_BASIC_INFORMATION& basic, TimesOfFiles which) {
  const FileTime write = file_time(basic.LastWriteTime);
  if (which == TimesOfFiles::kLastWriteOnly) {
    return {write, write, write, write};
  }
  return {.creation = file_time(basic.CreationTime),
          .last_write = write,
          .change = file_time(basic.ChangeTime),
          .last_access = file_time(basic.LastAccessTime)};
}

}  // namespace

struct HostTree::State {
  ThreadPrivileges privileges{L"SeBackupPrivilege", L"SeSecurityPrivilege"};
  bool reads_audit_entries = privileges.has(L"SeSecurityPrivilege");
  ACCESS_MASK access = kReadAccess | (reads_audit_entries ? ACCESS_SYSTEM_SECURITY : 0);
  DirectoryStack directories;
  TimesOfFiles times;
  NtFile opened;                        // unless the open entry is the current directory
  HANDLE file = directories.current();  // of the open entry
  std::string name;                     // "" for the current directory
  NtFileFacts facts;
  Bytes buffer = Bytes(kPieceSize);
  std::uint64_t without_audit_entries = 0;
  OmittedCounts foreign_attributes;  // Windows has none

  State(const std::filesystem::path& start, TimesOfFiles which)
      : directories(start, access, access), times(which) {}

  void open(bool follows_reparse_point) {
    check(NtFile::open(directories.current(), wide(name),
                       {.access = access, .follows_reparse_point = follows_reparse_point}, opened),
          "open");
    file = opened.get();
  }

  void examine() {
    facts = {};
    check(query_facts(file, facts), "access");
  }

  void open_data_elsewhere() {
    const NtFileId id = facts.id;
    open(true);
    examine();
    if (facts.id != id) {
      throw Error(ErrorCode::kBusy, path(), "it was replaced while it was read");
    }
    facts.reparse_tag = 0;
    facts.basic.FileAttributes &= ~static_cast<ULONG>(FILE_ATTRIBUTE_REPARSE_POINT);
  }

  std::string path() const { return directories.path_of(name); }

  void check(NTSTATUS status, std::string_view what) const {
    if (nt_failed(status)) {
      throw_nt_error(status, path(), what);
    }
  }

  // Reads a part of the metadata, and checks that it has the form of NTFS.
  template <typename Query, typename Validate>
  Bytes part(std::string_view what, const Query& query, const Validate& validate) const {
    Bytes value;
    check(query(value), fmt::format("read the {} of", what));
    try {
      if (!value.empty()) {
        validate(value);
      }
    } catch (const Error& error) {
      throw Error(ErrorCode::kCorrupt, path(), fmt::format("{}: {}", what, error.reason()));
    }
    return value;
  }

  // File systems without descriptors, such as FAT, have no such call.
  Bytes descriptor() {
    without_audit_entries += reads_audit_entries ? 0 : 1;
    return part(
        "security descriptor",
        [&](Bytes& value) {
          const NTSTATUS status =
              query_descriptor(file, reads_audit_entries ? kAllParts : kOwnParts, value);
          return is_not_supported(status) ? nt_status::kSuccess : status;
        },
        [](ByteView value) { validate_security_descriptor(value); });
  }

  void read_data(HANDLE data, std::uint64_t size, const std::string& path_of_data,
                 const HostDataSink& sink) {
    sink.begin(size);
    const std::vector<FileRange> ranges = facts.has(FILE_ATTRIBUTE_SPARSE_FILE)
                                              ? allocated_ranges(data, size)
                                              : std::vector<FileRange>{{0, size}};
    std::uint64_t at = 0;
    for (const FileRange& range : ranges) {
      if (range.start > at) {
        sink.hole(range.start - at);
      }
      read_range(data, range, path_of_data, sink);
      at = range.end;
    }
    if (at != 0 && at < size) {
      sink.hole(size - at);
    }
  }

  void read_range(HANDLE data, FileRange range, const std::string& path_of_data,
                  const HostDataSink& sink) {
    while (range.start < range.end) {
      const auto wanted =
          static_cast<std::size_t>(std::min<std::uint64_t>(range.end - range.start, buffer.size()));
      std::size_t got = 0;
      const NTSTATUS status = read_at(data, range.start, std::span(buffer).first(wanted), got);
      if (nt_failed(status)) {
        throw_nt_error(status, path_of_data, "read");
      }
      if (got == 0) {
        throw Error(ErrorCode::kIo, path_of_data, "it was truncated while it was read");
      }
      sink.data(std::span(buffer).first(got));
      range.start += got;
    }
  }
};

// Windows has all metadata itself.
HostTree::HostTree(const std::filesystem::path& start, TimesOfFiles times, OwnXattrs)
    : state_(std::make_unique<State>(start, times)) {}

HostTree::~HostTree() = default;

std::string HostTree::path_of(std::string_view name) const {
  return state_->directories.path_of(name);
}

std::vector<std::string> HostTree::names() const {
  return state_->directories.names();
}

// The directory was opened last, as itself and not through a link.
void HostTree::enter(const std::string& name) {
  if (name != state_->name || kind_of(state_->facts) != HostKind::kDirectory) {
    throw Error(ErrorCode::kInvalidArgument, path_of(name), "is not the directory that is open");
  }
  state_->directories.enter(name, std::move(state_->opened));
}

void HostTree::leave() {
  state_->directories.leave();
}

HostFile HostTree::open(const std::string& name) {
  State& state = *state_;
  state.name = name;
  state.opened.reset();
  state.file = state.directories.current();
  if (!name.empty()) {
    state.open(false);
  }
  state.examine();
  if (has_data_elsewhere(state.facts.reparse_tag)) {
    state.open_data_elsewhere();
  }
  const HostKind kind = kind_of(state.facts);
  const NtFileId& id = state.facts.id;
  return {.kind = kind,
          .size = kind == HostKind::kFile ? state.facts.size : 0,
          .link_count = state.facts.has(FILE_ATTRIBUTE_DIRECTORY) ? 1 : state.facts.link_count,
          .id = {id.volume, id.number, id.number_high}};
}

HostMetadata HostTree::metadata() {
  State& state = *state_;
  HostMetadata metadata;
  metadata.attributes = state.facts.basic.FileAttributes & ~attribute::kNormal;
  metadata.times = times_of(state.facts.basic, state.times);
  metadata.security_descriptor = state.descriptor();
  metadata.extended_attributes = state.part(
      "extended attributes", [&](Bytes& value) { return query_eas(state.file, value); },
      [](ByteView value) { parse_extended_attributes(value); });
  if (state.facts.has(FILE_ATTRIBUTE_REPARSE_POINT)) {
    metadata.reparse_data = state.part(
        "reparse data", [&](Bytes& value) { return query_reparse_data(state.file, value); },
        [](ByteView value) { parse_reparse_tag(value); });
  }
  return metadata;
}

void HostTree::read(const HostDataSink& sink) {
  state_->read_data(state_->file, state_->facts.size, state_->path(), sink);
}

std::vector<std::string> HostTree::streams() {
  std::vector<std::string> names;
  state_->check(list_streams(state_->file, names), "list the streams of");
  std::ranges::sort(names);
  return names;
}

void HostTree::read_stream(const std::string& stream, const HostDataSink& sink) {
  State& state = *state_;
  const std::string path = state.path() + ':' + stream;
  NtFile opened;
  const NTSTATUS status = state.directories.open_stream(
      state.name, stream, {.access = kStreamAccess}, state.facts.id, opened);
  if (status == nt_status::kNameNotFound) {
    return;
  }
  NtFileFacts facts;
  if (nt_failed(status) || nt_failed(query_facts(opened.get(), facts))) {
    throw_nt_error(status, path, "open");
  }
  state.read_data(opened.get(), facts.size, path, sink);
}

bool HostTree::was_read_as_stream(const std::string& /*name*/) const {
  return false;
}

const OmittedCounts& HostTree::foreign_attributes() const {
  return state_->foreign_attributes;
}

std::vector<std::string> HostTree::warnings() const {
  if (state_->without_audit_entries == 0) {
    return {};
  }
  return {
      fmt::format("{}: the audit entries of {} files and directories were not read, because the "
                  "user does not hold SeSecurityPrivilege; run this as an administrator",
                  path_of(""), state_->without_audit_entries)};
}

}  // namespace cim
