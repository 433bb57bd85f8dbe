// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/extract.h"
#include "cimlib/wtf8.h"

#include "image/host/directory_stack.h"
#include "image/host/extract_survey.h"
#include "image/host/first_names.h"
#include "image/host/symlink_targets.h"
#include "image/read/directory_visits.h"
#include "os/descriptor_posix.h"
#include "os/file.h"
#include "os/system_error.h"

namespace cim {
namespace {

constexpr std::size_t kChunkSize = std::size_t{1} << 20;
constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

std::array<timespec, 2> access_and_write_times(const FileTimes& times) {
  std::array<timespec, 2> both{};
  const std::array<UnixTime, 2> from = {times.last_access.to_unix(), times.last_write.to_unix()};
  for (std::size_t i = 0; i < both.size(); ++i) {
    both[i] = {from[i].seconds, static_cast<long>(from[i].nanoseconds)};
  }
  return both;
}

// True for limits of this system or its file system: names that are too long or have unsupported
// characters, files that are too large, links.
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

// True if a hard link has to become a copy: the file can't have more links, or the file system has
// no links.
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

class Extraction {
 public:
  Extraction(const Image& image, const ImagePath& from, const std::filesystem::path& destination,
             const ExtractOptions& options)
      : image_(image),
        from_(from),
        options_(options),
        survey_(survey(image, from, options.stop)),
        budget_(image),
        targets_(image, from),
        directories_(made_directory(destination)),
        first_names_(directories_),
        buffer_(kChunkSize) {
    if (!directories_.is_empty()) {
      throw Error(ErrorCode::kExists, destination.string(), "is not an empty directory");
    }
    progress_.bytes_total = survey_.bytes;
  }

  ExtractSummary run() {
    image_.walk(
        from_,
        [this](const WalkEntry& entry) {
          visit(entry);
          return true;
        },
        {.stop = options_.stop, .failure = [this](const ImagePath& path, const Error& error) {
           warn_of_skipped(path.to_string(), error.what());
         }});
    leave_to(0);
    if (!times_.empty()) {
      set_times_of_current(times_.back());
    }
    return summary_;
  }

 private:
  // The name of a file in the current directory.
  struct Place {
    std::string name;
    const FileInfo& info;
  };

  void visit(const WalkEntry& entry) {
    check_stop();
    const std::size_t steps = entry.path.names().size() - from_.names().size();
    if (steps == 0 && entry.info.is_directory()) {
      begin(entry.info);
      return;
    }
    // A single file is extracted into the destination, as if the destination were its directory.
    const std::size_t depth = std::max<std::size_t>(steps, 1);
    leave_to(depth - 1);
    if (depth > left_out_below_) {
      return;
    }
    left_out_below_ = kNowhere;
    if (!make({to_wtf8(entry.path.name()), entry.info})) {
      left_out_below_ = depth;
    }
    ++progress_.entries_done;
    report(entry.info.is_directory() ? std::string_view() : current_name_);
  }

  void begin(const FileInfo& info) {
    times_.push_back(info.times);
    if (info.has_streams) {
      warn_of_skipped(directories_.path_of(""),
                      "its streams would be written outside the destination");
    }
  }

  // Makes the file or directory; returns whether what is below it can be made too.
  bool make(const Place& place) {
    current_name_ = place.name;
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
    if (!first_names_.contains(place.info.id)) {
      make_streams(place);
    }
    // A symbolic link is made for each name, because its target depends on the directory.
    if (target ? make_symlink(place, *target) : make_file(place)) {
      remember(place);
    }
    return true;
  }

  bool is_possible(const std::string& name) {
    switch (check_host_name(name)) {
      case HostName::kGood:
        return true;
      case HostName::kTooLong:
        warn_of_skipped(directories_.path_of(name), "the name is too long for this system");
        return false;
      case HostName::kImpossible:
        break;
    }
    throw Error(ErrorCode::kCorrupt, image_.path().string(),
                fmt::format("\"{}\" is not a valid name", name));
  }

  // Returns the target of the symbolic link to make; nullopt if a file or directory is to be made.
  std::optional<std::string> link_target(const Place& place) {
    SymlinkTargets::Answer answer;
    std::string fault;
    try {
      answer = targets_.target_of(place.info);
      fault = answer.obstacle;
    } catch (const Error& error) {
      if (ends_extraction(error)) {
        throw;
      }
      fault = error.what();
      ++summary_.skipped;
    }
    if (!fault.empty()) {
      warn(directories_.path_of(place.name), fmt::format("{}; not written as a link", fault));
    }
    return std::move(answer.target);
  }

  // Reads a part of the image. If that fails, the part is skipped and the extraction continues.
  // Returns true on success.
  template <typename Action>
  bool attempt(const std::string& name, const Action& action) {
    try {
      action();
      return true;
    } catch (const Error& error) {
      if (ends_extraction(error)) {
        throw;
      }
      warn_of_skipped(directories_.path_of(name), error.what());
      return false;
    }
  }

  // Returns whether a system call succeeded. What this system cannot represent is skipped; any
  // other error ends the extraction.
  bool is_made(int result, const std::string& name, std::string_view what) {
    if (result >= 0) {
      return true;
    }
    const int error_number = errno;
    const std::string path = directories_.path_of(name);
    if (!is_limit_of_host(error_number)) {
      throw_system_error(error_number, path, what);
    }
    warn_of_skipped(path, std::generic_category().message(error_number));
    return false;
  }

  bool make_directory(const Place& place) {
    if (!is_made(::mkdirat(directories_.current(), place.name.c_str(), 0777), place.name,
                 "create the directory")) {
      return false;
    }
    directories_.enter(place.name);
    first_names_.enter(place.name);
    times_.push_back(place.info.times);
    targets_.enter(place.info.id);
    ++summary_.directories;
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
    set_times(directories_.current(), times, "");
  }

