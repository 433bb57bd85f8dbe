// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/extract.h"
#include "cimlib/wtf8.h"

#include "base/descriptor_posix.h"
#include "base/file.h"
#include "base/seeded_hash.h"
#include "base/system_error.h"
#include "image/descent.h"
#include "image/symlink_targets.h"

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

// What must be known before the first file is written.
struct Survey {
  std::uint64_t bytes = 0;
  SeededSet<FileId> shared;  // files with more names than one
};

Survey survey(const Image& image, const ImagePath& from, const std::stop_token& stop) {
  Survey found;
  SeededSet<FileId> seen;
  image.walk(from, [&](const WalkEntry& entry) {
    const FileInfo& info = entry.info;
    if (!info.is_directory() && !seen.insert(info.id).second) {
      found.shared.insert(info.id);
      return true;
    }
    found.bytes += info.size;
    if (info.has_streams) {
      for (const StreamInfo& stream : image.streams(info.id)) {
        found.bytes += stream.size;
      }
    }
    return !stop.stop_requested();
  });
  return found;
}

std::filesystem::path made_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) {
    throw_system_error(errno, path.string(), "make the directory");
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
        targets_(image, from),
        descent_(made_directory(destination)),
        buffer_(kChunkSize) {
    if (!descent_.is_empty()) {
      throw Error(ErrorCode::kExists, destination.string(), "is not an empty directory");
    }
    progress_.bytes_total = survey_.bytes;
  }

  ExtractSummary run() {
    image_.walk(from_, [this](const WalkEntry& entry) {
      visit(entry);
      return true;
    });
    leave_to(0);
    if (!times_.empty()) {
      set_times_of_current(times_.back());
    }
    return summary_;
  }

 private:
  // The name of a thing in the directory where we are.
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
    // A file that was asked for lies in the destination, as if its directory had been.
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
      warn_of_skipped(descent_.path_of(""), "its streams would lie outside of the destination");
    }
  }

  // Makes what there is to be; whether what is below it can be made too.
  bool make(const Place& place) {
    current_name_ = place.name;
    if (!is_possible(place.name)) {
      return false;
    }
    make_streams(place);
    const auto target = link_target(place);
    if (place.info.is_directory() && !target) {
      make_directory(place);
    } else if (target) {
      make_symlink(place, *target);  // one for each name, as its target depends on the directory
    } else if (!make_link_to_first_name(place)) {
      make_file(place);
      remember(place);
    }
    return true;
  }

  bool is_possible(const std::string& name) {
    switch (check_host_name(name)) {
      case HostName::kGood:
        return true;
      case HostName::kTooLong:
        warn_of_skipped(descent_.path_of(name), "the name is too long for this system");
        return false;
      case HostName::kImpossible:
        break;
    }
    throw Error(ErrorCode::kCorrupt, image_.path().string(),
                fmt::format("\"{}\" can't be a name", name));
  }

  // Where a symbolic link made of it would lead; nothing for what becomes a file or directory.
  std::optional<std::string> link_target(const Place& place) {
    auto [target, obstacle] = targets_.target_of(place.info);
    if (!obstacle.empty()) {
      warn(descent_.path_of(place.name), fmt::format("{}; written without being a link", obstacle));
    }
    return std::move(target);
  }

  void make_directory(const Place& place) {
    if (::mkdirat(descent_.current(), place.name.c_str(), 0777) != 0) {
      throw_system_error(errno, descent_.path_of(place.name), "make the directory");
    }
    descent_.enter(place.name);
    names_.push_back(place.name);
    times_.push_back(place.info.times);
    targets_.enter(place.info.id);
    ++summary_.directories;
  }

  void leave_to(std::size_t depth) {
    while (descent_.depth() > depth) {
      set_times_of_current(times_.back());
      times_.pop_back();
      targets_.leave();
      names_.pop_back();
      descent_.leave();
    }
  }

  void set_times_of_current(const FileTimes& times) {
    set_times(descent_.current(), times, descent_.path_of(""));
  }

  static void set_times(int descriptor, const FileTimes& times, const std::string& path) {
    const auto both = access_and_write_times(times);
    if (::futimens(descriptor, both.data()) != 0) {
      throw_system_error(errno, path, "set the times of");
    }
  }

  bool make_link_to_first_name(const Place& place) {
    const auto first = first_names_.find(place.info.id);
    if (place.info.is_directory() || first == first_names_.end()) {
      return false;
    }
    std::vector<std::string> names = first->second;
    const std::string last = std::move(names.back());
    names.pop_back();
    const Descriptor directory = descent_.open_from_start(names);
    if (::linkat(directory.get(), last.c_str(), descent_.current(), place.name.c_str(), 0) != 0) {
      throw_system_error(errno, descent_.path_of(place.name), "make the link");
    }
    ++summary_.hard_links;
    return true;
  }

  void remember(const Place& place) {
    if (survey_.shared.contains(place.info.id)) {
      auto& names = first_names_[place.info.id];
      names = names_;
      names.push_back(place.name);
    }
  }

  void make_symlink(const Place& place, const std::string& target) {
    const std::string path = descent_.path_of(place.name);
    if (::symlinkat(target.c_str(), descent_.current(), place.name.c_str()) != 0) {
      throw_system_error(errno, path, "make the link");
    }
    const auto both = access_and_write_times(place.info.times);
    if (::utimensat(descent_.current(), place.name.c_str(), both.data(), AT_SYMLINK_NOFOLLOW) !=
        0) {
      throw_system_error(errno, path, "set the times of");
    }
    ++summary_.symlinks;
  }

  void make_file(const Place& place) {
    write(place.name, image_.open(place.info.id), place.info.times);
    ++summary_.files;
  }

  // The streams of a file stand beside its first name alone.
  void make_streams(const Place& place) {
    if (!place.info.has_streams || first_names_.contains(place.info.id)) {
      return;
    }
    for (const StreamInfo& info : image_.streams(place.info.id)) {
      const std::string name = place.name + ":" + to_wtf8(info.name);
      const auto stream = image_.open_stream(place.info.id, info.name);
      if (is_possible(name) && stream) {
        write(name, *stream, place.info.times);
        ++summary_.streams;
      }
    }
  }

  void write(const std::string& name, const Stream& stream, const FileTimes& times) {
    const std::string path = descent_.path_of(name);
    const int descriptor =
        above_standard(::openat(descent_.current(), name.c_str(),
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (descriptor < 0) {
      throw_system_error(errno, path, "create");
    }
    File file = File::adopt(descriptor, path);
    for (const Extent& extent : stream.extents()) {
      if (extent.region_offset == 0) {
        summary_.bytes += extent.size;  // stays a hole
      } else {
        copy(stream, extent, file);
      }
    }
    if (file.size() != stream.size()) {
      file.resize(stream.size());
    }
    set_times(descriptor, times, path);
  }

  void copy(const Stream& stream, const Extent& extent, File& file) {
    std::uint64_t done = 0;
    while (done < extent.size) {
      check_stop();
      const auto size =
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), extent.size - done));
      const auto chunk = std::span(buffer_).first(size);
      stream.read(extent.stream_offset + done, chunk);
      file.write_at(extent.stream_offset + done, chunk);
      done += size;
      summary_.bytes += size;
      report(current_name_);
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
      throw Error(ErrorCode::kCancelled, image_.path().string(), "extraction was stopped");
    }
  }

  void warn(const std::string& path, std::string_view what) const {
    if (options_.warning) {
      options_.warning(fmt::format("{}: {}", path, what));
    }
  }

  void warn_of_skipped(const std::string& path, std::string_view why) {
    ++summary_.skipped;
    warn(path, fmt::format("left out: {}", why));
  }

  const Image& image_;
  const ImagePath& from_;
  const ExtractOptions& options_;
  Survey survey_;
  SymlinkTargets targets_;
  Descent descent_;
  std::vector<std::string> names_;  // the way down to where we are
  std::vector<FileTimes> times_;    // of the directories on it, the destination's first
  SeededMap<FileId, std::vector<std::string>> first_names_;  // of shared files
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
