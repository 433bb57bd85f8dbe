// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Directories get their times when they are left, since writing below them changes these. Reparse
// points become symbolic links where that is possible, and streams files "NAME:STREAM".
#include <array>
#include <cerrno>
#include <climits>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "image/host/directory_stack_posix.h"
#include "image/host/extract_target.h"
#include "image/host/metadata_target_posix.h"
#include "image/host/symlink_targets.h"
#include "ntfs/timespec_posix.h"
#include "os/descriptor_posix.h"
#include "os/file.h"
#include "os/system_error.h"

namespace cim {
namespace {

using Place = ExtractTarget::Place;

std::array<timespec, 2> access_and_write_times(const FileTimes& times) {
  return {to_timespec(times.last_access.to_unix()), to_timespec(times.last_write.to_unix())};
}

// Returns true for limits of this system or its file system: names that are too long or have
// unsupported characters, files that are too large, links.
bool is_limit_of_host(int error_number) {
  switch (error_number) {
    case ENAMETOOLONG:
    case EILSEQ:
    case EINVAL:
    case EFBIG:
    case EMLINK:
    case ENOTSUP:
    case ENOSYS:
    case EOVERFLOW:
      return true;
    default:
      return false;
  }
}

// Returns true if a hard link has to become a copy: the file cannot have more links, or the file
// system has no links.
bool takes_no_link(int error_number) {
  return error_number == EMLINK || error_number == EPERM || error_number == EXDEV ||
         error_number == ENOTSUP || error_number == ENOSYS;
}

// The kernel's limit for the value of an extended attribute.
constexpr std::size_t kLongestXattr = std::size_t{64} << 10;

std::filesystem::path made_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) {
    throw_system_error(errno, path.string(), "create the directory");
  }
  return path;
}

}  // namespace

// A directory that will be left.
struct OpenDirectory {
  FileTimes times;
  std::string name;
  bool is_reparse_point = false;
};

// directories, targets and open have one level for each directory on the way down.
struct ExtractTarget::State {
  const Image& image;
  ExtractOutput& output;
  SymlinkTargets targets;
  DirectoryStack directories;
  std::vector<OpenDirectory> open;  // the destination's first
  std::optional<std::string> link;  // the target of the symbolic link to make at the next place
  Descriptor linked;                // the directory that was linked from last
  std::size_t linked_directory = 0;
  std::optional<MetadataTarget> metadata;  // if all metadata is to be kept

  State(const Image& from_image, const ImagePath& from, const std::filesystem::path& destination,
        ExtractOutput& to)
      : image(from_image),
        output(to),
        targets(image, from),
        directories(made_directory(destination)) {
    if (!directories.is_empty()) {
      throw Error(ErrorCode::kExists, destination.string(), "is not an empty directory");
    }
  }

  // Returns true if a system call that creates a name succeeded, given its result and errno. What
  // this system cannot represent is left out with a warning; any other error is thrown.
  bool is_made(int result, const std::string& name, std::string_view what) {
    if (result >= 0) {
      return true;
    }
    const int error_number = errno;
    if (!is_limit_of_host(error_number)) {
      throw_system_error(error_number, directories.path_of(name), what);
    }
    output.warn_of_skipped(name, system_message(error_number));
    return false;
  }

  void set_times(int descriptor, const FileTimes& of_file, const std::string& name) {
    // On NTFS, its reparse data have made the file a link; futimens() refuses one that was opened
    // as a file.
    if (metadata && metadata->write_times(descriptor, of_file)) {
      return;
    }
    const auto both = access_and_write_times(of_file);
    if (::futimens(descriptor, both.data()) != 0) {
      times_not_set(errno, name);
    }
  }

  void set_link_times(const std::string& name, const FileTimes& of_link) {
    const auto both = access_and_write_times(of_link);
    if (::utimensat(directories.current(), name.c_str(), both.data(), AT_SYMLINK_NOFOLLOW) != 0) {
      times_not_set(errno, name);
    }
  }

  // Some file systems cannot represent every time.
  void times_not_set(int error_number, const std::string& name) {
    if (!is_limit_of_host(error_number)) {
      throw_system_error(error_number, directories.path_of(name), "set the times of");
    }
    output.warn(name, "the file system here cannot store its times");
  }

