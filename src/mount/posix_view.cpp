// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/posix_view.h"

#include <algorithm>
#include <compare>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "cimlib/error.h"
#include "cimlib/image_path.h"
#include "cimlib/reparse.h"

#include "base/upcase.h"
#include "image/link_target.h"

namespace cim::mount {
namespace {

// Half of the longest path, as every name has a separator: no sound directory lies deeper.
constexpr std::size_t kMaxDepth = kMaxPathUnits / 2;

constexpr unsigned kStreamShift = 32;
constexpr std::uint64_t kBlockSize = 512;

std::uint64_t blocks_of(std::uint64_t size, Storage storage) {
  return storage == Storage::kSparse ? 0 : size / kBlockSize + (size % kBlockSize != 0 ? 1 : 0);
}

}  // namespace

bool is_possible_name(std::u16string_view name) noexcept {
  return !name.empty() && name != u"." && name != u".." &&
         name.find_first_of(std::u16string_view(u"/\0", 2)) == std::u16string_view::npos;
}

std::uint32_t mode_of(const FileInfo& info) noexcept {
  if (is_link_tag(info.reparse_tag) && info.is_reparse_point()) {
    return S_IFLNK | 0777;
  }
  const bool read_only = (info.attributes & attribute::kReadOnly) != 0;
  return (info.is_directory() ? S_IFDIR : S_IFREG) | (read_only ? 0555 : 0755);
}

PosixView::PosixView(Image image) : image_(std::move(image)), volume_roots_(volume_roots(image_)) {}

std::uint64_t PosixView::inode_of(Node node) const noexcept {
  std::uint64_t inode = node.file;
  if (node.file == image_.root()) {
    inode = kRootInode;
  } else if (node.file == kRootInode) {
    inode = image_.root();
  }
  return std::uint64_t{node.stream} << kStreamShift | inode;
}

Node PosixView::node_of(std::uint64_t inode) const noexcept {
  auto file = static_cast<FileId>(inode);
  if (file == kRootInode) {
    file = image_.root();
  } else if (file == image_.root()) {
    file = kRootInode;
  }
  return {file, static_cast<std::uint32_t>(inode >> kStreamShift)};
}

void PosixView::count_links() const {
  std::call_once(links_counted_, [this] { link_counts_ = image_.link_counts(); });
}

std::uint32_t PosixView::link_count(const FileInfo& info) const {
  if (info.is_directory()) {
    return 1;
  }
  count_links();
  const auto found = std::ranges::lower_bound(link_counts_, info.id, {}, &LinkCount::file);
  return found != link_counts_.end() && found->file == info.id ? found->names : 1;
}

PosixAttributes PosixView::attributes(Node node) const {
  const FileInfo info = image_.info(node.file);
  PosixAttributes attributes;
  attributes.inode = inode_of(node);
  attributes.access = info.times.last_access.to_unix();
  attributes.modification = info.times.last_write.to_unix();
  attributes.change = info.times.change.to_unix();
  if (node.stream != 0) {
    const StreamInfo stream = stream_info(node);
    attributes.mode = S_IFREG | (mode_of(info) & 0666);
    attributes.size = stream.size;
    attributes.blocks = blocks_of(stream.size, stream.storage);
    return attributes;
  }
  attributes.mode = mode_of(info);
  attributes.link_count = link_count(info);
  if (S_ISLNK(attributes.mode)) {
    attributes.size = link_target_size(node.file);
  } else {
    attributes.size = info.size;
    attributes.blocks = blocks_of(info.size, info.storage);
  }
  return attributes;
}

StreamInfo PosixView::stream_info(Node node) const {
  auto streams = image_.streams(node.file);
  if (node.stream > streams.size()) {
    throw Error(ErrorCode::kNotFound, image_.path().string(),
                fmt::format("file {} has no stream {}", node.file, node.stream));
  }
  return std::move(streams[node.stream - 1]);
}

Stream PosixView::open(Node node) const {
  if (node.stream == 0) {
    return image_.open(node.file);
  }
  auto stream = image_.open_stream(node.file, stream_info(node).name);
  if (!stream) {
    throw Error(ErrorCode::kCorrupt, image_.path().string(),
                fmt::format("file {} has a stream that its own table does not find", node.file));
  }
  return *std::move(stream);
}

std::optional<Node> PosixView::find_stream(FileId file, std::u16string_view name) const {
  const auto streams = image_.streams(file);
  for (std::uint32_t i = 0; i < streams.size(); ++i) {
    if (std::is_eq(compare_ignoring_case(streams[i].name, name))) {
      return Node{file, i + 1};
    }
  }
  return std::nullopt;
}

std::size_t PosixView::depth_below_volume_root(FileId directory) const {
  std::size_t depth = 0;
  while (std::ranges::find(volume_roots_, directory) == volume_roots_.end()) {
    if (++depth > kMaxDepth) {
      throw Error(ErrorCode::kCorrupt, image_.path().string(),
                  fmt::format("the parents of directory {} do not lead to the root", directory));
    }
    directory = image_.info(directory).parent;
  }
  return depth;
}

std::size_t PosixView::link_target_size(FileId link) const {
  try {
    return link_target(link).size();
  } catch (const Error&) {
    return 0;  // a damaged link can still be listed; reading it tells
  }
}

std::string PosixView::link_target(FileId link) const {
  const FileInfo info = image_.info(link);
  if (!S_ISLNK(mode_of(info))) {
    throw Error(ErrorCode::kInvalidArgument, image_.path().string(),
                fmt::format("file {} is no link", link));
  }
  LinkTarget target =
      posix_link_target(image_.reparse_data(link), {.depth = depth_below_volume_root(info.parent)});
  if (!target.obstacle.empty()) {
    throw Error(ErrorCode::kCorrupt, image_.path().string(),
                fmt::format("link {} {}", link, target.obstacle));
  }
  return std::move(target.text);
}

}  // namespace cim::mount
