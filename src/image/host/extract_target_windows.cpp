// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A file gets its descriptor, reparse data, attributes and times after its data, because each of
// them can prevent writing. Directories get them when they are left, so that nothing is ever
// written through a reparse point that the image contains.
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"
#include "cimlib/wtf8.h"

#include "image/host/directory_stack_windows.h"
#include "image/host/extract_target.h"
#include "image/host/file_metadata_windows.h"
#include "image/read/link_target.h"
#include "os/file.h"
#include "os/native_windows.h"
#include "os/nt_file_windows.h"
#include "os/privileges_windows.h"

namespace cim {
namespace {

using Place = ExtractTarget::Place;

constexpr std::size_t kLongestName = 255;  // units

// FILE_WRITE_DATA and FILE_APPEND_DATA of a directory are the rights to create files and
// directories in it. Without DELETE, because Windows opens the directory of a new hard link without
// sharing that.
constexpr ACCESS_MASK kLeastAccess = FILE_READ_DATA | FILE_WRITE_DATA | FILE_APPEND_DATA |
                                     FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES | FILE_WRITE_EA;
constexpr ACCESS_MASK kAccess = kLeastAccess | READ_CONTROL | WRITE_DAC | WRITE_OWNER;

std::filesystem::path made_directory(const std::filesystem::path& path) {
  if (::CreateDirectoryW(native_path(path).c_str(), nullptr) == 0 &&
      ::GetLastError() != ERROR_ALREADY_EXISTS) {
    throw_last_error(path, "create the directory");
  }
  return path;
}

// Returns true for limits of the file system: names that are too long or have unsupported
// characters, files that are too large, streams where there are none.
bool is_limit_of_host(NTSTATUS status) {
  switch (status) {
    case nt_status::kNameInvalid:
    case nt_status::kNameNotFound:  // of a name to be created
    case nt_status::kNameTooLong:
    case nt_status::kFileTooLarge:
    case nt_status::kTooManyLinks:
      return true;
    default:
      return is_not_supported(status);
  }
}

// Returns true if a hard link has to become a copy: the file cannot have more links, or the file
// system has no links.
bool takes_no_link(NTSTATUS status) {
  return status == nt_status::kTooManyLinks || status == nt_status::kAccessDenied ||
         status == nt_status::kNotSameDevice || is_not_supported(status);
}

}  // namespace

// directories and infos have one level for each directory on the way down.
struct ExtractTarget::State {
  const Image& image;
  ExtractOutput& output;
  ThreadPrivileges privileges{L"SeBackupPrivilege", L"SeRestorePrivilege", L"SeSecurityPrivilege",
                              L"SeCreateSymbolicLinkPrivilege"};
  ACCESS_MASK audit_access = privileges.has(L"SeSecurityPrivilege") ? ACCESS_SYSTEM_SECURITY : 0;
  DirectoryStack directories;
  MetadataWriter metadata;
  std::vector<FileInfo> infos;  // the destination's first, if it stands for a directory
  NtFile linked;                // the directory that was linked from last
  std::size_t linked_directory = 0;

  State(const Image& from_image, const std::filesystem::path& destination, ExtractOutput& to)
      : image(from_image),
        output(to),
        directories(made_directory(destination), kAccess | audit_access, kLeastAccess),
        metadata(from_image, to, audit_access != 0,
                 [this](std::string_view name) { return directories.path_of(name); }) {
    if (!directories.names().empty()) {
      throw Error(ErrorCode::kExists, destination.string(), "is not an empty directory");
    }
  }

  // Returns true if a name was created. What this system cannot represent is left out with a
  // warning; any other error is thrown.
  bool is_made(NTSTATUS status, const std::string& name, std::string_view what) {
    if (!nt_failed(status)) {
      return true;
    }
    if (!is_limit_of_host(status)) {
      throw_nt_error(status, directories.path_of(name), what);
    }
    output.warn_of_skipped(name, nt_message(status));
    return false;
  }

  // Fills a new file or stream; `finish` completes it before it is closed. Returns false if it was
  // left out.
  template <typename Finish>
  bool write(NtFile created, const std::string& name, const Stream& stream, bool is_sparse,
             const Finish& finish) {
    HANDLE const handle = created.get();
    if (is_sparse) {
      set_sparse(handle);  // if the file system has no holes, they take space
    }
    // Errors get the path from the output.
    File file = File::adopt(descriptor_of(created.release(), directories.path_of(name)), {});
    if (!output.fill(name, stream, file) || !finish(handle)) {
      remove_when_closed(handle);  // an incomplete file would look complete
      return false;
    }
    return output.put(name, [&] { file.close(); });
  }

