// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/builder.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "mount/erofs/directory_blocks.h"
#include "mount/erofs/file_map.h"
#include "mount/erofs/file_xattrs.h"
#include "mount/erofs/inode_writer.h"
#include "mount/erofs/metadata_file.h"
#include "mount/erofs/xattrs.h"
#include "mount/posix_view.h"

namespace cim::mount::erofs {
namespace {

// Sixteen times the largest image that is known; damaged ones can hold one table in many
// directories, so that the names have no end.
constexpr std::size_t kMaxNames = std::size_t{1} << 24;

// The longest target that readlink(2) can give.
constexpr std::size_t kMaxTarget = 4095;

// No longer path is tried.
constexpr std::size_t kMaxProbe = 2048;

// Shared attributes are found by 32 bits that count words.
constexpr std::uint64_t kMaxSize = std::uint64_t{16} << 30;

/// What an image may cost: copies of small files that many names share, indexes of crafted
/// executables.
std::uint64_t size_limit(const Image& image) {
  constexpr std::uint64_t kAlways = std::uint64_t{64} << 20;
  constexpr std::uint64_t kTimes = 4;
  constexpr std::uint64_t kStatBlock = 512;
  std::uint64_t allocated = 0;
  for (std::uint32_t i = 0; i < image.regions().size(); ++i) {
    struct stat status {};
    if (::fstat(image.region_descriptor(i), &status) == 0) {
      allocated += static_cast<std::uint64_t>(status.st_blocks) * kStatBlock;
    }
  }
  return std::min(kAlways + kTimes * allocated, kMaxSize);
}

/// A name as it will stand in a directory.
struct Name {
  std::string text;
  FileId file = 0;
};

class Builder {
 public:
  Builder(const Image& image, const Appearance& appearance, File& into, unsigned block_bits)
      : view_(image),
        appearance_(appearance),
        into_(into),
        devices_(image, block_bits),
        file_(into, block_bits, size_limit(image)),
        shared_(file_),
        writer_(devices_, file_) {
    if (image.max_file_id() > kMaxNames) {
      throw Error(ErrorCode::kLimit, image.path().string(),
                  fmt::format("more than {} files", kMaxNames));
    }
    places_.resize(std::size_t{image.max_file_id()} + 1);
  }

  BuildResult run(const Guid& uuid) {
    file_.reserve(kDeviceTableOffset + devices_.count() * sizeof(DiskDevice));
    place_directory(image().root(), image().root(), "");
    while (!pending_.empty()) {
      const Pending directory = pending_.back();
      pending_.pop_back();
      write_directory(directory);
    }
    finish(uuid);
    return {.losses = std::move(losses_), .probe = std::move(probe_)};
  }

 private:
  /// A directory that has a place, but not its children.
  struct Pending {
    FileId directory;
    FileId parent;
    Placement place;
  };

  const Image& image() const { return view_.image(); }

  std::vector<Name> names_of(FileId directory, FileId parent) const;
  void note_long_names(FileId directory);
  InodeFacts facts_of(FileId file, FileId directory, const std::string& name);
  void place_directory(FileId directory, FileId parent, const std::string& name);
  void place_file(FileId file, std::uint32_t mode, FileId directory, const std::string& name);
  void place_child(FileId file, FileId directory, const std::string& name);
  void write_directory(const Pending& pending);
  void finish(const Guid& uuid);

  DirectoryChild child_of(const Name& name) const {
    const std::uint64_t place = places_[name.file];
    return {name.text, place >> kTypeBits, static_cast<EntryType>(place & kTypeMask)};
  }
  void set_place(FileId file, std::uint64_t inode, EntryType type) {
    places_[file] = inode / kInodeUnit << kTypeBits | static_cast<std::uint64_t>(type);
    ++inodes_;
  }

  static constexpr unsigned kTypeBits = 3;
  static constexpr std::uint64_t kTypeMask = (1U << kTypeBits) - 1;

