// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/callbacks.h"

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

namespace cim::mount {
namespace {

// An image never changes, so what the kernel knows stays true: ten years.
constexpr double kForEver = 10.0 * 365 * 24 * 3600;

// The longest target that readlink(2) can give.
constexpr std::size_t kMaxTarget = 4095;

// The kernel asks for so much at a time where it sees a file read in order. Its next request then
// comes when this one is answered: the disk had better be at work meanwhile.
constexpr std::size_t kReadInOrder = std::size_t{128} << 10;
constexpr std::uint64_t kReadAhead = std::uint64_t{2} << 20;

char* as_chars(std::span<std::byte> bytes) {
  return reinterpret_cast<char*>(bytes.data());
}

/// Here exceptions stop: every callback runs in it, and what it throws becomes the answer. An
/// action answers as its last step.
template <typename Action>
void answer(fuse_req_t request, Action&& action) noexcept {
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
  // So many readaheads may be under way, and at so many the kernel starts to hold back.
  constexpr unsigned kBackgroundRequests = 64;
  constexpr unsigned kCongestion = 48;
  connection->want = connection->capable & kWanted;
  connection->max_background = kBackgroundRequests;
  connection->congestion_threshold = kCongestion;
  auto& kernel = static_cast<FileSystem*>(user_data)->kernel();
  kernel.needs_no_open = (connection->capable & FUSE_CAP_NO_OPEN_SUPPORT) != 0;
  kernel.needs_no_opendir = (connection->capable & FUSE_CAP_NO_OPENDIR_SUPPORT) != 0;
}

fuse_entry_param entry_of(const FileSystem& files, Node node) {
  fuse_entry_param entry{};
  entry.attr = files.stat_of(node);
  entry.ino = entry.attr.st_ino;
  entry.generation = 1;
  entry.attr_timeout = kForEver;
  entry.entry_timeout = kForEver;
  return entry;
}

/// "NAME:STREAM", where such paths are wanted; ":$DATA" may stand behind.
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

std::optional<Node> find_node(const FileSystem& files, fuse_ino_t parent, std::string_view name) {
  const FileId directory = files.view().node_of(parent).file;
  const auto utf16 = to_utf16(name);
  if (!utf16) {
    return std::nullopt;
  }
  if (const auto file = files.image().find_child(directory, *utf16, files.name_match())) {
    if (*file == files.image().root()) {
      // The kernel would refuse it too, but say nothing.
      throw Error(ErrorCode::kCorrupt, files.image().path().string(),
                  fmt::format("'{}' in directory {} leads to the root", name, directory));
    }
    return Node{*file};
  }
  return find_stream_path(files, directory, *utf16);
}

void on_lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  answer(request, [&](const FileSystem& files) {
    const auto node = find_node(files, parent, name);
    fuse_entry_param entry{};
    if (node) {
      entry = entry_of(files, *node);
    } else {
      entry.entry_timeout = kForEver;  // inode 0: the kernel may remember that it isn't there
    }
    fuse_reply_entry(request, &entry);
  });
}

void on_forget(fuse_req_t request, fuse_ino_t /*inode*/, std::uint64_t /*count*/) {
  fuse_reply_none(request);
}

void on_forget_multi(fuse_req_t request, std::size_t /*count*/, fuse_forget_data* /*forgets*/) {
  fuse_reply_none(request);
}

void on_getattr(fuse_req_t request, fuse_ino_t inode, fuse_file_info* /*info*/) {
  answer(request, [&](const FileSystem& files) {
    const struct stat status = files.stat_of(files.view().node_of(inode));
    fuse_reply_attr(request, &status, kForEver);
  });
}

void on_readlink(fuse_req_t request, fuse_ino_t inode) {
  answer(request, [&](const FileSystem& files) {
    const std::string target = files.view().link_target(files.view().node_of(inode).file);
    if (target.size() > kMaxTarget) {
      fuse_reply_err(request, ENAMETOOLONG);
    } else {
      fuse_reply_readlink(request, target.c_str());
    }
  });
}

// A handle would have nothing to hold, so that the kernel is told not to ask for one: it saves two
// of three requests for a small file. Old kernels want an answer.
void on_open(fuse_req_t request, fuse_ino_t /*inode*/, fuse_file_info* info) {
  answer(request, [&](FileSystem& files) {
    if (files.kernel().needs_no_open) {
      fuse_reply_err(request, ENOSYS);
      return;
    }
    info->keep_cache = 1;
    info->noflush = 1;
    fuse_reply_open(request, info);
  });
}

void on_opendir(fuse_req_t request, fuse_ino_t /*inode*/, fuse_file_info* info) {
  answer(request, [&](FileSystem& files) {
    if (files.kernel().needs_no_opendir) {
      fuse_reply_err(request, ENOSYS);
      return;
    }
    info->keep_cache = 1;
    info->cache_readdir = 1;
    fuse_reply_open(request, info);
  });
}

/// The stream that this thread read last, as the next read is likely to go on in it. A thread
/// serves one mount only.
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
  answer(request, [&](FileSystem& files) {
    const AnswerBuffers::Lease lease(files.buffers(), size);
    const std::span<std::byte> buffer = lease.bytes();
    const Stream& stream = stream_of(files, inode);
    if (size >= kReadInOrder) {
      stream.start_reading(static_cast<std::uint64_t>(offset) + size, kReadAhead);
    }
    const std::size_t read = stream.read(static_cast<std::uint64_t>(offset), buffer);
    files.regions().require_unchanged(stream, static_cast<std::uint64_t>(offset), read);
    fuse_reply_buf(request, as_chars(buffer), read);
  });
}

