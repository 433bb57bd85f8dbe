// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/attributes.h"
#include "cimlib/error.h"
#include "cimlib/reparse.h"
#include "cimlib/wim.h"
#include "cimlib/wtf8.h"

#include "base/endian.h"
#include "image/write/creation.h"
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

// Why an image cannot have an entry.
struct SkippedEntry {
  std::string reason;
};

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

class WimCreation {
 public:
  WimCreation(const std::filesystem::path& image, const std::filesystem::path& wim,
              const CreateOptions& options)
      : options_(options),
        name_(wim.string()),
        wim_(wim),
        index_(chosen_image(wim_, options.index, name_)),
        writer_(image, stoppable(options.writer, options.stop)),
        progress_(name_, options.progress, options.stop) {}

  CreateSummary run() {
    wim_.walk(index_, [&](const wimlib_dir_entry& entry) { add(entry); });
    report_omissions();
    summary_.image = writer_.commit();
    return std::move(summary_);
  }

 private:
  // Entries below one that was skipped are skipped too, without a line for each.
  void add(const wimlib_dir_entry& entry) {
    if (skipped_depth_ && entry.depth > *skipped_depth_) {
      return;
    }
    skipped_depth_.reset();
    progress_.begin(entry.full_path);
    try {
      const ImagePath path = path_of(entry);
      count_omissions(entry);
      if (!is_link(entry, path)) {
        add_file(entry, path);
      }
    } catch (const SkippedEntry& skipped) {
      skipped_depth_ = entry.depth;
      warn_of_skipped(subject(), skipped.reason);
    }
    progress_.end();
  }

  void warn_of_skipped(const std::string& what, const std::string& reason) {
    ++summary_.skipped;
    if (options_.warning) {
      options_.warning(fmt::format("{}: skipped: {}", what, reason));
    }
  }

  // Returns the path in the image. A full path is ambiguous, as names may have any character.
  ImagePath path_of(const wimlib_dir_entry& entry) {
    if (entry.depth > directories_.size()) {
      throw Error(ErrorCode::kCorrupt, subject(), "is not in a directory");
    }
    directories_.resize(entry.depth);
    ImagePath path;
    if (entry.depth > 0) {
      path = directories_.back().child(valid_name(entry.filename));
      if (writer_.exists(path)) {
        throw SkippedEntry{"another entry has the same name, ignoring case"};
      }
    }
    directories_.push_back(path);
    return path;
  }

  static std::u16string valid_name(const char* text) {
    auto name = text == nullptr ? std::nullopt : to_utf16(text);
    if (!name) {
      throw SkippedEntry{"the name is not valid"};
    }
    try {
      check_name(*name);
    } catch (const Error& error) {
      throw SkippedEntry{error.reason()};
    }
    return *std::move(name);
  }

  void add_file(const wimlib_dir_entry& entry, const ImagePath& path) {
    const bool is_directory = (entry.attributes & WIMLIB_FILE_ATTRIBUTE_DIRECTORY) != 0;
    const bool is_reparse_point = (entry.attributes & WIMLIB_FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    if ((entry.attributes & WIMLIB_FILE_ATTRIBUTE_ENCRYPTED) != 0 && !is_directory) {
      throw SkippedEntry{"it is encrypted"};
    }
    const Bytes reparse = is_reparse_point ? reparse_data(entry) : Bytes();
    const auto& data = entry.streams[0].resource;
    const bool has_data = !is_directory && !is_reparse_point;
    writer_.add(path, metadata(entry, reparse), has_data ? data.uncompressed_size : 0);
    if (has_data) {
      write(data);
    }
    ++(is_reparse_point ? summary_.links : is_directory ? summary_.directories : summary_.files);
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

  // The file has what follows the header, the GUID of other vendors' tags included.
  Bytes reparse_data(const wimlib_dir_entry& entry) {
    const auto& stream = entry.streams[0].resource;
    constexpr std::size_t kHeader = 8;
    constexpr std::size_t kGuid = 16;
    constexpr std::uint32_t kMicrosoftTag = 0x80000000;
    const std::size_t before_data = (entry.reparse_tag & kMicrosoftTag) != 0 ? 0 : kGuid;
    if (stream.uncompressed_size > kMaxReparseBufferSize - kHeader ||
        stream.uncompressed_size < before_data) {
      throw Error(ErrorCode::kCorrupt, subject(), "its reparse data is too large or too small");
    }
    Bytes buffer;
    append(buffer, Le32(entry.reparse_tag));
    append(buffer, Le16(static_cast<std::uint16_t>(stream.uncompressed_size - before_data)));
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
      progress_.add_bytes(bytes.size());
    });
  }

  void add_stream(const ImagePath& path, const wimlib_stream_entry& stream) {
    try {
      const StreamPath added = {path, valid_name(stream.stream_name)};
      if (writer_.exists(added)) {
        throw SkippedEntry{"another stream has the same name, ignoring case"};
      }
      writer_.add_alternate_stream(added, stream.resource.uncompressed_size);
      write(stream.resource);
      ++summary_.streams;
    } catch (const SkippedEntry& skipped) {
      warn_of_skipped(subject() + ":" + stream.stream_name, skipped.reason);
    }
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

  void count_omissions(const wimlib_dir_entry& entry) {
    static constexpr std::array<std::uint8_t, WIMLIB_GUID_LEN> kNone{};
    const std::string_view short_name = entry.dos_name != nullptr ? entry.dos_name : "";
    omissions_.short_names += !short_name.empty() && short_name != entry.filename ? 1U : 0U;
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

  std::string subject() const { return name_ + ": " + progress_.current(); }

  const CreateOptions& options_;
  std::string name_;
  WimFile wim_;
  std::uint32_t index_;
  ImageWriter writer_;
  std::vector<ImagePath> directories_;  // the current entry and those that it is in
  std::optional<std::size_t> skipped_depth_;
  SeededMap<std::uint64_t, ImagePath> first_names_;  // by hard link group
  Omissions omissions_;
  CreateSummary summary_;
  CreationProgress progress_;
};

}  // namespace

bool is_wim(const std::filesystem::path& file) {
  const File opened = File::open_read(file);
  std::array<std::byte, 8> start{};
  return opened.read_some_at(0, start) == start.size() &&
         (as_text(start) == std::string_view("MSWIM\0\0\0", 8) ||
          as_text(start) == std::string_view("WLPWM\0\0\0", 8));  // a pipable one
}

CreateSummary create_image(const std::filesystem::path& image, const std::filesystem::path& wim,
                           const CreateOptions& options) {
  return WimCreation(image, wim, options).run();
}

}  // namespace cim::wim