  PosixView view_;
  Appearance appearance_;
  File& into_;
  Devices devices_;
  MetadataFile file_;
  SharedXattrs shared_;
  InodeWriter writer_;
  Losses losses_;
  Probe probe_;
  std::vector<std::uint64_t> places_;  // of every file: nid and type together; 0 for none yet
  std::vector<Pending> pending_;
  std::size_t names_ = 0;
  std::uint64_t inodes_ = 0;
};

/// Those that EROFS can have, with "." and "..", in its order.
std::vector<Name> Builder::names_of(FileId directory, FileId parent) const {
  std::vector<Name> names = {{".", directory}, {"..", parent}};
  for (const DirectoryEntry& entry : image().list(directory)) {
    std::string text = to_wtf8(entry.name);
    if (!is_possible_name(entry.name)) {
      throw Error(ErrorCode::kCorrupt, image().path().string(),
                  fmt::format("directory {} has a name that can't be: '{}'", directory, text));
    }
    if (text.size() <= kMaxName) {
      names.push_back({std::move(text), entry.id});
    }
  }
  std::ranges::sort(names, {}, &Name::text);
  const auto twice = std::ranges::adjacent_find(names, {}, &Name::text);
  if (twice != names.end()) {
    throw Error(ErrorCode::kCorrupt, image().path().string(),
                fmt::format("directory {} has the name '{}' twice", directory, twice->text));
  }
  return names;
}

void Builder::note_long_names(FileId directory) {
  for (const DirectoryEntry& entry : image().list(directory)) {
    if (const std::string text = to_wtf8(entry.name); text.size() > kMaxName) {
      losses_.add(LossKind::kLongNames,
                  [&] { return path_of_directory(image(), directory) + text; });
    }
  }
}

InodeFacts Builder::facts_of(FileId file, FileId directory, const std::string& name) {
  InodeFacts facts;
  facts.attributes = view_.attributes({file});
  auto& mode = facts.attributes.mode;
  if (!S_ISLNK(mode)) {
    mode &= ~appearance_.umask;
  }
  if (file == image().root() && appearance_.is_root_private) {
    mode &= ~std::uint32_t{S_IRWXG | S_IRWXO};
  }
  facts.user = appearance_.user;
  facts.group = appearance_.group;
  facts.xattrs = xattrs_of_file(image(), image().info(file), appearance_.streams, shared_, losses_,
                                [&] { return path_of_directory(image(), directory) + name; });
  return facts;
}

/// Its size follows from its names, so that it can lie beside its sisters.
void Builder::place_directory(FileId directory, FileId parent, const std::string& name) {
  DirectoryMeasure measure(file_.block_size());
  for (const Name& child : names_of(directory, parent)) {
    measure.add(child.text.size());
  }
  const Placement place = writer_.place(facts_of(directory, parent, name), measure.size());
  set_place(directory, place.inode, EntryType::kDirectory);
  pending_.push_back({directory, parent, place});
}

void Builder::place_file(FileId file, std::uint32_t mode, FileId directory,
                         const std::string& name) {
  const InodeFacts facts = facts_of(file, directory, name);
  if (S_ISLNK(mode)) {
    const std::string target = view_.link_target(file);
    if (target.size() > kMaxTarget) {
      throw Error(ErrorCode::kLimit, image().path().string(),
                  fmt::format("link {} leads to {} bytes; Linux takes {}", file, target.size(),
                              kMaxTarget));
    }
    const Placement place = writer_.place(facts, target.size());
    writer_.write_content(place, 0, as_bytes(target));
    set_place(file, place.inode, EntryType::kLink);
    return;
  }
  bool is_mapped = false;
  set_place(file, writer_.write_file(facts, image().open(file), image().path().string(), is_mapped),
            EntryType::kFile);
  if (is_mapped && probe_.path.empty()) {
    const std::string path = path_of_directory(image(), directory) + name;
    if (path.size() <= kMaxProbe) {
      probe_ = {.path = path, .file = file};
    }
  }
}

void Builder::place_child(FileId file, FileId directory, const std::string& name) {
  const std::uint32_t mode = mode_of(image().info(file));  // throws for a number that can't be
  if (places_[file] == 0) {
    if (S_ISDIR(mode)) {
      place_directory(file, directory, name);
    } else {
      place_file(file, mode, directory, name);
    }
  } else if (S_ISDIR(mode)) {
    throw Error(ErrorCode::kCorrupt, image().path().string(),
                fmt::format("directory {} has a second name, {}", file, name));
  }
}

void Builder::write_directory(const Pending& pending) {
  note_long_names(pending.directory);
  const auto names = names_of(pending.directory, pending.parent);
  names_ += names.size();
  if (names_ > kMaxNames) {
    throw Error(ErrorCode::kLimit, image().path().string(),
                fmt::format("more than {} names", kMaxNames));
  }
  std::vector<DirectoryChild> children;
  children.reserve(names.size());
  std::uint32_t directories = 0;  // "." and ".." are two
  for (const Name& name : names) {
    if (name.text != "." && name.text != "..") {
      place_child(name.file, pending.directory, name.text);
    }
    children.push_back(child_of(name));
    directories += children.back().type == EntryType::kDirectory ? 1U : 0U;
  }
  writer_.write_content(pending.place, 0, encode_directory(children, file_.block_size()));
  writer_.set_link_count(pending.place, directories);
}

void Builder::finish(const Guid& uuid) {
  const std::uint64_t block_size = file_.block_size();
  DiskSuperblock superblock{};
  superblock.magic = kMagic;
  superblock.compatible_features = kHasChecksum;
  superblock.block_bits = static_cast<std::uint8_t>(file_.block_bits());
  superblock.root = static_cast<std::uint16_t>(child_of({"", image().root()}).nid);
  superblock.inode_count = inodes_;
  superblock.uuid = uuid.bytes;
  superblock.incompatible_features = kHasChunkedFiles;
  if (devices_.count() != 0) {
    superblock.incompatible_features = kHasChunkedFiles | kHasDeviceTable;
    superblock.device_count = static_cast<std::uint16_t>(devices_.count());
    superblock.device_table = static_cast<std::uint16_t>(kDeviceTableOffset / sizeof(DiskDevice));
  }
  superblock.blocks = file_.finish();
  Bytes head;
  append(head, superblock);
  append(head, devices_.encode(file_.block_bits()));
  into_.write_at(kSuperblockOffset, head);
  // The checksum covers what follows the superblock's start up to the end of a block.
  Bytes covered(static_cast<std::size_t>(
      block_size > kSuperblockOffset ? block_size - kSuperblockOffset : block_size));
  into_.read_at(kSuperblockOffset, covered);
  superblock.checksum = checksum(covered);
  into_.write_at(kSuperblockOffset, std::as_bytes(std::span(&superblock, 1)));
}

}  // namespace

BuildResult build(const Image& image, const Appearance& appearance, const Guid& uuid, File& into,
                  unsigned block_bits) {
  return Builder(image, appearance, into, block_bits).run(uuid);
}

}  // namespace cim::mount::erofs