  // Returns the target of the symbolic link to make; nullopt if a file or directory is to be made.
  std::optional<std::string> link_target(const Place& place) {
    SymlinkTargets::Target target;
    std::string fault;
    try {
      target = targets.target_of(place.info);
      fault = target.obstacle;
    } catch (const Error& error) {
      if (ends_extraction(error)) {
        throw;
      }
      fault = error.what();
      ++output.summary().skipped;
    }
    if (!fault.empty()) {
      output.warn(place.name, fmt::format("{}; not written as a link", fault));
    }
    return std::move(target.target);
  }

  bool make_symlink(const Place& place, const std::string& target) {
    const int result = ::symlinkat(target.c_str(), directories.current(), place.name.c_str());
    if (result != 0 && errno == EPERM) {
      output.warn_of_skipped(place.name, "there are no symbolic links here");
      return false;
    }
    if (!is_made(result, place.name, "create the link")) {
      return false;
    }
    set_link_times(place.name, place.info.times);
    ++output.summary().symlinks;
    return true;
  }

  // Writes the metadata of an open file or directory, if they are kept.
  void set_metadata(int descriptor, const FileInfo& info, const std::string& name) {
    HostMetadata of_file = {.attributes = info.attributes, .times = info.times};
    const bool is_read = metadata && output.attempt(name, [&] {
      of_file.security_descriptor = image.security_descriptor(info.id);
      of_file.extended_attributes = image.extended_attributes(info.id);
      of_file.reparse_data = image.reparse_data(info.id);
    });
    if (!is_read) {
      return;
    }
    for (const std::string& lost :
         metadata->write(descriptor, of_file, directories.path_of(name))) {
      output.warn_of_skipped(name, "the file system here cannot store " + lost);
    }
  }

  // The streams of the destination itself cannot be files beside it.
  void set_streams_of_root(const FileInfo& root) {
    std::optional<StreamList> streams;
    output.attempt("", [&] { streams = image.stream_list(root.id); });
    for (std::uint32_t i = 0; streams && i < streams->size(); ++i) {
      std::string name;
      Bytes contents;
      const auto read = [&] {
        name = to_wtf8(streams->info(i).name);
        contents = streams->open(i).read_all(kLongestXattr);
      };
      if (output.attempt("", read) &&
          !metadata->write_stream(directories.current(), name, contents, directories.path_of(""))) {
        output.warn_of_skipped("", "its stream " + name + " cannot be stored here");
      }
    }
  }

  // On NTFS, reparse data turns a file or directory into a link, but the kernel remembers what it
  // was: the next program that looked at it would get EIO, once, after which the kernel asks again.
  void refresh_kind(const std::string& name) const {
    struct statx ignored {};
    if (metadata) {
      ::statx(directories.current(), name.c_str(), AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC,
              STATX_TYPE, &ignored);
    }
  }

