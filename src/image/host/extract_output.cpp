// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Three kinds of failures: those of the image leave out what cannot be read, limits of this system
// leave out what cannot be represented, and all others end the extraction, for they would recur
// with every file.
#include "image/host/extract_output.h"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace cim {
namespace {

constexpr std::size_t kChunkSize = std::size_t{1} << 20;

}  // namespace

ExtractOutput::ExtractOutput(const Image& image, const ExtractOptions& options, PathOf path_of,
                             std::uint64_t bytes_total)
    : image_(image),
      options_(options),
      path_of_(std::move(path_of)),
      budget_(image),
      buffer_(kChunkSize) {
  progress_.bytes_total = bytes_total;
  if (options.verifies) {
    verifier_.emplace(reader_of(image));
  }
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
    options_.warning(fmt::format("{}: {}", path_of_(name), what));
  }
}

void ExtractOutput::warn_of_skipped(const std::string& name, std::string_view why) {
  if (options_.failure) {
    return skip(name, Error(ErrorCode::kUnsupported, path_of_(name), std::string(why)));
  }
  ++summary_.skipped;
  warn(name, fmt::format("skipped: {}", why));
}

void ExtractOutput::skip(const std::string& name, const Error& error) {
  ++summary_.skipped;
  if (options_.failure) {
    options_.failure(path_in_image(name), error);
  } else {
    warn(name, fmt::format("skipped: {}", error.what()));
  }
}

void ExtractOutput::skip_path(const ImagePath& path, const Error& error) {
  ++summary_.skipped;
  if (options_.failure) {
    options_.failure(path.to_string(), error);
  } else if (options_.warning) {
    options_.warning(fmt::format("{}: skipped: {}", path.to_string(), error.what()));
  }
}

// A name is that of the current entry or, with a colon after it, of one of its streams.
std::string ExtractOutput::path_in_image(const std::string& name) const {
  const std::string path = current_path_.to_string();
  return name.starts_with(current_name_ + ":") ? path + name.substr(current_name_.size()) : path;
}

bool ExtractOutput::is_possible(const std::string& name) {
  switch (check_host_name(name)) {
    case HostName::kGood:
      return true;
    case HostName::kTooLong:
      warn_of_skipped(name, "the name is too long for this system");
      return false;
    case HostName::kImpossible:
      break;
  }
  throw Error(ErrorCode::kCorrupt, image_.path().string(),
              fmt::format("\"{}\" is not a valid name", name));
}

bool ExtractOutput::fill(const std::string& name, const Stream& stream, File& file) {
  if (verifier_ && !attempt(name, [&] { verifier_->verify(stream); })) {
    return false;
  }
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
