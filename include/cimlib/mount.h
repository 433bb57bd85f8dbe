// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Images as read-only file systems of the host, served through FUSE or by the kernel itself.
//
//   cim::mount::mount_in_background("layers/7.cim", "/mnt/seven");    // returns when the mount
//   works std::ifstream file("/mnt/seven/Files/Windows/win.ini");
//   cim::mount::unmount("/mnt/seven");
//
// What NTFS keeps and POSIX has no place for is there as extended attributes, under the names that
// users of ntfs-3g know: system.ntfs_acl (the security descriptor), system.ntfs_attrib,
// system.ntfs_times (creation, last write, last access, change), both also with _be behind the
// name, system.ntfs_reparse_data, system.ntfs_ea, and alternate streams as user.NAME. Symbolic
// links and mount points are symbolic links, which stay inside the mount; those that Linux cannot
// have show as files or directories. Streams whose attributes would be orders to Linux, as
// user.overlay.opaque would be, are hidden. Names are found without regard to case, unless asked
// otherwise. Directories and files have the mode 0755, less 0222 for what is marked read-only;
// every directory has one link, since nothing counts them.
//
// All of this is so through FUSE. Through EROFS the kernel serves the image by a small metadata
// image that points into the region files, without any process and much faster, but names are found
// by their exact bytes, and extended attributes are user.ntfs.acl, user.ntfs.attrib,
// user.ntfs.times, user.ntfs.reparse_data and user.ntfs.ea (of links, which Linux lets have none of
// those, trusted.ntfs.…); integers in them are little-endian. The last write is the only time
// outside them. Only root can mount so. What an image has and EROFS cannot show is told
// (Mounted::omissions). docs/mounts.md compares the two.
//
// What is mounted stands in the kernel's mount table and nowhere else, so every process sees the
// same, before and after a crash. Containers' mounts are in layer_mount.h.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/guid.h"
#include "cimlib/image.h"
#include "cimlib/progress.h"

