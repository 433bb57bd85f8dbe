// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A marker consists of lines: a version, whether the import created Hives, directories, files with
// their digests, and last the name of the image. It is parsed strictly: text that no writer could
// have written makes the whole marker invalid.
#include "layer/layer_marker.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "layer/sidecar_paths.h"
#include "os/crypto.h"
#include "os/file.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim::layer {
namespace {

using std::filesystem::path;

constexpr std::string_view kFirstLine = "cimlib layer 1\n";
constexpr std::string_view kImageLine = "image ";  // the last one: names may have newlines
constexpr std::string_view kOwnDirectory = ".";
constexpr std::uint64_t kLargestMarker = 65536;
constexpr std::size_t kHashPiece = std::size_t{1} << 20;
constexpr std::size_t kDigestDigits = 64;

// A marker is believed only about paths that a writer of layers can create, so that a forged one
// cannot make destroy() remove anything else.
bool is_sidecar(std::string_view file) {
  const auto& all = all_sidecar_paths();
  return file == kLayerChainFile || std::ranges::find(all, file) != all.end();
}

bool leads_to_sidecar(std::string_view directory) {
  const std::string above = std::string(directory) + "/";
  return directory == kOwnDirectory ||
         std::ranges::any_of(all_sidecar_paths(),
                             [&above](const std::string& file) { return file.starts_with(above); });
}

/// Parses one line of a marker; returns false if no writer could have written it.
bool take_line(std::string_view line, LayerMarker& marker) {
  const std::size_t space = line.find(' ');
  const std::string_view key = line.substr(0, space);
  const std::string_view value = space == line.npos ? "" : line.substr(space + 1);
  if (line == "made Hives") {
    marker.made_hives = true;
    return true;
  }
  if (key == "directory") {
    marker.directories.emplace(value);
    return leads_to_sidecar(value);
  }
  if (key == "file" && value.size() > kDigestDigits && value[kDigestDigits] == ' ') {
    const std::string_view file = value.substr(kDigestDigits + 1);
    marker.files.emplace(file, value.substr(0, kDigestDigits));
    return is_sidecar(file);
  }
  return false;
}

std::optional<LayerMarker> parse_marker(std::string_view text) {
  if (!text.starts_with(kFirstLine) || !text.ends_with('\n')) {
    return std::nullopt;
  }
  text.remove_prefix(kFirstLine.size());
  text.remove_suffix(1);
  LayerMarker marker;
  while (!text.starts_with(kImageLine)) {
    const std::size_t end = text.find('\n');
    if (end == text.npos || !take_line(text.substr(0, end), marker)) {
      return std::nullopt;
    }
    text.remove_prefix(end + 1);
  }
  marker.image = text.substr(kImageLine.size());
  return marker;
}

bool is_plain_file(const path& file) {
  return std::filesystem::is_regular_file(link_status_of(file));
}

// Returns false if another process removes the file in the meantime.
bool is_vouched_for(const path& layer, const LayerMarker& marker, std::string_view file) {
  const auto entry = marker.files.find(file);
  if (entry == marker.files.end() || !is_plain_file(layer / file)) {
    return false;
  }
  try {
    return digest_of_file(layer / file) == entry->second;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) {
      return false;
    }
    throw;
  }
}

bool is_there(const path& file) {
  return std::filesystem::exists(link_status_of(file));
}

std::optional<LayerMarker> read_any_marker(const path& layer) {
  const path file = layer / kMarkerFile;
  if (!is_plain_file(file)) {
    return std::nullopt;
  }
  Bytes bytes;
  try {
    bytes = read_whole_file(file, kLargestMarker);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound || error.code() == ErrorCode::kLimit) {
      return std::nullopt;
    }
    throw;
  }
  return parse_marker(as_text(bytes));
}

// A directory that does not exist has no marker and no image, so its path need not be exact.
path without_links(const path& directory) {
  std::error_code error;
  path found = std::filesystem::canonical(directory, error);
  return error ? absolute_path(directory) : found;
}

// Both paths are without links, so that ".." leads where it seems to.
path way_between(const path& directory, const path& file) {
  auto [from, to] = std::mismatch(directory.begin(), directory.end(), file.begin(), file.end());
  path way;
  for (; from != directory.end(); ++from) {
    way /= "..";
  }
  for (; to != file.end(); ++to) {
    way /= *to;  // replaces everything before it if it is the root of another drive
  }
  return way;
}

}  // namespace