void on_lseek(fuse_req_t request, fuse_ino_t inode, off_t offset, int whence,
              fuse_file_info* /*info*/) {
  answer(request, [&](const FileSystem& files) {
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

/// One entry of a directory as readdir gives it.
struct Listed {
  const char* name;
  Node node;
  off_t next;  ///< where to go on behind it
};

/// "." and "..", then the names of the image; nothing behind the last.
std::optional<Listed> listed_at(const FileSystem& files, const Listing& listing, FileId directory,
                                std::size_t index) {
  constexpr std::size_t kDots = 2;
  const auto next = static_cast<off_t>(index + 1);
  if (index == 0) {
    return Listed{".", {directory}, next};
  }
  if (index == 1) {
    const FileId parent = files.image().info(directory).parent;
    return Listed{"..", {parent == 0 ? directory : parent}, next};
  }
  if (index - kDots >= listing.size()) {
    return std::nullopt;
  }
  const Listing::Entry entry = listing[index - kDots];
  return Listed{entry.name, {entry.file}, next};
}

/// `add` puts an entry into the rest of the buffer and returns the size that it takes; one that
/// does not fit has only its size returned.
template <typename Add>
void list_directory(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset, Add add) {
  answer(request, [&](FileSystem& files) {
    const FileId directory = files.view().node_of(inode).file;
    const auto listing = files.listings().get(directory);
    const AnswerBuffers::Lease lease(files.buffers(), size);
    const std::span<std::byte> buffer = lease.bytes();
    std::size_t used = 0;
    auto index = static_cast<std::size_t>(offset);
    while (const auto listed = listed_at(files, *listing, directory, index)) {
      const std::size_t needed = add(files, buffer.subspan(used), *listed);
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

/// Number and type of an entry. One that can't be read is listed all the same, of unknown type.
struct stat brief_stat(FileSystem& files, Node node) {
  struct stat status {};
  status.st_ino = files.view().inode_of(node);
  try {
    status.st_mode = mode_of(files.image().info(node.file));
  } catch (const Error&) {
    files.errno_of_exception();
  }
  return status;
}

void on_readdir(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset,
                fuse_file_info* /*info*/) {
  list_directory(request, inode, size, offset,
                 [&](FileSystem& files, std::span<std::byte> into, const Listed& listed) {
                   const struct stat status = brief_stat(files, listed.node);
                   return fuse_add_direntry(request, as_chars(into), into.size(), listed.name,
                                            &status, listed.next);
                 });
}

fuse_entry_param full_entry(FileSystem& files, Node node) {
  try {
    return entry_of(files, node);
  } catch (const Error&) {
    files.errno_of_exception();
  }
  fuse_entry_param entry{};  // inode 0: listed, but the kernel has to look it up itself
  entry.attr.st_ino = files.view().inode_of(node);
  return entry;
}

void on_readdirplus(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset,
                    fuse_file_info* /*info*/) {
  list_directory(request, inode, size, offset,
                 [&](FileSystem& files, std::span<std::byte> into, const Listed& listed) {
                   const fuse_entry_param entry = full_entry(files, listed.node);
                   return fuse_add_direntry_plus(request, as_chars(into), into.size(), listed.name,
                                                 &entry, listed.next);
                 });
}

void on_statfs(fuse_req_t request, fuse_ino_t /*inode*/) {
  answer(request, [&](const FileSystem& files) {
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
  answer(request, [&](const FileSystem& files) {
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
  answer(request, [&](const FileSystem& files) {
    const Node node = files.view().node_of(inode);
    std::string list;
    if (node.stream == 0) {
      for (const std::string& name : xattr_names(files.image(), node.file, files.stream_xattrs())) {
        list += name;
        list += '\0';
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

}  // namespace cim::mount