namespace cim::mount {

/// How the alternate streams of a file can be reached.
enum class StreamNames {
  kNone,
  kXattrs,  ///< as extended attributes user.NAME, those of up to 64 KiB
  kPaths,   ///< so, and as files DIR/FILE:NAME of any size, which no listing shows
};

/// Whom the kernel lets in.
enum class Access {
  kOwner,     ///< only the user who mounts
  kEveryone,  ///< all users; one who isn't root needs user_allow_other in /etc/fuse.conf
};

/// What serves a mount.
enum class Backend {
  kFuse,   ///< a process of this library
  kErofs,  ///< the kernel
};

/// Name of a backend for programs, as in "fuse"; valid for ever.
CIM_EXPORT std::string_view to_string(Backend backend) noexcept;

/// What shall serve a mount.
enum class BackendChoice {
  kFuse,
  kErofs,  ///< or an error
  kAuto,   ///< EROFS where it can do what the options ask and shows every file, else FUSE
};

struct Options {
  BackendChoice backend = BackendChoice::kFuse;
  StreamNames streams = StreamNames::kXattrs;
  Access access = Access::kOwner;
  /// Whom all files belong to; by default the user and group who mount.
  std::optional<std::uint32_t> user{};
  std::optional<std::uint32_t> group{};
  /// Permission bits to take away from every file and directory.
  std::uint32_t umask = 0;
  /// Whether programs in the mount may be run.
  bool allow_execution = true;
  /// Threads that serve; 0 chooses by the machine.
  std::uint32_t threads = 0;
  /// How names are found; by default without regard to case, and exactly where `upper` is given,
  /// for an overlay would take two spellings for two files.
  std::optional<NameMatch> names{};
  /// Makes the mount writable: an overlay of the kernel over the image keeps there what is written,
  /// in `upper/` and `work/`, which are made. The next mount of the same image with it shows that
  /// again. The file system there must be able to hold an overlay's files (ext4, XFS, btrfs and
  /// tmpfs are). Only root can do it, also the root of a user namespace. A file that is changed
  /// keeps its bytes, mode, times and user.NAME attributes; what else NTFS keeps of it is lost. All
  /// users may use such a mount, as the modes say. Others than root and the user who mounts must be
  /// able neither to write there nor to replace a directory on the way to it (kAccessDenied).
  std::optional<std::filesystem::path> upper{};
  /// Where metadata images for EROFS are kept; by default /var/cache/cimlib for root and cimlib in
  /// the cache directory ($XDG_CACHE_HOME) of other users. It must be on a file system of a disk,
  /// and only root and the user who mounts may be able to write there or to replace a directory on
  /// the way to it (kAccessDenied). Metadata images are a tenth of the small files' size and
  /// more; those of images that are no more go when another one is made.
  std::optional<std::filesystem::path> cache{};
};

/// Reads options as `-o` takes them, parted by commas: allow_other, uid=N, gid=N, umask=OCTAL,
/// backend=fuse|erofs|auto, cache=DIR, streams_interface=none|xattr|windows, ignore_case,
/// case_sensitive, writable=DIR, threads=N, exec, noexec; ro, nosuid, nodev, noatime, defaults and
/// what fstab(5) has for others mean nothing here. Changes `options` by them. Throws
/// kInvalidArgument for anything else.
CIM_EXPORT Options parse_options(std::string_view text, Options options = {});

/// What an image has and a mount cannot show.
struct Omission {
  std::string what;                   ///< as in "streams of more than 65535 bytes"
  std::uint64_t count = 0;            ///< how many of them
  std::vector<std::string> examples;  ///< paths in the image of some of them, in WTF-8
};

/// How an image was mounted.
struct Mounted {
  Backend backend = Backend::kFuse;
  /// Where EROFS was tried or thought of: why it is FUSE all the same. Otherwise empty.
  std::string fallback_reason{};
  /// Of EROFS.
  std::vector<Omission> omissions{};
};
using ReadySink = std::function<void(const Mounted&)>;

/// What a server tells.
struct Events {
  /// Once, from some thread, when the mount answers.
  ReadySink ready{};
  /// From any thread: damage that was met, each kind once. By default it goes to the system log.
  WarningSink warning{};
};

/// Mounts and serves in this process until somebody unmounts or `stop` asks; then it unmounts
/// lazily, and who still has files open gets errors from them (through EROFS, goes on reading).
/// Throws what Image throws; kNotFound
/// and kInvalidArgument for a mount point that is no directory; kAccessDenied; kUnsupported where
/// the system has no FUSE, or no overlay for this user; kBusy for an `upper` in use; kIo.
CIM_EXPORT void serve_foreground(const std::filesystem::path& image,
                                 const std::filesystem::path& mount_point,
                                 const Options& options = {}, const Events& events = {},
                                 const std::stop_token& stop = {});

/// The same in a process of its own, which lives on when this one ends and unmounts at SIGTERM,
/// SIGINT and SIGHUP. Returns when the mount answers; throws what serve_foreground() throws. It
/// forks: the calling process must have one thread only. Damage met later goes to the system log.
/// Through EROFS nothing is forked, and no process stays. `ready` is called before it returns.
CIM_EXPORT void mount_in_background(const std::filesystem::path& image,
                                    const std::filesystem::path& mount_point,
                                    const Options& options = {}, const ReadySink& ready = {});

enum class UnmountMode {
  kIfIdle,  ///< refuse while something there is in use
  kLazily,  ///< take it out of the tree now; the server ends with its last user
};

/// Takes a mount away, with the overlay of one that is writable; of a container's also the
/// directories that were made for it. One whose server has gone goes even if it is in use. Throws
/// kNotFound if no image is mounted there, kBusy if it is in use for more than a second,
/// kAccessDenied if it belongs to another user.
CIM_EXPORT void unmount(const std::filesystem::path& mount_point,
                        UnmountMode mode = UnmountMode::kIfIdle);

/// Whether a mount works.
enum class ServerState {
  kRunning,       ///< always so where the kernel serves
  kDead,          ///< the process has died: everything there is an error, until it is unmounted
  kUnresponsive,  ///< it is there, but let us wait for seconds
  kUnknown,       ///< not ours to ask: another user's, or hidden under another mount
};

/// Name of a state for programs, as in "gone"; valid for ever.
CIM_EXPORT std::string_view to_string(ServerState state) noexcept;

/// A mounted image.
struct ActiveMount {
  std::filesystem::path image;
  std::filesystem::path mount_point;
  Backend backend = Backend::kFuse;
  /// The volume of the container that it was mounted for (layer_mount.h).
  std::optional<Guid> volume{};
  /// Where what is written to it goes.
  std::optional<std::filesystem::path> upper{};
  ServerState server = ServerState::kUnknown;
};

/// All images that are mounted as far as this process can see, in the order of the mount table.
/// Takes two seconds more if servers let us wait. Throws kIo.
CIM_EXPORT std::vector<ActiveMount> list();

}  // namespace cim::mount