  void set_times(int descriptor, const FileTimes& times, const std::string& name) {
    const auto both = access_and_write_times(times);
    if (::futimens(descriptor, both.data()) != 0) {
      times_not_set(errno, name);
    }
  }

  // Some file systems can't represent every time.
  void times_not_set(int error_number, const std::string& name) {
    const std::string path = directories_.path_of(name);
    if (!is_limit_of_host(error_number)) {
      throw_system_error(error_number, path, "set the times of");
    }
    warn(path, "the file system here cannot store its times");
  }

  // Returns whether the link was made. If not, the name gets a file of its own, which later names
  // are linked to.
  bool make_link_to_first_name(const Place& place) {
    if (!first_names_.contains(place.info.id)) {
      return false;
    }
    const int result = first_names_.link(place.info.id, place.name);
    if (result != 0 && takes_no_link(errno)) {
      ++summary_.copied_links;
      first_names_.remove(place.info.id);
      return false;
    }
    if (is_made(result, place.name, "create the link")) {
      ++summary_.hard_links;
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
      warn_of_skipped(directories_.path_of(place.name), "there are no symbolic links here");
      return false;
    }
    if (!is_made(result, place.name, "create the link")) {
      return false;
    }
    const auto both = access_and_write_times(place.info.times);
    if (::utimensat(directories_.current(), place.name.c_str(), both.data(), AT_SYMLINK_NOFOLLOW) !=
        0) {
      times_not_set(errno, place.name);
    }
    ++summary_.symlinks;
    return true;
  }

  bool make_file(const Place& place) {
    std::optional<Stream> stream;
    if (!attempt(place.name, [&] { stream = image_.open(place.info.id); }) ||
        !write(place.name, *stream, place.info.times)) {
      return false;
    }
    ++summary_.files;
    return true;
  }

  void make_streams(const Place& place) {
    if (!place.info.has_streams) {
      return;
    }
    std::optional<StreamList> streams;
    attempt(place.name, [&] { streams = image_.stream_list(place.info.id); });
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
    if (attempt(place.name, find) && is_possible(name) && write(name, *stream, place.info.times)) {
      ++summary_.streams;
    }
  }

  bool write(const std::string& name, const Stream& stream, const FileTimes& times) {
    budget_.take_map_of(stream);
    const int descriptor =
        above_standard(::openat(directories_.current(), name.c_str(),
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!is_made(descriptor, name, "create")) {
      return false;
    }
    File file = File::adopt(descriptor, name);
    if (!fill(name, stream, file)) {
      ::unlinkat(directories_.current(), name.c_str(), 0);  // an incomplete file would look
                                                            // complete
      return false;
    }
    set_times(descriptor, times, name);
    return true;
  }

  bool fill(const std::string& name, const Stream& stream, File& file) {
    const std::uint64_t before = summary_.bytes;
    for (const Extent& extent : stream.extents()) {
      if (extent.region_offset == 0) {
        summary_.bytes += extent.size;  // remains a hole
      } else if (!copy(name, stream, extent, file)) {
        summary_.bytes = before;
        return false;
      }
    }
    return put(name, [&] {
      if (file.size() != stream.size()) {
        file.resize(stream.size());
      }
    });
  }

  bool copy(const std::string& name, const Stream& stream, const Extent& extent, File& file) {
    std::uint64_t done = 0;
    while (done < extent.size) {
      check_stop();
      const auto size =
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), extent.size - done));
      const auto chunk = std::span(buffer_).first(size);
      if (!attempt(name, [&] { stream.read(extent.stream_offset + done, chunk); }) ||
          !put(name, [&] { file.write_at(extent.stream_offset + done, chunk); })) {
        return false;
      }
      done += size;
      summary_.bytes += size;
      report(current_name_);
    }
    return true;
  }

  // Writes to a file of the host and adds its path to errors. Returns false if the file is too
  // large for this system.
  template <typename Action>
  bool put(const std::string& name, const Action& action) {
    try {
      action();
      return true;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kLimit && error.code() != ErrorCode::kInvalidArgument) {
        throw Error(error.code(), directories_.path_of(name), error.reason());
      }
      warn_of_skipped(directories_.path_of(name), error.reason());
      return false;
    }
  }

  void report(std::string_view current) {
    if (options_.progress) {
      progress_.bytes_done = summary_.bytes;
      progress_.current = current;
      options_.progress(progress_);
    }
  }

  void check_stop() const {
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, image_.path().string(), "extraction was cancelled");
    }
  }

  void warn(const std::string& path, std::string_view what) const {
    if (options_.warning) {
      options_.warning(fmt::format("{}: {}", path, what));
    }
  }

  void warn_of_skipped(const std::string& path, std::string_view why) {
    ++summary_.skipped;
    warn(path, fmt::format("skipped: {}", why));
  }

  const Image& image_;
  const ImagePath& from_;
  const ExtractOptions& options_;
  ExtractSurvey survey_;
  TableBudget budget_;  // of the maps of executables
  SymlinkTargets targets_;
  DirectoryStack directories_;
  FirstNames first_names_;        // of shared files
  std::vector<FileTimes> times_;  // of the directories on the way down, the destination's first
  std::size_t left_out_below_ = kNowhere;  // depth of a directory that could not be made
  std::vector<std::byte> buffer_;
  std::string current_name_;
  Progress progress_{};
  ExtractSummary summary_;
};

}  // namespace

ExtractSummary extract(const Image& image, const ImagePath& from,
                       const std::filesystem::path& destination, const ExtractOptions& options) {
  return Extraction(image, from, destination, options).run();
}

}  // namespace cim