  bool make_regular_file(const Place& place, bool with_streams) {
    std::optional<Stream> stream;
    if (!output.attempt(place.name, [&] { stream = image.open(place.info.id); })) {
      return false;
    }
    output.take_budget_of(*stream);
    NtFile file;
    if (!is_made(NtFile::open(directories.current(), wide(place.name),
                              {.access = kAccess | audit_access | DELETE,
                               .disposition = FILE_CREATE,
                               .options = FILE_NON_DIRECTORY_FILE},
                              file),
                 place.name, "create")) {
      return false;
    }
    const bool is_link = is_link_tag(place.info.reparse_tag);
    const auto finish = [&](HANDLE handle) {
      if (with_streams) {
        make_streams(handle, place);
      }
      return metadata.write(handle, place.name, place.info, MetadataWriter::kAll);
    };
    if (!write(std::move(file), place.name, *stream, is_sparse(place.info), finish)) {
      return false;
    }
    clear_archive(place);
    ++(is_link ? output.summary().symlinks : output.summary().files);
    return true;
  }

  // NTFS sets the attribute again when a handle that has written is closed.
  void clear_archive(const Place& place) {
    NtFile file;
    if ((place.info.attributes & attribute::kArchive) == 0 &&
        !nt_failed(NtFile::open(directories.current(), wide(place.name),
                                {.access = FILE_WRITE_ATTRIBUTES}, file))) {
      metadata.write_basic(file.get(), place.name, place.info);
    }
  }

  static bool is_sparse(const FileInfo& info) {
    return info.storage == Storage::kSparse || (info.attributes & attribute::kSparseFile) != 0;
  }

  void make_streams(HANDLE file, const Place& place) {
    if (!place.info.has_streams) {
      return;
    }
    NtFileFacts facts;
    if (const NTSTATUS status = query_facts(file, facts); nt_failed(status)) {
      throw_nt_error(status, directories.path_of(place.name), "access");
    }
    std::optional<StreamList> streams;
    output.attempt(place.name, [&] { streams = image.stream_list(place.info.id); });
    for (std::uint32_t i = 0; streams && i < streams->size(); ++i) {
      make_stream(place.name, facts.id, *streams, i);
    }
  }

  void make_stream(const std::string& file, const NtFileId& id, const StreamList& streams,
                   std::uint32_t index) {
    StreamInfo info;
    std::optional<Stream> stream;
    const auto find = [&] {
      info = streams.info(index);
      stream = streams.open(index);
    };
    if (!output.attempt(file, find)) {
      return;
    }
    const std::string stream_name = to_wtf8(info.name);
    if (!output.is_possible(stream_name)) {
      return;
    }
    output.take_budget_of(*stream);
    const std::string name = file + ':' + stream_name;
    NtFile created;
    NtFile::Open how{.access = FILE_GENERIC_WRITE | FILE_READ_ATTRIBUTES | DELETE,
                     .disposition = FILE_CREATE};
    NTSTATUS status = directories.open_stream(file, stream_name, how, id, created);
    if (status == nt_status::kSharingViolation) {  // of a directory, which is open without DELETE
      how.access &= ~static_cast<ACCESS_MASK>(DELETE);
      status = directories.open_stream(file, stream_name, how, id, created);
    }
    if (is_made(status, name, "create") &&
        write(std::move(created), name, *stream, info.storage == Storage::kSparse,
              [](HANDLE) { return true; })) {
      ++output.summary().streams;
    }
  }

  // A link to a directory that has entries cannot be made, because its entries could not be
  // written.
  bool becomes_link(const Place& place) {
    if (!is_link_tag(place.info.reparse_tag)) {
      return false;
    }
    bool is_empty = false;
    output.attempt(place.name, [&] { is_empty = image.list(place.info.id).empty(); });
    if (!is_empty) {
      ++output.summary().skipped;
      output.warn(place.name, "it is a link and has entries; not written as a link");
    }
    return is_empty;
  }

