// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Turns entries into records. An entry whose parts contradict each other is an error, since readers
// disagree on which part counts; the errors say which entry and where.
#include "tar/windows_records.h"

#include <algorithm>

#include <fmt/format.h>

#include "cimlib/attributes.h"
#include "cimlib/error.h"

#include "base/printable.h"
#include "base/upcase.h"
#include "tar/windows_metadata.h"

namespace cim::tar {
namespace {

[[noreturn]] void refuse_entry(std::string reason, ErrorCode code = ErrorCode::kCorrupt) {
  throw Error(code, {}, std::move(reason));
}

std::string_view describe(TypeFlag type) {
  switch (type) {
    case TypeFlag::kCharacterDevice:
      return "a character device";
    case TypeFlag::kBlockDevice:
      return "a block device";
    case TypeFlag::kFifo:
      return "a FIFO";
    case TypeFlag::kContiguous:
      return "a contiguous file";
    default:
      return "an entry of unknown type";
  }
}

// Returns the attributes, with DIRECTORY and REPARSE_POINT set by the entry's type. Rejects an
// entry whose type and MSWINDOWS.fileattr disagree about being a directory.
std::uint32_t reconcile(TypeFlag type, std::optional<std::uint32_t> said) {
  const bool says_directory = said && (*said & attribute::kDirectory) != 0;
  std::uint32_t attributes = said.value_or(0) & ~attribute::kReparsePoint;
  switch (type) {
    case TypeFlag::kSymlink:
      return attributes | attribute::kReparsePoint;
    case TypeFlag::kDirectory:
      if (said && !says_directory) {
        refuse_entry("a directory that is a file by its MSWINDOWS.fileattr");
      }
      return attributes | attribute::kDirectory;
    default:
      if (says_directory) {
        refuse_entry("a file that is a directory by its MSWINDOWS.fileattr");
      }
      return attributes;
  }
}

RecordKind kind_of(TypeFlag type) {
  switch (type) {
    case TypeFlag::kRegular:
      return RecordKind::kFile;
    case TypeFlag::kDirectory:
      return RecordKind::kDirectory;
    case TypeFlag::kSymlink:
      return RecordKind::kReparsePoint;
    default:
      refuse_entry(fmt::format("{}, which a Windows layer cannot hold", describe(type)),
                   ErrorCode::kUnsupported);
  }
}

}  // namespace

const WindowsRecord* WindowsReader::next() {
  for (;;) {
    entry_ = reader_.next();
    if (entry_ == nullptr) {
      return nullptr;
    }
    try {
      if (decode(*entry_)) {
        return &record_;
      }
    } catch (const Error& error) {
      throw Error(error.code(), source_name(),
                  fmt::format("{}: {}", printable(entry_->path), error.reason()), entry_->offset);
    }
  }
}

std::string WindowsReader::current_path() const {
  return entry_ == nullptr ? std::string() : printable(entry_->path);
}

// Returns false for an entry that is ignored. The order of the tests is that of hcsshim: a
// whiteout's type does not matter, and a hard link has no metadata of its own.
bool WindowsReader::decode(const Entry& entry) {
  EntryPath path = parse_entry_path(entry.path, scope_);
  if (path.kind == EntryPath::Kind::kStream) {
    decode_stream(entry, path);
    return true;
  }
  takes_streams_ = false;
  streams_.clear();
  record_ = {};
  record_.path = std::move(path.names);
  if (path.kind == EntryPath::Kind::kWhiteout) {
    record_.kind = RecordKind::kWhiteout;
  } else if (path.kind == EntryPath::Kind::kOpaqueMarker) {
    record_.kind = RecordKind::kOpaqueMarker;
  } else if (record_.path.empty()) {
    if (entry.type != TypeFlag::kDirectory) {
      refuse_entry("an entry without a name");
    }
    if (scope_ == TarScope::kLayer) {
      return false;
    }
    decode_file(entry);
  } else if (entry.type == TypeFlag::kHardLink) {
    record_.kind = RecordKind::kHardLink;
    record_.link_target = parse_link_path(entry.link, scope_);
  } else {
    decode_file(entry);
  }
  return true;
}

// The kind follows from the entry's type alone; attributes only confirm it.
void WindowsReader::decode_file(const Entry& entry) {
  record_.kind = kind_of(entry.type);
  if (record_.kind == RecordKind::kFile && entry.path.ends_with('/')) {
    refuse_entry("a file whose name ends in a slash, which some readers treat as a directory");
  }
  record_.size = entry.size;
  record_.attributes = reconcile(entry.type, decode_attributes(*entry.records));
  record_.times = decode_times(entry);
  record_.security_descriptor = decode_security_descriptor(*entry.records);
  record_.extended_attributes = decode_extended_attributes(*entry.records);
  if (entry.type == TypeFlag::kSymlink) {
    record_.reparse_data = decode_reparse_data(entry);
  }
  takes_streams_ = true;
}

// A stream belongs to the file before it, and repeats its path. Two streams whose names differ only
// in case are one to Windows.
void WindowsReader::decode_stream(const Entry& entry, const EntryPath& path) {
  if (entry.type != TypeFlag::kRegular) {
    refuse_entry("a stream that is not stored as a regular file");
  }
  if (!takes_streams_ || !std::ranges::equal(path.names, record_.path, equal_ignoring_case)) {
    refuse_entry("a stream that does not follow its file");
  }
  if (!streams_.insert(upcase(path.stream)).second) {
    refuse_entry("a second stream of this name, ignoring case");
  }
  record_ = {};
  record_.kind = RecordKind::kStream;
  record_.path = path.names;
  record_.stream = path.stream;
  record_.size = entry.size;
}

}  // namespace cim::tar
