// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// NTFS metadata and streams are read from the extended attributes of ntfs-3g and cimlib's mounts.
// Streams too long for an extended attribute may exist as files "FILE:STREAM".
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cimlib/attributes.h"
#include "cimlib/error.h"
#include "cimlib/reparse.h"

#include "image/host/directory_stack_posix.h"
#include "image/host/host_entry_posix.h"
#include "image/host/host_metadata.h"
#include "image/host/host_tree.h"
#include "image/host/metadata_xattrs.h"
#include "ntfs/ntfs_3g.h"

namespace cim {
namespace {

Bytes reparse_data_for(const std::string& target) {
  try {
    return ReparsePoint::pointing_to(reparse_tag::kSymlink, target).encode();
  } catch (const Error& error) {
    throw Skipped{fmt::format("its target has no name on Windows: {}", error.reason())};
  }
}

HostFile facts_of(const HostEntry& entry) {
  return {.kind = entry.kind(),
          .size = entry.size(),
          .link_count = entry.link_count(),
          .id = entry.identity()};
}

}  // namespace

struct HostTree::State {
  DirectoryStack directories;
  TimesOfFiles times;
  OwnXattrs own;
  SparseReader sparse_reader;
  std::optional<HostEntry> entry;
  std::string name;                    // of the open entry
  std::set<std::string> long_streams;  // files that were read before their turn
  OmittedCounts foreign_attributes;

  State(const std::filesystem::path& start, TimesOfFiles which, OwnXattrs read)
      : directories(start), times(which), own(read) {}

  // A stream that the kernel cannot pass as an extended attribute may exist as the file
  // NAME:STREAM, as on FUSE mounts.
  void read_long_stream(const std::string& stream_file, const std::string& reason,
                        const HostDataSink& sink) {
    try {
      const HostEntry file(directories.current(), stream_file, directories.path_of(stream_file));
      if (file.kind() != HostKind::kFile) {
        throw Skipped{"it is named like a stream, but is not a file"};
      }
      sink.begin(file.size());
      sparse_reader.read(file, sink.hole, sink.data);
      long_streams.insert(file.path());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound) {
        throw;
      }
      throw Skipped{reason};
    }
  }
};

HostTree::HostTree(const std::filesystem::path& start, TimesOfFiles times, OwnXattrs own)
    : state_(std::make_unique<State>(start, times, own)) {}

HostTree::~HostTree() = default;

std::string HostTree::path_of(std::string_view name) const {
  return state_->directories.path_of(name);
}

std::vector<std::string> HostTree::names() const {
  return state_->directories.names();
}

void HostTree::enter(const std::string& name) {
  state_->directories.enter(name);
}

void HostTree::leave() {
  state_->directories.leave();
}

HostFile HostTree::open(const std::string& name) {
  const DirectoryStack& directories = state_->directories;
  state_->name = name;
  state_->entry.emplace(directories.current(), name.empty() ? "." : name,
                        directories.path_of(name));
  return facts_of(*state_->entry);
}

// A link that has NTFS reparse data keeps it unchanged.
HostMetadata HostTree::metadata() {
  const HostEntry& entry = *state_->entry;
  HostMetadata metadata = metadata_of(entry, state_->times, state_->own);
  if (entry.kind() == HostKind::kSymlink && metadata.reparse_data.empty()) {
    metadata.reparse_data = reparse_data_for(entry.link_target());
    // Windows has separate links to files and to directories.
    const DirectoryStack& directories = state_->directories;
    metadata.attributes |= directories.has_directory(directories.path_from_start(state_->name))
                               ? attribute::kDirectory
                               : 0;
  }
  return metadata;
}

void HostTree::read(const HostDataSink& sink) {
  sink.begin(state_->entry->size());
  state_->sparse_reader.read(*state_->entry, sink.hole, sink.data);
}

// Sorted, so that of two names that are the same to Windows, always the same one is kept.
std::vector<std::string> HostTree::streams() {
  std::vector<std::string> streams;
  for (const std::string& xattr : state_->entry->xattr_names()) {
    if (state_->own == OwnXattrs::kRead && xattr.starts_with(kMetadataXattrPrefix)) {
      continue;
    }
    if (xattr.starts_with(ntfs_xattr::kStreamPrefix)) {
      streams.push_back(xattr.substr(ntfs_xattr::kStreamPrefix.size()));
    } else if (!xattr.starts_with(ntfs_xattr::kPrefix)) {
      ++state_->foreign_attributes[xattr];
    }
  }
  std::ranges::sort(streams);
  return streams;
}

void HostTree::read_stream(const std::string& stream, const HostDataSink& sink) {
  std::optional<Bytes> value;
  try {
    value = state_->entry->xattr(std::string(ntfs_xattr::kStreamPrefix) + stream);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kLimit) {
      throw;
    }
    return state_->read_long_stream(state_->name + ':' + stream, error.reason(), sink);
  }
  if (value) {
    sink.begin(value->size());
    sink.data(*value);
  }
}

bool HostTree::was_read_as_stream(const std::string& name) const {
  return state_->long_streams.contains(path_of(name));
}

const OmittedCounts& HostTree::foreign_attributes() const {
  return state_->foreign_attributes;
}

std::vector<std::string> HostTree::warnings() const {
  return {};
}

}  // namespace cim
