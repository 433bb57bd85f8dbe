// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/builder.h"

#include <algorithm>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "image/read/directory_visits.h"
#include "mount/base/posix_view.h"
#include "mount/erofs/disk_structs.h"
#include "mount/erofs/file_map.h"
#include "mount/erofs/inode_writer.h"
#include "mount/erofs/metadata_file.h"
#include "mount/erofs/xattrs.h"

// A directory gets its place before its children have theirs, because both the entry for it in its
// parent and ".." in its children need its number; its size follows from its names. Its entries are
// written when all of its children have places. Directories that have a place but no entries yet
// are on a stack, so that deep trees need no recursion. Their names are kept, up to a limit for all
// stacked directories; beyond it they are read from the image again.

namespace cim::mount::erofs {
namespace {

// Sixteen times the size of the largest known image; each file takes eight bytes of memory.
constexpr std::size_t kMaxFiles = std::size_t{1} << 24;

// The longest path used to test the mount.
constexpr std::size_t kMaxProbe = 2048;

// How many names of stacked directories are kept, each some tens of bytes.
constexpr std::size_t kMostKeptNames = std::size_t{100} * 1000;

// Shared attributes are addressed by a 32-bit count of words.
constexpr std::uint64_t kMaxSize = std::uint64_t{16} << 30;

/// Limits the cost of an image: copies of small files with many names, indexes of crafted
/// executables.
std::uint64_t size_limit(const Image& image) {
  constexpr std::uint64_t kAlways = std::uint64_t{64} << 20;
  constexpr std::uint64_t kTimes = 4;
  constexpr std::uint64_t kStatBlock = 512;
  std::uint64_t allocated = 0;
  for (std::uint32_t i = 0; i < image.regions().size(); ++i) {
    struct stat status {};
    if (image.regions()[i].is_usable && ::fstat(image.region_descriptor(i), &status) == 0) {
      allocated += static_cast<std::uint64_t>(status.st_blocks) * kStatBlock;
    }
  }
  return std::min(kAlways + kTimes * allocated, kMaxSize);
}

/// A name as stored in a directory.
struct Name {
  std::string text;
  FileId file = 0;
};

// One build of a metadata image, in the order described above.
class Builder {
 public:
  Builder(const Image& image, const PosixOptions& posix_options, File& into, unsigned block_bits,
          std::stop_token stop)
      : view_(image),
        posix_options_(posix_options),
        into_(into),
        stop_(std::move(stop)),
        visits_(view_.image(), stop_),
        devices_(image, block_bits),
        file_(into, block_bits, size_limit(image)),
        shared_(file_),
        writer_(devices_, file_) {
    if (image.max_file_id() > kMaxFiles) {
      throw Error(ErrorCode::kLimit, image.path().string(),
                  fmt::format("more than {} files", kMaxFiles));
    }
    places_.resize(std::size_t{image.max_file_id()} + 1);
  }

  BuildResult run(const Guid& uuid) {
    view_.count_links(stop_);
    file_.reserve(kDeviceTableOffset + devices_.count() * sizeof(DiskDevice));
    directories_.push_back({.file = image().root(), .links = view_.place_of_root()});
    place_directory(0);
    while (!pending_.empty()) {
      Pending pending = std::move(pending_.back());
      pending_.pop_back();
      kept_names_ -= pending.names.size();
      write_directory(std::move(pending));
    }
    finish(uuid);
    return {.omissions = std::move(omissions_), .probe = std::move(probe_)};
  }

 private:
  /// A directory that was found; an element of directories_.
  struct Directory {
    std::size_t parent = 0;  // index; the root is its own parent
    std::string name{};
    FileId file = 0;
    LinkPlace links{};  // for links in it
  };
  /// A directory that has a place but whose children have none yet.
  struct Pending {
    std::size_t directory;
    Placement place;
    std::vector<Name> names;  // empty if they were not kept
  };

  const Image& image() const { return view_.image(); }

