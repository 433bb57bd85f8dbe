// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Extraction in one walk over the image: each entry is made in the current directory of the host,
// which is entered and left as the walk goes down and up. Directories get their times when they are
// left, since writing below them changes these.
#include <algorithm>
#include <cerrno>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/extract.h"
#include "cimlib/wtf8.h"

#include "image/host/directory_stack.h"
#include "image/host/extract_links.h"
#include "image/host/extract_output.h"
#include "os/system_error.h"

namespace cim {
namespace {

constexpr std::size_t kNoDepth = std::numeric_limits<std::size_t>::max();

// Returns true if a hard link has to become a copy: the file cannot have more links, or the file
// system has no links.
bool takes_no_link(int error_number) {
  return error_number == EMLINK || error_number == EPERM || error_number == EXDEV ||
         error_number == ENOTSUP || error_number == ENOSYS;
}

std::filesystem::path made_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) {
    throw_system_error(errno, path.string(), "create the directory");
  }
  return path;
}

// Extracts in one walk over the image. The members follow the walk: directories_, first_names_,
// targets_ and times_ each have one level for each directory on the way down.
class Extraction {
 public:
  Extraction(const Image& image, const ImagePath& from, const std::filesystem::path& destination,
             const ExtractOptions& options)
      : image_(image),
        from_(from),
        options_(options),
        survey_(survey(image, from, options.stop)),
        targets_(image, from),
        directories_(made_directory(destination)),
        first_names_(directories_),
        output_(image, options, directories_, survey_.bytes) {
    if (!directories_.is_empty()) {
      throw Error(ErrorCode::kExists, destination.string(), "is not an empty directory");
    }
  }

  ExtractSummary run() {
    image_.walk(
        from_,
        [this](const WalkEntry& entry) {
          visit(entry);
          return true;
        },
        {.stop = options_.stop, .failure = [this](const ImagePath& path, const Error& error) {
           output_.warn_of_skipped_path(path.to_string(), error.what());
         }});
    leave_to(0);
    if (!times_.empty()) {
      set_times_of_current(times_.back());
    }
    return output_.summary();
  }

 private:
  // The name of a file in the current directory.
  struct Place {
    std::string name;
    const FileInfo& info;
  };

  void visit(const WalkEntry& entry) {
    output_.check_stop();
    const std::size_t steps = entry.path.names().size() - from_.names().size();
    if (steps == 0 && entry.info.is_directory()) {
      begin(entry.info);
      return;
    }
    // A single file is extracted into the destination, as if the destination were its directory.
    const std::size_t depth = std::max<std::size_t>(steps, 1);
    leave_to(depth - 1);
    // Skips everything below a directory that could not be made.
    if (depth > skipped_depth_) {
      return;
    }
    skipped_depth_ = kNoDepth;
    if (!make({to_wtf8(entry.path.name()), entry.info})) {
      skipped_depth_ = depth;
    }
    output_.end_entry(entry.info.is_directory() ? std::string_view() : output_.current_name());
  }

  void begin(const FileInfo& info) {
    times_.push_back(info.times);
    if (info.has_streams) {
      output_.warn_of_skipped("", "its streams would be written outside the destination");
    }
  }

  // Makes the file or directory; returns whether what is below it can be made too.
  bool make(const Place& place) {
    output_.begin_entry(place.name);
    if (!is_possible(place.name)) {
      return false;
    }
    if (place.info.is_directory()) {
      make_streams(place);
      const auto target = link_target(place);
      return target ? make_symlink(place, *target) : make_directory(place);
    }
    const auto target = link_target(place);
    if (!target && make_link_to_first_name(place)) {
      return true;
    }
    // The streams were made with the first name, unless this name gets a copy of the file.
    if (!first_names_.contains(place.info.id)) {
      make_streams(place);
    }
    // A symbolic link is made for each name, because its target depends on the directory.
    if (target ? make_symlink(place, *target) : make_file(place)) {
      remember(place);
    }
    return true;
  }

  // Image names never have separators; a damaged one that does must not lead out of the
  // destination.
  bool is_possible(const std::string& name) {
    switch (check_host_name(name)) {
      case HostName::kGood:
        return true;
      case HostName::kTooLong:
        output_.warn_of_skipped(name, "the name is too long for this system");
        return false;
      case HostName::kImpossible:
        break;
    }
    throw Error(ErrorCode::kCorrupt, image_.path().string(),
                fmt::format("\"{}\" is not a valid name", name));
  }