std::string marked_image(const LayerPaths& layer) {
  if (layer.image.empty()) {
    return cim_name(resolve_layer(layer.layer));
  }
  const path directory = without_links(layer.layer);
  const path image = without_links(directory_of(layer.image)) / layer.image.filename();
  const path usual = cim_path(directory);
  return image == without_links(usual.parent_path()) / usual.filename()
             ? cim_name(directory)
             : (directory.filename() / way_between(directory, image)).generic_string();
}

std::optional<LayerMarker> read_marker(const LayerPaths& layer) {
  auto marker = read_any_marker(layer.layer);
  return marker && marker->image == marked_image(layer) ? std::move(marker) : std::nullopt;
}

bool is_marked_for_other_image(const LayerPaths& layer) {
  const auto marker = read_any_marker(layer.layer);
  return marker && marker->image != marked_image(layer);
}

void write_marker(const LayerPaths& layer, const LayerMarker& marker) {
  std::string text(kFirstLine);
  if (marker.made_hives) {
    text += "made Hives\n";
  }
  for (const std::string& directory : marker.directories) {
    text += fmt::format("directory {}\n", directory);
  }
  for (const auto& [file, digest] : marker.files) {
    text += fmt::format("file {} {}\n", digest, file);
  }
  text += fmt::format("{}{}\n", kImageLine, marker.image);
  put_in_layer(layer, kMarkerFile, as_bytes(text));
}

// The file is staged next to the image, where garbage collection finds what a killed process
// leaves.
void put_in_layer(const LayerPaths& layer, std::string_view file, ByteView bytes) {
  const path target = layer.layer / file;
  {
    AtomicFile staged(directory_of(layer.image_path()) / target.filename());
    staged.file().write_at(0, bytes);
    staged.file().sync();
    std::error_code error;
    std::filesystem::rename(staged.file().path(), target, error);
    if (!error) {
      return sync_directory(target.parent_path());
    }
    if (error != std::errc::cross_device_link) {
      throw_system_error(error, target.string(), "replace");
    }
  }
  AtomicFile in_place(target);  // the layer's directory is on another file system
  in_place.file().write_at(0, bytes);
  in_place.publish(Publish::kReplace);
}

std::string digest_of(ByteView bytes) {
  return to_hex(Sha256::of(bytes));
}

std::string digest_of_file(const path& file) {
  const File open = File::open_read(file);
  Sha256 hash;
  Bytes piece(kHashPiece);
  for (std::uint64_t at = 0;;) {
    const std::size_t got = open.read_some_at(at, piece);
    if (got == 0) {
      return to_hex(hash.finish());
    }
    hash.update(ByteView(piece).first(got));
    at += got;
  }
}

std::vector<path> directories_to(const path& layer, std::string_view file) {
  std::vector<path> directories = {layer};
  for (const path& name : path(file).parent_path()) {
    directories.push_back(directories.back() / name);
  }
  return directories;
}

bool is_plain_path(const path& layer, std::string_view file) {
  const std::vector<path> directories = directories_to(layer, file);
  return std::all_of(directories.begin() + 1, directories.end(), [](const path& directory) {
    const auto status = link_status_of(directory);
    return !std::filesystem::exists(status) || std::filesystem::is_directory(status);
  });
}

// The directory is searched before the marker is read, and writers write the marker before any
// file, so every file found that another writer made is in the marker.
void require_no_foreign_files(const LayerPaths& paths) {
  const path& layer = paths.layer;
  std::vector<std::string> found;
  for (const std::string& file : all_sidecar_paths()) {
    if (is_plain_path(layer, file) && is_there(layer / file)) {
      found.push_back(file);
    }
  }
  const auto refuse = [&layer](std::string_view file) {
    throw Error(ErrorCode::kExists, (layer / file).string(),
                "already exists and does not belong to this layer");
  };
  const auto marker = read_marker(paths);
  if (!marker && is_there(layer / kMarkerFile)) {
    refuse(kMarkerFile);
  }
  for (const std::string& file : found) {
    if (!(marker && is_vouched_for(layer, *marker, file)) && is_there(layer / file)) {
      refuse(file);
    }
  }
}

void remove_marked_files(const path& layer, const LayerMarker& marker) {
  std::set<path> changed;
  for (const auto& [file, digest] : marker.files) {
    if (is_plain_path(layer, file) && is_vouched_for(layer, marker, file)) {
      remove_file(layer / file);
      changed.insert((layer / file).parent_path());
    }
  }
  for (const path& directory : changed) {
    sync_directory(directory);  // before the marker is removed
  }
  for (auto it = marker.directories.rbegin(); it != marker.directories.rend(); ++it) {
    if (*it != kOwnDirectory && is_plain_path(layer, *it + "/")) {
      remove_empty_directory(layer / *it);
    }
  }
}

}  // namespace cim::layer