  // Directories are given by their index in directories_.
  std::string path_of(std::size_t directory, const std::string& name) const;
  /// Returns the names to store; passes those that are too long to `leave_out`.
  template <typename LeaveOut>
  std::vector<Name> names_of(std::size_t directory, LeaveOut leave_out) const;
  InodeContent facts_of(const FileInfo& info, const std::optional<std::string>& link,
                        std::size_t directory, const std::string& name);
  /// Writes the inode of a directory and puts it on the stack.
  void place_directory(std::size_t directory);
  /// Writes the inode of a file with its data or the indexes of its chunks.
  void place_file(const FileInfo& info, std::size_t directory, const std::string& name);
  DirectoryChild place_link(const FileInfo& info, const std::string& target, std::size_t directory,
                            const std::string& name);
  /// Returns the entry for a name, after writing its inode if this is the first name of the file.
  DirectoryChild place_child(const Name& name, std::size_t directory);
  std::optional<std::string> link_target(const FileInfo& info, std::size_t directory,
                                         const std::string& name);
  /// Places the children of a directory that has been taken from the stack, and writes its entries.
  void write_directory(Pending pending);
  /// Writes the superblock, without which the file is not an EROFS image.
  void finish(const Guid& uuid);

  DirectoryChild child_of(const Name& name) const {
    const std::uint64_t place = places_[name.file];
    return {name.text, place >> kTypeBits, static_cast<EntryType>(place & kTypeMask)};
  }
  void set_place(FileId file, std::uint64_t inode, EntryType type) {
    places_[file] = inode / kInodeUnit << kTypeBits | static_cast<std::uint64_t>(type);
    ++inodes_;
  }

  // An element of places_ is the nid of a file, shifted by kTypeBits, with its type in the low
  // bits.
  static constexpr unsigned kTypeBits = 3;
  static constexpr std::uint64_t kTypeMask = (1U << kTypeBits) - 1;