  // Returns the target of the symbolic link to make; nullopt if a file or directory is to be made.
  std::optional<std::string> link_target(const Place& place) {
    SymlinkTargets::Target target;
    std::string fault;
    try {
      target = targets_.target_of(place.info);
      fault = target.obstacle;
    } catch (const Error& error) {
      if (ends_extraction(error)) {
        throw;
      }
      fault = error.what();
      ++output_.summary().skipped;
    }
    if (!fault.empty()) {
      output_.warn(place.name, fmt::format("{}; not written as a link", fault));
    }
    return std::move(target.target);
  }

  // The directory is entered at once; visit() leaves it when the walk has passed its last entry.
  bool make_directory(const Place& place) {
    if (!output_.is_made(::mkdirat(directories_.current(), place.name.c_str(), 0777), place.name,
                         "create the directory")) {
      return false;
    }
    directories_.enter(place.name);
    first_names_.enter(place.name);
    times_.push_back(place.info.times);
    targets_.enter(place.info.id);
    ++output_.summary().directories;
    return true;
  }

  void leave_to(std::size_t depth) {
    while (directories_.depth() > depth) {
      set_times_of_current(times_.back());
      times_.pop_back();
      targets_.leave();
      first_names_.leave();
      directories_.leave();
    }
  }

  void set_times_of_current(const FileTimes& times) {
    output_.set_times(directories_.current(), times, "");
  }

  // Returns whether the link was made. If not, the name gets a file of its own, which later names
  // are linked to.
  bool make_link_to_first_name(const Place& place) {
    if (!first_names_.contains(place.info.id)) {
      return false;
    }
    const int result = first_names_.link(place.info.id, place.name);
    if (result != 0 && takes_no_link(errno)) {
      ++output_.summary().copied_links;
      first_names_.remove(place.info.id);
      return false;
    }
    if (output_.is_made(result, place.name, "create the link")) {
      ++output_.summary().hard_links;
    }
    return true;
  }

  void remember(const Place& place) {
    if (survey_.shared.contains(place.info.id)) {
      first_names_.add(place.info.id, place.name);
    }
  }

  bool make_symlink(const Place& place, const std::string& target) {
    const int result = ::symlinkat(target.c_str(), directories_.current(), place.name.c_str());
    if (result != 0 && errno == EPERM) {
      output_.warn_of_skipped(place.name, "there are no symbolic links here");
      return false;
    }
    if (!output_.is_made(result, place.name, "create the link")) {
      return false;
    }
    output_.set_link_times(place.name, place.info.times);
    ++output_.summary().symlinks;
    return true;
  }

  bool make_file(const Place& place) {
    std::optional<Stream> stream;
    if (!output_.attempt(place.name, [&] { stream = image_.open(place.info.id); }) ||
        !output_.write(place.name, *stream, place.info.times)) {
      return false;
    }
    ++output_.summary().files;
    return true;
  }

  void make_streams(const Place& place) {
    if (!place.info.has_streams) {
      return;
    }
    std::optional<StreamList> streams;
    output_.attempt(place.name, [&] { streams = image_.stream_list(place.info.id); });
    for (std::uint32_t i = 0; streams && i < streams->size(); ++i) {
      make_stream(place, *streams, i);
    }
  }

  void make_stream(const Place& place, const StreamList& streams, std::uint32_t index) {
    std::string name = place.name;
    std::optional<Stream> stream;
    const auto find = [&] {
      name += ":" + to_wtf8(streams.info(index).name);
      stream = streams.open(index);
    };
    if (output_.attempt(place.name, find) && is_possible(name) &&
        output_.write(name, *stream, place.info.times)) {
      ++output_.summary().streams;
    }
  }

  const Image& image_;
  const ImagePath& from_;
  const ExtractOptions& options_;
  ExtractSurvey survey_;
  SymlinkTargets targets_;
  DirectoryStack directories_;
  FirstNames first_names_;        // of shared files
  std::vector<FileTimes> times_;  // of the directories on the way down, the destination's first
  std::size_t skipped_depth_ = kNoDepth;  // depth of a directory that could not be made
  ExtractOutput output_;
};

}  // namespace

ExtractSummary extract(const Image& image, const ImagePath& from,
                       const std::filesystem::path& destination, const ExtractOptions& options) {
  return Extraction(image, from, destination, options).run();
}

}  // namespace cim
