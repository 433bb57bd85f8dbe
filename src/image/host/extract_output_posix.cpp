// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Three kinds of failures: those of the image leave out what cannot be read, limits of this system
// leave out what cannot be represented, and all others end the extraction, for they would recur
// with every file.
#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/host/extract_output.h"
#include "os/descriptor_posix.h"
#include "os/system_error.h"

namespace cim {
namespace {

constexpr std::size_t kChunkSize = std::size_t{1} << 20;

std::array<timespec, 2> access_and_write_times(const FileTimes& times) {
  std::array<timespec, 2> both{};
  const std::array<UnixTime, 2> from = {times.last_access.to_unix(), times.last_write.to_unix()};
  for (std::size_t i = 0; i < both.size(); ++i) {
    both[i] = {from[i].seconds, static_cast<long>(from[i].nanoseconds)};
  }
  return both;
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

}  // namespace

ExtractOutput::ExtractOutput(const Image& image, const ExtractOptions& options,
                             const DirectoryStack& directories, std::uint64_t bytes_total)
    : image_(image),
      options_(options),
      directories_(directories),
      budget_(image),
      buffer_(kChunkSize) {
  progress_.bytes_total = bytes_total;
}

void ExtractOutput::end_entry(std::string_view name) {
  ++progress_.entries_done;
  report(name);
}

void ExtractOutput::report(std::string_view current) {
  if (options_.progress) {
    progress_.bytes_done = summary_.bytes;
    progress_.current = current;
    options_.progress(progress_);
  }
}

void ExtractOutput::check_stop() const {
  if (options_.stop.stop_requested()) {
    throw Error(ErrorCode::kCancelled, image_.path().string(), "extraction was cancelled");
  }
}

void ExtractOutput::warn(const std::string& name, std::string_view what) const {
  if (options_.warning) {
    options_.warning(fmt::format("{}: {}", directories_.path_of(name), what));
  }
}

void ExtractOutput::warn_of_skipped(const std::string& name, std::string_view why) {
  warn_of_skipped_path(directories_.path_of(name), why);
}

void ExtractOutput::warn_of_skipped_path(const std::string& path, std::string_view why) {
  ++summary_.skipped;
  if (options_.warning) {
    options_.warning(fmt::format("{}: skipped: {}", path, why));
  }
}

bool ExtractOutput::is_made(int result, const std::string& name, std::string_view what) {
  if (result >= 0) {
    return true;
  }
  const int error_number = errno;
  if (!is_limit_of_host(error_number)) {
    throw_system_error(error_number, directories_.path_of(name), what);
  }
  warn_of_skipped(name, std::generic_category().message(error_number));
  return false;
}

void ExtractOutput::set_times(int descriptor, const FileTimes& times, const std::string& name) {
  const auto both = access_and_write_times(times);
  if (::futimens(descriptor, both.data()) != 0) {
    times_not_set(errno, name);
  }
}

void ExtractOutput::set_link_times(const std::string& name, const FileTimes& times) {
  const auto both = access_and_write_times(times);
  if (::utimensat(directories_.current(), name.c_str(), both.data(), AT_SYMLINK_NOFOLLOW) != 0) {
    times_not_set(errno, name);
  }
}

// Some file systems cannot represent every time.
void ExtractOutput::times_not_set(int error_number, const std::string& name) {
  if (!is_limit_of_host(error_number)) {
    throw_system_error(error_number, directories_.path_of(name), "set the times of");
  }
  warn(name, "the file system here cannot store its times");
}

// Writes to a file of the host and adds its path to errors. Returns false if the file is too
// large for this system.
template <typename Action>
bool ExtractOutput::put(const std::string& name, const Action& action) {
  try {
    action();
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kLimit && error.code() != ErrorCode::kInvalidArgument) {
      throw Error(error.code(), directories_.path_of(name), error.reason());
    }
    warn_of_skipped(name, error.reason());
    return false;
  }
}

bool ExtractOutput::write(const std::string& name, const Stream& stream, const FileTimes& times) {
  budget_.take_map_of(stream);
  const int descriptor =
      above_standard(::openat(directories_.current(), name.c_str(),
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!is_made(descriptor, name, "create")) {
    return false;
  }
  File file = File::adopt(descriptor, name);
  if (!fill(name, stream, file)) {
    // An incomplete file would look complete.
    ::unlinkat(directories_.current(), name.c_str(), 0);
    return false;
  }
  set_times(descriptor, times, name);
  return put(name, [&] { file.close(); });
}

bool ExtractOutput::fill(const std::string& name, const Stream& stream, File& file) {
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

// Failures to read leave out the file, failures of the host end the extraction.
bool ExtractOutput::copy(const std::string& name, const Stream& stream, const Extent& extent,
                         File& file) {
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

}  // namespace cim
