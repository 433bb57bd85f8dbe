// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/remote_region.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "format/disk_header.h"
#include "oci/artifact/frame_packer.h"
#include "oci/remote/blob_part.h"

namespace cim::oci {
namespace {

constexpr std::size_t kMostSessions = 4;
// Unpacked frames in memory.
constexpr std::size_t kMostRecent = 32;
// The most frames that one request fetches ahead.
constexpr std::size_t kMostAhead = 8;
// A request costs more than the bytes of a blob up to this size.
constexpr std::uint64_t kSmallBlob = std::uint64_t{1} << 20;
// The frames of a group: all metadata of 200,000 files, packed to 10 MB.
constexpr std::size_t kGroup = 32;
// Metadata is packed to a third; no honest data is packed to less than this part.
constexpr std::uint64_t kMostPacked = 64;

bool is_metadata(ByteView region_header) {
  constexpr std::size_t kPlace = offsetof(format::DiskRegionHeader, type);
  return region_header[kPlace] == std::byte{static_cast<std::uint8_t>(RegionType::kMetadata)};
}

}  // namespace

Bytes SessionPool::use(const std::function<Bytes(Session&)>& action) {
  std::unique_ptr<Session> session;
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !idle_.empty() || count_ < kMostSessions; });
    if (idle_.empty()) {
      session = std::make_unique<Session>(reference_, Session::Access::kPull, options_);
      ++count_;
    } else {
      session = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  const auto give_back = [&] {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(session));
    returned_.notify_one();
  };
  try {
    Bytes result = action(*session);
    give_back();
    return result;
  } catch (...) {
    give_back();
    throw;
  }
}

Session& SessionPool::first() {
  if (idle_.empty()) {
    idle_.push_back(std::make_unique<Session>(reference_, Session::Access::kPull, options_));
    ++count_;
  }
  return *idle_.front();
}

FrameStore::FrameStore(Reference reference, RemoteOptions options, std::filesystem::path cache,
                       std::uint64_t cache_size)
    : options_(std::move(options)),
      subject_(reference.registry + "/" + reference.repository),
      sessions_(std::move(reference), options_),
      cache_(std::move(cache), cache_size) {}

FrameStore::Frames FrameStore::find(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(key);
  if (place == places_.end()) {
    return nullptr;
  }
  recent_.splice(recent_.begin(), recent_, place->second);
  return recent_.front().second;
}

void FrameStore::insert(const Key& key, Frames frame) {
  const std::lock_guard lock(mutex_);
  if (places_.contains(key)) {
    return;
  }
  if (recent_.size() == kMostRecent) {
    places_.erase(recent_.back().first);
    recent_.pop_back();
  }
  recent_.emplace_front(key, std::move(frame));
  places_.emplace(key, recent_.begin());
}

void FrameStore::insert_if_room(const Key& key, Frames frame) {
  const std::lock_guard lock(mutex_);
  if (recent_.size() < kMostRecent && !places_.contains(key)) {
    recent_.emplace_back(key, std::move(frame));
    places_.emplace(key, std::prev(recent_.end()));
  }
}

Bytes FrameStore::fetch(const Descriptor& blob, std::uint64_t offset, std::size_t size) {
  try {
    return sessions_.use([&](Session& session) {
      return fetch_blob_part(session, blob, offset, size, options_.stop);
    });
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kCancelled) {
      throw;
    }
    throw Error(ErrorCode::kIo, error.subject(), error.reason());
  }
}

RemoteRegion::RemoteRegion(std::shared_ptr<FrameStore> store, ArtifactBlob blob,
                           FrameDigests digests)
    : store_(std::move(store)),
      blob_(std::move(blob)),
      digests_(std::move(digests)),
      descriptor_(blob_.descriptor()),
      has_groups_(blob_.size <= kSmallBlob || is_metadata(blob_.header)) {}

std::uint64_t RemoteRegion::size_without_holes() const noexcept {
  return std::min(blob_.plain_size, blob_.size * kMostPacked);
}

// The header is known from the manifest, so that opening an image reads nothing of most regions.
void RemoteRegion::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  if (offset + into.size() <= blob_.header.size()) {
    std::ranges::copy(
        std::span(blob_.header).subspan(static_cast<std::size_t>(offset), into.size()),
        into.begin());
    return;
  }
  while (!into.empty()) {
    const auto number = static_cast<std::size_t>(offset / kFrameSize);
    const auto start = static_cast<std::size_t>(offset % kFrameSize);
    const FrameStore::Frames plain = frame(number);
    if (start >= plain->size()) {
      throw Error(ErrorCode::kCorrupt, blob_.name, "a read past the end of the region");
    }
    const std::size_t size = std::min(into.size(), plain->size() - start);
    std::memcpy(into.data(), plain->data() + start, size);
    into = into.subspan(size);
    offset += size;
  }
}

