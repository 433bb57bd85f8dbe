// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/base/posix_view.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "cimlib/error.h"

namespace cim::mount {
namespace {

// An inode number has the file id in its lower half; the upper half is 0 for most files.
constexpr unsigned kUpperHalf = 32;
constexpr std::uint32_t kIsDirectory = kMaxDirectoryOfLink + 1;

/// How long a caller waits for the links to be counted. Even an image of a million files takes
/// less; one that takes longer is crafted.
constexpr std::chrono::seconds kCountingTimeout{2};

constexpr std::uint64_t kBlockSize = 512;

std::uint64_t blocks_of(std::uint64_t size, Storage storage) {
  return storage == Storage::kSparse ? 0 : size / kBlockSize + (size % kBlockSize != 0 ? 1 : 0);
}

}  // namespace

std::uint32_t mode_of(const FileInfo& info) noexcept {
  const bool read_only = (info.attributes & attribute::kReadOnly) != 0;
  return (info.is_directory() ? S_IFDIR : S_IFREG) | (read_only ? 0555 : 0755);
}

bool may_be_link(const FileInfo& info) noexcept {
  return info.is_reparse_point() && is_link_tag(info.reparse_tag);
}

PosixView::PosixView(Image image) : image_(std::move(image)), volume_roots_(volume_roots(image_)) {}

// FUSE requires the root to have the number 1, but the root of an image may have any id. Exchanging
// the two keeps all numbers unique without a table.
std::uint64_t PosixView::inode_of(Node node) const noexcept {
  std::uint64_t inode = node.file;
  if (node.file == image_.root()) {
    inode = kRootInode;
  } else if (node.file == kRootInode) {
    inode = image_.root();
  }
  const std::uint32_t upper = node.directory != 0 ? kIsDirectory | node.directory : node.stream;
  return std::uint64_t{upper} << kUpperHalf | inode;
}

// Inverts inode_of().
Node PosixView::node_of(std::uint64_t inode) const noexcept {
  auto file = static_cast<FileId>(inode);
  if (file == kRootInode) {
    file = image_.root();
  } else if (file == image_.root()) {
    file = kRootInode;
  }
  const auto upper = static_cast<std::uint32_t>(inode >> kUpperHalf);
  if ((upper & kIsDirectory) != 0) {
    return {.file = file, .directory = upper & ~kIsDirectory};
  }
  return {.file = file, .stream = upper};
}

void PosixView::await_link_counts() {
  const std::lock_guard lock(counting_mutex_);
  counting_deadline_ = std::chrono::steady_clock::now() + kCountingTimeout;
}

// If it is cancelled, no counts are stored, and every file has one name from then on.
void PosixView::count_links(const std::stop_token& stop) {
  std::vector<LinkCount> counts;
  try {
    counts = image_.link_counts(stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCancelled) {
      throw;
    }
  }
  const std::lock_guard lock(counting_mutex_);
  link_counts_ = std::move(counts);
  has_counted_links_ = true;
  counting_ended_.notify_all();
}

void PosixView::wait_for_links() const {
  std::unique_lock lock(counting_mutex_);
  counting_ended_.wait_until(lock, counting_deadline_,
                             [this] { return has_counted_links_.load(); });
}

std::uint32_t PosixView::link_count(const FileInfo& info) const {
  if (info.is_directory()) {
    return 1;
  }
  if (!has_counted_links_) {
    wait_for_links();
  }
  if (!has_counted_links_) {
    return 1;
  }
  const auto found = std::ranges::lower_bound(link_counts_, info.id, {}, &LinkCount::file);
  return found != link_counts_.end() && found->file == info.id ? found->names : 1;
}

// A stream has the times and permissions of its file, but is not executable and has one name.
PosixAttributes PosixView::attributes(Node node, const FileInfo& info,
                                      const std::optional<std::string>& link) const {
  PosixAttributes attributes;
  attributes.inode = inode_of(node);
  attributes.access = info.times.last_access.to_unix();
  attributes.modification = info.times.last_write.to_unix();
  attributes.change = info.times.change.to_unix();
  if (node.stream != 0) {
    const StreamInfo stream = streams_with(node).info(node.stream - 1);
    attributes.mode = S_IFREG | (mode_of(info) & 0666);
    attributes.size = stream.size;
    attributes.blocks = blocks_of(stream.size, stream.storage);
    return attributes;
  }
  attributes.link_count = link_count(info);
  if (link) {
    attributes.mode = S_IFLNK | 0777;
    attributes.size = link->size();
  } else {
    attributes.mode = mode_of(info);
    attributes.size = info.size;
    attributes.blocks = blocks_of(info.size, info.storage);
  }
  return attributes;
}

StreamList PosixView::streams_with(Node node) const {
  StreamList streams = image_.stream_list(node.file);
  if (node.stream > streams.size()) {
    throw Error(ErrorCode::kNotFound, image_.path().string(),
                fmt::format("file {} has no stream {}", node.file, node.stream));
  }
  return streams;
}

Stream PosixView::open(Node node) const {
  return node.stream == 0 ? image_.open(node.file) : streams_with(node).open(node.stream - 1);
}

std::optional<Node> PosixView::find_stream(FileId file, std::u16string_view name) const {
  const auto index = image_.stream_list(file).find(name);
  return index ? std::optional(Node{file, *index + 1}) : std::nullopt;
}

LinkPlace PosixView::place_in(const LinkPlace& above, FileId directory) const {
  const bool is_volume_root = std::ranges::find(volume_roots_, directory) != volume_roots_.end();
  return {.depth = is_volume_root ? 0 : above.depth + 1, .reach = above.reach + 1};
}

LinkTarget PosixView::link_target(const FileInfo& info, const LinkPlace& place) const {
  try {
    return posix_link_target(image_.reparse_data(info.id), place);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorrupt) {
      throw;
    }
    return {.obstacle = "has reparse data that cannot be read"};
  }
}

}  // namespace cim::mount
