// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fuse_lowlevel.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "base/utf16.h"
#include "mount/fuse/file_system.h"

namespace cim::mount::fuse {
namespace {

// An image never changes, so what the kernel caches remains valid: for ten years.
constexpr double kTenYears = 10.0 * 365 * 24 * 3600;

// The kernel requests this much at a time when a file is read sequentially. It sends the next
// request only after the reply to this one, so the disk should already be reading ahead.
constexpr std::size_t kReadInOrder = std::size_t{128} << 10;
constexpr std::uint64_t kReadAhead = std::uint64_t{2} << 20;

char* as_chars(std::span<std::byte> bytes) {
  return reinterpret_cast<char*>(bytes.data());
}

/// Runs a callback. The reply to the request is the last step of `action`, or the errno of the
/// exception that it throws.
template <typename Action>
void handle(fuse_req_t request, Action&& action) noexcept {
  auto& files = *static_cast<FileSystem*>(fuse_req_userdata(request));
  try {
    action(files);
  } catch (...) {
    fuse_reply_err(request, files.errno_of_exception());
  }
}

void on_init(void* user_data, fuse_conn_info* connection) {
  constexpr unsigned kWanted = FUSE_CAP_ASYNC_READ | FUSE_CAP_ASYNC_DIO | FUSE_CAP_PARALLEL_DIROPS |
                               FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO |
                               FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_NO_OPEN_SUPPORT |
                               FUSE_CAP_NO_OPENDIR_SUPPORT;
  // The number of concurrent readaheads, at which the kernel also starts to throttle.
  constexpr unsigned kBackgroundRequests = 64;
  constexpr unsigned kCongestion = 48;
  connection->want = connection->capable & kWanted;
  connection->max_background = kBackgroundRequests;
  connection->congestion_threshold = kCongestion;
  auto& kernel = static_cast<FileSystem*>(user_data)->kernel();
  kernel.needs_no_open = (connection->capable & FUSE_CAP_NO_OPEN_SUPPORT) != 0;
  kernel.needs_no_opendir = (connection->capable & FUSE_CAP_NO_OPENDIR_SUPPORT) != 0;
}

/// How long the kernel may cache attributes: indefinitely once the links are counted, and not at
/// all before.
double attribute_timeout(const FileSystem& files) {
  return files.view().has_counted_links() ? kTenYears : 0;
}

fuse_entry_param entry_of(FileSystem& files, const FileSystem::Found& found) {
  fuse_entry_param entry{};
  entry.attr_timeout = attribute_timeout(files);
  entry.attr = files.stat_of(found.node, found.info);
  entry.ino = entry.attr.st_ino;
  entry.generation = 1;
  entry.entry_timeout = kTenYears;
  return entry;
}

/// Finds "NAME:STREAM", with an optional ":$DATA", if such paths are enabled.
std::optional<Node> find_stream_path(const FileSystem& files, FileId directory,
                                     std::u16string_view name) {
  constexpr std::u16string_view kDataType = u":$DATA";
  const std::size_t colon = name.find(u':');
  if (!files.has_stream_paths() || colon == std::u16string_view::npos) {
    return std::nullopt;
  }
  const auto file = files.image().find_child(directory, name.substr(0, colon), files.name_match());
  std::u16string_view stream = name.substr(colon + 1);
  if (stream.ends_with(kDataType)) {
    stream.remove_suffix(kDataType.size());
  }
  return file ? files.view().find_stream(*file, stream) : std::nullopt;
}

std::optional<FileSystem::Found> find_name(FileSystem& files, fuse_ino_t parent,
                                           std::string_view name) {
  const FileId directory = files.view().node_of(parent).file;
  const auto utf16 = to_utf16(name);
  if (!utf16) {
    return std::nullopt;
  }
  if (const auto file = files.image().find_child(directory, *utf16, files.name_match())) {
    if (*file == files.image().root()) {
      // The kernel would reject it too, but without a message.
      throw Error(ErrorCode::kCorrupt, files.image().path().string(),
                  fmt::format("'{}' in directory {} leads to the root", name, directory));
    }
    return files.find_in(directory, *file);
  }
  if (const auto node = find_stream_path(files, directory, *utf16)) {
    return FileSystem::Found{*node, files.image().info(node->file)};
  }
  return std::nullopt;
}

void on_lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  handle(request, [&](FileSystem& files) {
    const auto found = find_name(files, parent, name);
    fuse_entry_param entry{};
    if (found) {
      entry = entry_of(files, *found);
    } else {
      entry.entry_timeout = kTenYears;  // inode 0: the kernel may cache that it does not exist
    }
    fuse_reply_entry(request, &entry);
  });
}

// Inode numbers follow from the image, so nothing is kept for them that could be released.
void on_forget(fuse_req_t request, fuse_ino_t /*inode*/, std::uint64_t /*count*/) {
  fuse_reply_none(request);
}

void on_forget_multi(fuse_req_t request, std::size_t /*count*/, fuse_forget_data* /*forgets*/) {
  fuse_reply_none(request);
}

void on_getattr(fuse_req_t request, fuse_ino_t inode, fuse_file_info* /*info*/) {
  handle(request, [&](FileSystem& files) {
    const double timeout = attribute_timeout(files);
    const Node node = files.view().node_of(inode);
    const struct stat status = files.stat_of(node, files.image().info(node.file));
    fuse_reply_attr(request, &status, timeout);
  });
}

void on_readlink(fuse_req_t request, fuse_ino_t inode) {
  handle(request, [&](FileSystem& files) {
    const Node node = files.view().node_of(inode);
    const auto target = files.link_target(node, files.image().info(node.file));
    if (target) {
      fuse_reply_readlink(request, target->c_str());
    } else {
      fuse_reply_err(request, EINVAL);
    }
  });
}

// A handle would hold nothing, so the reply asks the kernel not to open files: that saves two of
// three requests for a small file. Old kernels need a handle.
void on_open(fuse_req_t request, fuse_ino_t /*inode*/, fuse_file_info* info) {
  handle(request, [&](FileSystem& files) {
    if (files.kernel().needs_no_open) {
      fuse_reply_err(request, ENOSYS);
      return;
    }
    info->keep_cache = 1;
    info->noflush = 1;
    fuse_reply_open(request, info);
  });
}

// As in on_open(), ENOSYS makes the kernel omit this request from now on.
void on_opendir(fuse_req_t request, fuse_ino_t /*inode*/, fuse_file_info* info) {
  handle(request, [&](FileSystem& files) {
    if (files.kernel().needs_no_opendir) {
      fuse_reply_err(request, ENOSYS);
      return;
    }
    info->keep_cache = 1;
    info->cache_readdir = 1;
    fuse_reply_open(request, info);
  });
}

/// Returns the stream that this thread read last, since the next read probably continues in it. A
/// thread serves only one mount.
const Stream& stream_of(const FileSystem& files, fuse_ino_t inode) {
  thread_local fuse_ino_t last_inode = 0;
  thread_local std::optional<Stream> last;
  if (!last || last_inode != inode) {
    last.emplace(files.view().open(files.view().node_of(inode)));
    last_inode = inode;
  }
  return *last;
}

void on_read(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset,
             fuse_file_info* /*info*/) {
  handle(request, [&](FileSystem& files) {
    const ReplyBuffers::Lease lease(files.buffers(), size);
    const std::span<std::byte> buffer = lease.bytes();
    const Stream& stream = stream_of(files, inode);
    if (size >= kReadInOrder) {
      stream.start_reading(static_cast<std::uint64_t>(offset) + size, kReadAhead);
    }
    const std::size_t read = stream.read(static_cast<std::uint64_t>(offset), buffer);
    files.require_unchanged(stream, static_cast<std::uint64_t>(offset), read);
    fuse_reply_buf(request, as_chars(buffer), read);
  });
}

// A file ends with a hole that has no extent, so SEEK_HOLE finds its end if nothing else.
void on_lseek(fuse_req_t request, fuse_ino_t inode, off_t offset, int whence,
              fuse_file_info* /*info*/) {
  handle(request, [&](const FileSystem& files) {
    const Stream& stream = stream_of(files, inode);
    const auto size = static_cast<off_t>(stream.size());
    off_t found = whence == SEEK_HOLE ? size : -1;
    for (const Extent& extent : stream.extents()) {
      const auto start = static_cast<off_t>(extent.stream_offset);
      const auto end = start + static_cast<off_t>(extent.size);
      const bool is_hole = extent.region_offset == 0;
      if (offset < end && is_hole == (whence == SEEK_HOLE)) {
        found = std::max(start, offset);
        break;
      }
    }
    if (offset < 0 || offset >= size || found < 0) {
      fuse_reply_err(request, ENXIO);
    } else {
      fuse_reply_lseek(request, found);
    }
  });
}

/// One entry of a directory as readdir() returns it.
struct Listed {
  const char* name;
  FileId file;
  off_t next;  ///< where to continue after it
};

/// Returns ".", "..", then the names of the image; nullopt after the last.
std::optional<Listed> listed_at(const FileSystem& files, const Listing& listing, FileId directory,
                                std::size_t index) {
  constexpr std::size_t kDots = 2;
  const auto next = static_cast<off_t>(index + 1);
  if (index == 0) {
    return Listed{".", directory, next};
  }
  if (index == 1) {
    return Listed{"..", files.parent_of(directory), next};
  }
  if (index - kDots >= listing.size()) {
    return std::nullopt;
  }
  const Listing::Entry entry = listing[index - kDots];
  return Listed{entry.name, entry.file, next};
}

/// `add` appends a directory entry to the rest of the buffer and returns the size it needs; if it
/// does not fit, only the size is returned.
template <typename Add>
void list_directory(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset, Add add) {
  handle(request, [&](FileSystem& files) {
    const FileId directory = files.view().node_of(inode).file;
    const auto listing = files.listings().get(directory);
    const ReplyBuffers::Lease lease(files.buffers(), size);
    const std::span<std::byte> buffer = lease.bytes();
    std::size_t used = 0;
    auto index = static_cast<std::size_t>(offset);
    while (const auto listed = listed_at(files, *listing, directory, index)) {
      const std::size_t needed = add(files, buffer.subspan(used), directory, *listed);
      if (needed > size - used) {
        break;
      }
      used += needed;
      ++index;
    }
    if (used == 0) {
      files.listings().drop(directory);
    }
    fuse_reply_buf(request, as_chars(buffer), used);
  });
}

/// Returns the attributes of "." or "..", of which the kernel uses only the type and the number.
struct stat stat_of_dots(const FileSystem& files, FileId directory) {
  struct stat status {};
  status.st_ino = files.view().inode_of({directory});
  status.st_mode = S_IFDIR;
  return status;
}

bool is_dots(const Listed& listed) {
  constexpr off_t kLastDots = 2;
  return listed.next <= kLastDots;
}

/// Returns the number and type of an entry. An entry that cannot be read is still listed, with
/// unknown type.
struct stat brief_stat(FileSystem& files, FileId directory, const Listed& listed) {
  if (is_dots(listed)) {
    return stat_of_dots(files, listed.file);
  }
  struct stat status {};
  status.st_ino = files.view().inode_of({listed.file});
  try {
    const auto [node, info] = files.find_in(directory, listed.file);
    status.st_ino = files.view().inode_of(node);
    status.st_mode = files.link_target(node, info) ? S_IFLNK : mode_of(info);
  } catch (const Error&) {
    files.errno_of_exception();
  }
  return status;
}

void on_readdir(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset,
                fuse_file_info* /*info*/) {
  list_directory(
      request, inode, size, offset,
      [&](FileSystem& files, std::span<std::byte> into, FileId directory, const Listed& listed) {
        const struct stat status = brief_stat(files, directory, listed);
        return fuse_add_direntry(request, as_chars(into), into.size(), listed.name, &status,
                                 listed.next);
      });
}

fuse_entry_param full_entry(FileSystem& files, FileId directory, const Listed& listed) {
  fuse_entry_param entry{};  // inode 0: listed, but the kernel has to look it up itself
  entry.attr.st_ino = files.view().inode_of({listed.file});
  if (is_dots(listed)) {
    entry.attr = stat_of_dots(files, listed.file);
    return entry;
  }
  try {
    return entry_of(files, files.find_in(directory, listed.file));
  } catch (const Error&) {
    files.errno_of_exception();
  }
  return entry;
}

void on_readdirplus(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset,
                    fuse_file_info* /*info*/) {
  list_directory(
      request, inode, size, offset,
      [&](FileSystem& files, std::span<std::byte> into, FileId directory, const Listed& listed) {
        const fuse_entry_param entry = full_entry(files, directory, listed);
        return fuse_add_direntry_plus(request, as_chars(into), into.size(), listed.name, &entry,
                                      listed.next);
      });
}

void on_statfs(fuse_req_t request, fuse_ino_t /*inode*/) {
  handle(request, [&](const FileSystem& files) {
    const struct statvfs statistics = files.statistics();
    fuse_reply_statfs(request, &statistics);
  });
}

/// Size 0 asks for the size alone.
void reply_xattr(fuse_req_t request, std::string_view value, std::size_t size) {
  if (size == 0) {
    fuse_reply_xattr(request, value.size());
  } else if (value.size() > size) {
    fuse_reply_err(request, ERANGE);
  } else {
    fuse_reply_buf(request, value.data(), value.size());
  }
}

void on_getxattr(fuse_req_t request, fuse_ino_t inode, const char* name, std::size_t size) {
  handle(request, [&](const FileSystem& files) {
    const Node node = files.view().node_of(inode);
    const auto value = node.stream == 0
                           ? xattr_value(files.image(), node.file, name, files.stream_xattrs())
                           : std::nullopt;
    if (value) {
      reply_xattr(request, as_text(*value), size);
    } else {
      fuse_reply_err(request, ENODATA);
    }
  });
}

void on_listxattr(fuse_req_t request, fuse_ino_t inode, std::size_t size) {
  handle(request, [&](FileSystem& files) {
    const Node node = files.view().node_of(inode);
    std::string list;
    if (node.stream == 0) {
      const auto [names, hidden] = xattr_names(files.image(), node.file, files.stream_xattrs());
      for (const std::string& name : names) {
        list += name;
        list += '\0';
      }
      if (!hidden.empty()) {
        files.report(
            fmt::format("{}: file {} has {} streams whose names are not valid for extended "
                        "attributes here; the first is {}",
                        files.image().path().string(), node.file, hidden.size(), hidden.front()));
      }
    }
    reply_xattr(request, list, size);
  });
}

constexpr fuse_lowlevel_ops make_callbacks() {
  fuse_lowlevel_ops callbacks{};
  callbacks.init = on_init;
  callbacks.lookup = on_lookup;
  callbacks.forget = on_forget;
  callbacks.forget_multi = on_forget_multi;
  callbacks.getattr = on_getattr;
  callbacks.readlink = on_readlink;
  callbacks.open = on_open;
  callbacks.read = on_read;
  callbacks.lseek = on_lseek;
  callbacks.opendir = on_opendir;
  callbacks.readdir = on_readdir;
  callbacks.readdirplus = on_readdirplus;
  callbacks.statfs = on_statfs;
  callbacks.getxattr = on_getxattr;
  callbacks.listxattr = on_listxattr;
  return callbacks;
}

}  // namespace

const fuse_lowlevel_ops& callbacks() noexcept {
  static constexpr fuse_lowlevel_ops kCallbacks = make_callbacks();
  return kCallbacks;
}

}  // namespace cim::mount::fuse
