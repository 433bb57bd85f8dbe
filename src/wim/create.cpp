// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "cimlib/attributes.h"
#include "cimlib/error.h"
#include "cimlib/reparse.h"
#include "cimlib/wim.h"
#include "cimlib/wtf8.h"

#include "base/endian.h"
#include "os/file.h"
#include "os/seeded_hash.h"
#include "wim/wim_file.h"

namespace cim::wim {
namespace {

FileTime time_of(const wimlib_timespec& time) {
  return FileTime::from_unix(
             {.seconds = time.tv_sec, .nanoseconds = static_cast<std::uint32_t>(time.tv_nsec)})
      .value_or(FileTime{});
}

// Counts of metadata that a WIM file has and an image cannot store.
struct Omissions {
  std::uint64_t short_names = 0;
  std::uint64_t object_ids = 0;
};

std::uint32_t chosen_image(const WimFile& wim, std::uint32_t index, const std::string& name) {
  const std::uint32_t count = wim.image_count();
  if (index > count || count == 0) {
    throw Error(ErrorCode::kNotFound, name,
                fmt::format("there is no image {}; the file has {}", std::max(index, 1U), count));
  }
  if (index == 0 && count > 1) {
    throw Error(ErrorCode::kInvalidArgument, name,
                fmt::format("has {} images, of which one must be chosen", count));
  }
  return std::max(index, 1U);
}

WriterOptions writer_options(const CreateOptions& options) {
  WriterOptions writer = options.writer;
  writer.lock_timeout.stop = options.stop;
  return writer;
}

class WimCreation {
 public:
  WimCreation(const std::filesystem::path& image, const std::filesystem::path& wim,
              const CreateOptions& options)
      : options_(options),
        name_(wim.string()),
        wim_(wim),
        index_(chosen_image(wim_, options.index, name_)),
        writer_(image, writer_options(options)) {}

  CreateSummary run() {
    wim_.walk(index_, [&](const wimlib_dir_entry& entry) { add(entry); });
    report_omissions();
    summary_.image = writer_.commit();
    return std::move(summary_);
  }