  // Opens the directory of a first name.
  HANDLE directory_of(const FirstNames::Place& first, const FirstNames& first_names) {
    if (first_names.is_current(first.directory)) {
      return directories.current();
    }
    if (first.directory == 0) {
      return directories.start();
    }
    if (!linked || linked_directory != first.directory) {
      linked = directories.open_from_start(first_names.path_of(first.directory));
      linked_directory = first.directory;
    }
    return linked.get();
  }
};

ExtractTarget::ExtractTarget(const Image& image, const ImagePath& /*from*/,
                             const std::filesystem::path& destination, bool /*keeps_metadata*/,
                             ExtractOutput& output)
    : state_(std::make_unique<State>(image, destination, output)) {}

ExtractTarget::~ExtractTarget() = default;

std::size_t ExtractTarget::depth() const noexcept {
  return state_->directories.depth();
}

std::string ExtractTarget::path_of(std::string_view name) const {
  return state_->directories.path_of(name);
}

void ExtractTarget::begin(const FileInfo& root) {
  state_->infos.push_back(root);
  state_->make_streams(state_->directories.current(), {"", root});
}

bool ExtractTarget::prepare(const Place& /*place*/) {
  return true;
}

bool ExtractTarget::make_directory(const Place& place) {
  State& state = *state_;
  const bool is_link = state.becomes_link(place);
  NtFile directory;
  if (!state.is_made(NtFile::open(state.directories.current(), wide(place.name),
                                  {.access = kAccess | state.audit_access | (is_link ? DELETE : 0),
                                   .disposition = FILE_CREATE,
                                   .options = FILE_DIRECTORY_FILE,
                                   .share = FILE_SHARE_READ | FILE_SHARE_WRITE},
                                  directory),
                     place.name, "create the directory")) {
    return false;
  }
  state.make_streams(directory.get(), place);
  if (is_link) {
    if (!state.metadata.write(directory.get(), place.name, place.info, MetadataWriter::kAll)) {
      remove_when_closed(directory.get());
      return false;
    }
    ++state.output.summary().symlinks;
    return true;
  }
  state.directories.enter(place.name, std::move(directory));
  state.infos.push_back(place.info);
  ++state.output.summary().directories;
  return true;
}

bool ExtractTarget::make_file(const Place& place, bool is_first) {
  // A copy of a file gets its streams too, because it is another file.
  return state_->make_regular_file(place, is_first);
}

ExtractTarget::LinkResult ExtractTarget::link_to_first_name(const Place& place,
                                                            const FirstNames& first_names) {
  State& state = *state_;
  const FirstNames::Place& first = first_names.at(place.info.id);
  NtFile file;
  NTSTATUS status = NtFile::open(state.directory_of(first, first_names), wide(first.name),
                                 {.access = FILE_WRITE_ATTRIBUTES}, file);
  if (!nt_failed(status)) {
    status = add_name(file.get(), state.directories.current(), wide(place.name));
  }
  if (takes_no_link(status)) {
    return LinkResult::kTakesNoLink;
  }
  if (!state.is_made(status, place.name, "create the link")) {
    return LinkResult::kSkipped;
  }
  state.metadata.write_basic(file.get(), place.name, place.info);  // a new name is a change
  return LinkResult::kMade;
}

void ExtractTarget::leave() {
  State& state = *state_;
  state.metadata.write(state.directories.current(), "", state.infos.back(),
                       MetadataWriter::kNoLink);
  state.infos.pop_back();
  state.directories.leave();
}

void ExtractTarget::finish() {
  State& state = *state_;
  if (!state.infos.empty()) {
    state.metadata.write(state.directories.current(), "", state.infos.back(),
                         MetadataWriter::kNoLink);
  }
  state.metadata.report_omitted();
}

// Names are created as they are, whatever Win32 makes of names such as CON. A colon would lead to a
// stream.
HostName check_host_name(std::string_view name) noexcept {
  const bool leads_elsewhere = name.empty() || name == "." || name == "..";
  if (leads_elsewhere ||
      name.find_first_of(std::string_view("/\\:\0", 4)) != std::string_view::npos) {
    return HostName::kImpossible;
  }
  // Each unit has at most three bytes.
  return name.size() <= kLongestName || wide(name).size() <= kLongestName ? HostName::kGood
                                                                          : HostName::kTooLong;
}

}  // namespace cim