  // Creates a file with the contents of a stream, or of a file if `info` is given. Returns false if
  // it was left out.
  bool write(const std::string& name, const Stream& stream, const FileTimes& of_file,
             const FileInfo* info = nullptr) {
    output.take_budget_of(stream);
    const int descriptor =
        above_standard(::openat(directories.current(), name.c_str(),
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!is_made(descriptor, name, "create")) {
      return false;
    }
    File file = File::adopt(descriptor, name);
    if (!output.fill(name, stream, file)) {
      // An incomplete file would look complete.
      ::unlinkat(directories.current(), name.c_str(), 0);
      return false;
    }
    if (info != nullptr) {
      set_metadata(descriptor, *info, name);
    }
    set_times(descriptor, of_file, name);
    const bool is_written = output.put(name, [&] { file.close(); });
    if (info != nullptr && info->is_reparse_point()) {
      refresh_kind(name);
    }
    return is_written;
  }

  bool make_regular_file(const Place& place) {
    std::optional<Stream> stream;
    if (!output.attempt(place.name, [&] { stream = image.open(place.info.id); }) ||
        !write(place.name, *stream, place.info.times, &place.info)) {
      return false;
    }
    ++output.summary().files;
    return true;
  }

  void make_streams(const Place& place) {
    if (!place.info.has_streams) {
      return;
    }
    std::optional<StreamList> streams;
    output.attempt(place.name, [&] { streams = image.stream_list(place.info.id); });
    for (std::uint32_t i = 0; streams && i < streams->size(); ++i) {
      make_stream(place, *streams, i);
    }
  }

  void make_stream(const Place& place, const StreamList& streams, std::uint32_t index) {
    std::string name = place.name;
    std::optional<Stream> stream;
    if (!output.attempt(place.name, [&] { name += ":" + to_wtf8(streams.info(index).name); })) {
      return;
    }
    if (output.attempt(name, [&] { stream = streams.open(index); }) && output.is_possible(name) &&
        write(name, *stream, place.info.times)) {
      ++output.summary().streams;
    }
  }

  // Opens the directory of a first name, never by `..` from the current one.
  int directory_of(const FirstNames::Place& first, const FirstNames& first_names) {
    if (first_names.is_current(first.directory)) {
      return directories.current();
    }
    if (!linked || linked_directory != first.directory) {
      linked = directories.open_from_start(first_names.path_of(first.directory));
      linked_directory = first.directory;
    }
    return linked.get();
  }
};

ExtractTarget::ExtractTarget(const Image& image, const ImagePath& from,
                             const std::filesystem::path& destination, bool keeps_metadata,
                             ExtractOutput& output)
    : state_(std::make_unique<State>(image, from, destination, output)) {
  if (keeps_metadata) {
    state_->metadata.emplace(state_->directories.current(), destination.string());
  }
}

ExtractTarget::~ExtractTarget() = default;

std::size_t ExtractTarget::depth() const noexcept {
  return state_->directories.depth();
}

std::string ExtractTarget::path_of(std::string_view name) const {
  return state_->directories.path_of(name);
}

void ExtractTarget::begin(const FileInfo& root) {
  state_->open.push_back({root.times, "", false});
  if (state_->metadata) {
    state_->set_metadata(state_->directories.current(), root, "");
    state_->set_streams_of_root(root);
  } else if (root.has_streams) {
    state_->output.warn_of_skipped("", "its streams would be written outside the destination");
  }
}

// A symbolic link is made for each name, because its target depends on the directory.
bool ExtractTarget::prepare(const Place& place) {
  if (place.info.is_directory()) {
    state_->make_streams(place);
  }
  // With its metadata kept, a link is a file or directory like any other.
  state_->link = state_->metadata ? std::nullopt : state_->link_target(place);
  return !state_->link;
}

bool ExtractTarget::make_directory(const Place& place) {
  State& state = *state_;
  if (state.link) {
    return state.make_symlink(place, *state.link);
  }
  if (!state.is_made(::mkdirat(state.directories.current(), place.name.c_str(), 0777), place.name,
                     "create the directory")) {
    return false;
  }
  state.directories.enter(place.name);
  state.set_metadata(state.directories.current(), place.info, "");
  state.open.push_back({place.info.times, place.name, place.info.is_reparse_point()});
  state.targets.enter(place.info.id);
  ++state.output.summary().directories;
  return true;
}

bool ExtractTarget::make_file(const Place& place, bool is_first) {
  if (is_first) {
    state_->make_streams(place);
  }
  return state_->link ? state_->make_symlink(place, *state_->link)
                      : state_->make_regular_file(place);
}

ExtractTarget::LinkResult ExtractTarget::link_to_first_name(const Place& place,
                                                            const FirstNames& first_names) {
  State& state = *state_;
  const FirstNames::Place& first = first_names.at(place.info.id);
  const int result = ::linkat(state.directory_of(first, first_names), first.name.c_str(),
                              state.directories.current(), place.name.c_str(), 0);
  if (result != 0 && takes_no_link(errno)) {
    return LinkResult::kTakesNoLink;
  }
  return state.is_made(result, place.name, "create the link") ? LinkResult::kMade
                                                              : LinkResult::kSkipped;
}

void ExtractTarget::leave() {
  const OpenDirectory left = std::move(state_->open.back());
  state_->open.pop_back();
  state_->set_times(state_->directories.current(), left.times, "");
  state_->targets.leave();
  state_->directories.leave();
  if (left.is_reparse_point) {
    state_->refresh_kind(left.name);
  }
}

void ExtractTarget::finish() {
  if (!state_->open.empty()) {
    state_->set_times(state_->directories.current(), state_->open.back().times, "");
  }
}

HostName check_host_name(std::string_view name) noexcept {
  const bool leads_elsewhere = name.empty() || name == "." || name == "..";
  if (leads_elsewhere || name.find_first_of(std::string_view("/\0", 2)) != std::string_view::npos) {
    return HostName::kImpossible;
  }
  return name.size() <= NAME_MAX ? HostName::kGood : HostName::kTooLong;
}

}  // namespace cim