 private:
  void add(const wimlib_dir_entry& entry) {
    check_stop();
    const ImagePath path = ImagePath::parse(entry.full_path);
    current_ = entry.full_path;
    count_omissions(entry);
    if (is_link(entry, path)) {
      return;
    }
    const bool is_directory = (entry.attributes & WIMLIB_FILE_ATTRIBUTE_DIRECTORY) != 0;
    const bool is_reparse_point = (entry.attributes & WIMLIB_FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    if ((entry.attributes & WIMLIB_FILE_ATTRIBUTE_ENCRYPTED) != 0 && !is_directory) {
      throw Error(ErrorCode::kUnsupported, subject(), "is an encrypted file");
    }
    const Bytes reparse = is_reparse_point ? reparse_data(entry) : Bytes();
    const auto& data = entry.streams[0].resource;
    const bool has_data = !is_directory && !is_reparse_point;
    writer_.add(path, metadata(entry, reparse), has_data ? data.uncompressed_size : 0);
    if (has_data) {
      write(data);
    }
    count(is_directory, is_reparse_point);
    for (std::uint32_t i = 1; i <= entry.num_named_streams; ++i) {
      add_stream(path, entry.streams[i]);
    }
    remember(entry, path);
  }

  static FileMetadata metadata(const wimlib_dir_entry& entry, const Bytes& reparse) {
    const FileTime written = time_of(entry.last_write_time);
    return {
        .attributes = entry.attributes,
        .times = {time_of(entry.creation_time), written, written, time_of(entry.last_access_time)},
        .security_descriptor =
            std::as_bytes(std::span(entry.security_descriptor, entry.security_descriptor_size)),
        .extended_attributes = {},
        .reparse_data = reparse};
  }

  // The file has the data without its header.
  Bytes reparse_data(const wimlib_dir_entry& entry) {
    const auto& stream = entry.streams[0].resource;
    constexpr std::size_t kHeader = 8;
    if (stream.uncompressed_size > kMaxReparseBufferSize - kHeader) {
      throw Error(ErrorCode::kCorrupt, subject(), "its reparse data is too large");
    }
    Bytes buffer;
    append(buffer, Le32(entry.reparse_tag));
    append(buffer, Le16(static_cast<std::uint16_t>(stream.uncompressed_size)));
    append(buffer, Le16(0));
    if (stream.uncompressed_size > 0) {
      wim_.read(stream, subject(), [&](ByteView bytes) { append(buffer, bytes); });
    }
    return buffer;
  }

  void write(const wimlib_resource_entry& data) {
    if (data.uncompressed_size == 0) {
      return;
    }
    wim_.read(data, subject(), [&](ByteView bytes) {
      writer_.write(bytes);
      summary_.bytes += bytes.size();
      progress_.bytes_done += bytes.size();
      progress_.current = current_;
      if (options_.progress) {
        options_.progress(progress_);
      }
      check_stop();
    });
  }

  void add_stream(const ImagePath& path, const wimlib_stream_entry& stream) {
    const auto name = to_utf16(stream.stream_name);
    if (!name) {
      throw Error(ErrorCode::kCorrupt, subject(), "the name of a stream is not valid");
    }
    writer_.add_alternate_stream({path, *name}, stream.resource.uncompressed_size);
    write(stream.resource);
    ++summary_.streams;
  }

  bool is_link(const wimlib_dir_entry& entry, const ImagePath& path) {
    const auto first =
        entry.num_links > 1 ? first_names_.find(entry.hard_link_group_id) : first_names_.end();
    if (first == first_names_.end()) {
      return false;
    }
    writer_.add_link(path, first->second);
    ++summary_.hard_links;
    return true;
  }

  void remember(const wimlib_dir_entry& entry, const ImagePath& path) {
    if (entry.num_links > 1 && (entry.attributes & WIMLIB_FILE_ATTRIBUTE_DIRECTORY) == 0) {
      first_names_.emplace(entry.hard_link_group_id, path);
    }
  }

  void count(bool is_directory, bool is_reparse_point) {
    ++(is_reparse_point ? summary_.links : is_directory ? summary_.directories : summary_.files);
    ++progress_.entries_done;
  }

  void count_omissions(const wimlib_dir_entry& entry) {
    static constexpr std::array<std::uint8_t, WIMLIB_GUID_LEN> kNone{};
    omissions_.short_names += entry.dos_name != nullptr ? 1U : 0U;
    omissions_.object_ids += std::ranges::equal(entry.object_id.object_id, kNone) ? 0U : 1U;
  }

  void report_omissions() const {
    const auto warn = [&](std::uint64_t count, std::string_view what) {
      if (count > 0 && options_.warning) {
        options_.warning(fmt::format("{}: {} of its files have {}, which an image cannot store",
                                     name_, count, what));
      }
    };
    warn(omissions_.short_names, "short names");
    warn(omissions_.object_ids, "object ids");
  }

  std::string subject() const { return name_ + ": " + current_; }

  void check_stop() const {
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, name_, "creating the image was cancelled");
    }
  }

  const CreateOptions& options_;
  std::string name_;
  WimFile wim_;
  std::uint32_t index_;
  ImageWriter writer_;
  SeededMap<std::uint64_t, ImagePath> first_names_;  // by hard link group
  Omissions omissions_;
  CreateSummary summary_;
  Progress progress_;
  std::string current_;
};

}  // namespace

bool is_wim(const std::filesystem::path& file) {
  const File opened = File::open_read(file);
  std::array<std::byte, 8> start{};
  return opened.read_some_at(0, start) == start.size() &&
         as_text(start) == std::string_view("MSWIM\0\0\0", 8);
}

CreateSummary create_image(const std::filesystem::path& image, const std::filesystem::path& wim,
                           const CreateOptions& options) {
  return WimCreation(image, wim, options).run();
}

}  // namespace cim::wim