  PosixView view_;
  PosixOptions posix_options_;
  File& into_;
  std::stop_token stop_;
  DirectoryVisits visits_;
  Devices devices_;
  MetadataFile file_;
  SharedXattrs shared_;
  InodeWriter writer_;
  Omissions omissions_;
  Probe probe_;
  std::vector<std::uint64_t> places_;   // by file: nid and type combined; 0 if not placed yet
  std::vector<Directory> directories_;  // those that have places, parents first
  std::vector<Pending> pending_;
  std::size_t kept_names_ = 0;  // in pending_
  std::uint64_t inodes_ = 0;
};

/// Returns the path from the root of the mount.
std::string Builder::path_of(std::size_t directory, const std::string& name) const {
  std::vector<const std::string*> names = {&name};
  for (; directory != 0; directory = directories_[directory].parent) {
    names.push_back(&directories_[directory].name);
  }
  std::string path;
  for (auto part = names.rbegin(); part != names.rend(); ++part) {
    path += (path.empty() ? "" : "/") + **part;
  }
  return path;
}

/// Returns the names that EROFS can store, with "." and "..", in its order: by their bytes, which
/// the kernel's binary search relies on. Two names of an image may have the same bytes only if it
/// is damaged.
template <typename LeaveOut>
std::vector<Name> Builder::names_of(std::size_t directory, LeaveOut leave_out) const {
  const FileId file = directories_[directory].file;
  std::vector<Name> names = {{".", file},
                             {"..", directories_[directories_[directory].parent].file}};
  for (const DirectoryEntry& entry : image().list(file)) {
    std::string text = to_wtf8(entry.name);
    if (text.size() <= kMaxName) {
      names.push_back({std::move(text), entry.id});
    } else {
      leave_out(text);
    }
  }
  std::ranges::sort(names, {}, &Name::text);
  const auto twice = std::ranges::adjacent_find(names, {}, &Name::text);
  if (twice != names.end()) {
    throw Error(ErrorCode::kCorrupt, image().path().string(),
                fmt::format("directory {} contains the name '{}' twice", file, twice->text));
  }
  return names;
}

// POSIX has no permissions of links, so the umask does not apply to them.
InodeContent Builder::facts_of(const FileInfo& info, const std::optional<std::string>& link,
                               std::size_t directory, const std::string& name) {
  InodeContent facts;
  facts.attributes = view_.attributes({info.id}, info, link);
  auto& mode = facts.attributes.mode;
  if (!S_ISLNK(mode)) {
    mode &= ~posix_options_.umask;
  }
  if (info.id == image().root() && posix_options_.is_root_private) {
    mode &= ~std::uint32_t{S_IRWXG | S_IRWXO};
  }
  facts.user = posix_options_.user;
  facts.group = posix_options_.group;
  facts.xattrs =
      xattrs_of_file(image(), info, link.has_value(), posix_options_.streams, shared_, omissions_,
                     visits_.budget(), [&] { return path_of(directory, name); });
  return facts;
}

/// The size of a directory is known from its names, so it can be placed next to its siblings.
void Builder::place_directory(std::size_t directory) {
  const auto& [parent, name, file, links] = directories_[directory];
  DirectoryMeasure measure(file_.block_size());
  visits_.table(file);  // once, as it counts
  std::vector<Name> names = names_of(directory, [&](const std::string& text) {
    omissions_.add(OmissionKind::kLongNames, [&] { return path_of(directory, text); });
  });
  for (const Name& child : names) {
    measure.add(child.text.size());
  }
  const Placement place =
      writer_.place(facts_of(image().info(file), std::nullopt, parent, name), measure.size());
  set_place(file, place.inode, EntryType::kDirectory);
  if (kept_names_ + names.size() > kMostKeptNames) {
    names.clear();
  }
  kept_names_ += names.size();
  pending_.push_back({directory, place, std::move(names)});
}

/// The target of a link depends on its directory, so each of its names has its own inode.
DirectoryChild Builder::place_link(const FileInfo& info, const std::string& target,
                                   std::size_t directory, const std::string& name) {
  InodeContent facts = facts_of(info, target, directory, name);
  facts.attributes.link_count = 1;
  const Placement place = writer_.place(facts, target.size());
  writer_.write_content(place, 0, as_bytes(target));
  ++inodes_;
  return {name, place.inode / kInodeUnit, EntryType::kLink};
}

// The first file whose data is read from a region becomes the probe of the mount.
void Builder::place_file(const FileInfo& info, std::size_t directory, const std::string& name) {
  const InodeContent facts = facts_of(info, std::nullopt, directory, name);
  const Stream stream = image().open(info.id);
  visits_.budget().take_map_of(stream);
  bool is_mapped = false;
  set_place(info.id, writer_.write_file(facts, stream, image().path().string(), is_mapped),
            EntryType::kFile);
  if (is_mapped && probe_.path.empty()) {
    const std::string path = path_of(directory, name);
    if (path.size() <= kMaxProbe) {
      probe_ = {.path = path, .file = info.id};
    }
  }
}

/// Returns nullopt for what appears as a file or directory.
std::optional<std::string> Builder::link_target(const FileInfo& info, std::size_t directory,
                                                const std::string& name) {
  if (!may_be_link(info)) {
    return std::nullopt;
  }
  LinkTarget target = view_.link_target(info, directories_[directory].links);
  if (target.obstacle.empty()) {
    return std::move(target.text);
  }
  if (places_[info.id] == 0) {
    omissions_.add(OmissionKind::kLinks, [&] { return path_of(directory, name); });
  }
  return std::nullopt;
}

DirectoryChild Builder::place_child(const Name& name, std::size_t directory) {
  const FileInfo info = image().info(name.file);  // throws for an id that places_ does not have
  if (const auto target = link_target(info, directory, name.text)) {
    return place_link(info, *target, directory, name.text);
  }
  if (places_[name.file] == 0) {
    if (info.is_directory()) {
      directories_.push_back({.parent = directory,
                              .name = name.text,
                              .file = name.file,
                              .links = view_.place_in(directories_[directory].links, name.file)});
      place_directory(directories_.size() - 1);
    } else {
      place_file(info, directory, name.text);
    }
  } else if (info.is_directory()) {
    throw Error(ErrorCode::kCorrupt, image().path().string(),
                fmt::format("directory {} has a second name, {}", name.file, name.text));
  }
  return child_of(name);
}

void Builder::write_directory(Pending pending) {
  const auto names = pending.names.empty() ? names_of(pending.directory, [](const std::string&) {})
                                           : std::move(pending.names);
  std::vector<DirectoryChild> children;
  children.reserve(names.size());
  std::uint32_t directories = 0;  // "." and ".." are two
  for (const Name& name : names) {
    visits_.stop_if_asked();
    const bool is_dots = name.text == "." || name.text == "..";
    children.push_back(is_dots ? child_of(name) : place_child(name, pending.directory));
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
  // The checksum covers the bytes from the start of the superblock to the end of its block.
  Bytes covered(static_cast<std::size_t>(
      block_size > kSuperblockOffset ? block_size - kSuperblockOffset : block_size));
  into_.read_at(kSuperblockOffset, covered);
  superblock.checksum = checksum(covered);
  into_.write_at(kSuperblockOffset, std::as_bytes(std::span(&superblock, 1)));
}

}  // namespace

BuildResult build(const Image& image, const PosixOptions& posix_options, const Guid& uuid,
                  File& into, unsigned block_bits, const std::stop_token& stop) {
  return Builder(image, posix_options, into, block_bits, stop).run(uuid);
}

}  // namespace cim::mount::erofs