// Each frame is loaded by one thread, for which others wait; different frames load at once.
FrameStore::Frames RemoteRegion::frame(std::size_t number) const {
  const FrameStore::Key key = key_of(number);
  if (auto recent = store_->find(key)) {
    return recent;
  }
  std::unique_lock lock(mutex_);
  for (bool waits = true; waits;) {
    if (auto recent = store_->find(key)) {
      return recent;
    }
    waits = loading_.contains(number);
    if (waits) {
      loaded_.wait(lock);
    }
  }
  load_table();
  if (number >= frames_.size()) {
    throw Error(ErrorCode::kCorrupt, blob_.name, "a read past the end of the region");
  }
  const Range range = range_to_fetch(number);
  for (std::size_t i = range.first; i < range.end; ++i) {
    loading_.insert(i);
  }
  lock.unlock();
  const auto end_loading = [&] {
    lock.lock();
    loading_.erase(loading_.lower_bound(range.first), loading_.lower_bound(range.end));
    loaded_.notify_all();
  };
  try {
    FrameStore::Frames loaded = load(number, range);
    end_loading();
    return loaded;
  } catch (...) {
    end_loading();
    throw;
  }
}

// Frames that were kept need no request, so nothing is fetched with them.
FrameStore::Frames RemoteRegion::load(std::size_t number, Range range) const {
  if (const auto kept = store_->cache().find(digests_[number], frames_[number].packed_size)) {
    FrameStore::Frames plain = unpack(number, *kept);
    store_->insert(key_of(number), plain);
    return plain;
  }
  FrameStore::Frames wanted = fetch(number, range);
  if (has_groups_) {
    const std::lock_guard lock(mutex_);
    fetched_groups_.insert(number / kGroup);
  }
  return wanted;
}

void RemoteRegion::load_table() const {
  if (has_table_) {
    return;
  }
  if (blob_.form == FrameForm::kPlain) {
    frames_ = plain_frames(blob_.size);
    has_table_ = true;
    return;
  }
  const auto size = static_cast<std::size_t>(blob_.seek_table_size);
  const Bytes table = blob_.seek_table
                          ? *blob_.seek_table
                          : store_->fetch(descriptor_, blob_.size - blob_.seek_table_size, size);
  frames_ = parse_seek_table(table, blob_.sizes(), blob_.name);
  has_table_ = true;
}

// A group is fetched once. A frame of it that is no longer kept, for lack of room, is then fetched
// alone. No two threads load frames of a group before that, since each reserves the whole group.
RemoteRegion::Range RemoteRegion::range_to_fetch(std::size_t number) const {
  if (has_groups_) {
    const std::size_t group = number / kGroup;
    return fetched_groups_.contains(group)
               ? Range{number, number + 1}
               : Range{group * kGroup, std::min((group + 1) * kGroup, frames_.size())};
  }
  const bool is_in_order = number != 0 && number == next_;
  in_order_ = is_in_order ? std::min(std::max<std::size_t>(in_order_ * 2, 1), kMostAhead) : 1;
  next_ = number + std::min(in_order_, frames_.size() - number);
  const auto next_loading = loading_.lower_bound(number);
  return {number, next_loading == loading_.end() ? next_ : std::min(next_, *next_loading)};
}

FrameStore::Frames RemoteRegion::fetch(std::size_t number, Range range) const {
  const std::uint64_t start = frames_[range.first].offset;
  const Frame& last = frames_[range.end - 1];
  const Bytes packed = store_->fetch(
      descriptor_, start, static_cast<std::size_t>(last.offset + last.packed_size - start));
  FrameStore::Frames wanted;
  for (std::size_t i = range.end; i-- > range.first;) {
    const Frame& frame = frames_[i];
    const ByteView bytes =
        ByteView(packed).subspan(static_cast<std::size_t>(frame.offset - start), frame.packed_size);
    const FrameStore::Frames plain = unpack(i, bytes);
    store_->cache().insert(digests_[i], bytes);
    if (i == number) {
      wanted = plain;
    }
    if (i != number && has_groups_) {
      store_->insert_if_room(key_of(i), plain);
    } else {
      store_->insert(key_of(i), plain);
    }
  }
  return wanted;
}

FrameStore::Frames RemoteRegion::unpack(std::size_t number, ByteView packed) const {
  auto plain = std::make_shared<Bytes>(frames_[number].plain_size);
  unpack_frame(packed, blob_.form, digests_[number], *plain,
               fmt::format("{}@{}", store_->subject(), blob_.digest.text()));
  if (number == 0 &&
      !equal(ByteView(*plain).first(std::min(plain->size(), blob_.header.size())), blob_.header)) {
    throw Error(ErrorCode::kCorrupt, blob_.name, "begins with other bytes than stated");
  }
  return plain;
}

}  // namespace cim::oci
