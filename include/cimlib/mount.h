// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Mounting images as read-only file systems of the host, served through FUSE or by the kernel
// (EROFS).
//
//   cim::mount::mount_in_background("layers/7.cim", "/mnt/seven");  // returns when it is mounted
//   std::ifstream file("/mnt/seven/Files/Windows/win.ini");
//   cim::mount::unmount("/mnt/seven");
//
// FUSE shows NTFS metadata that POSIX lacks as extended attributes, with the names that ntfs-3g
// uses: system.ntfs_acl (the security descriptor), system.ntfs_attrib and system.ntfs_times
// (creation, last write, last access, change), both also with the suffix _be in big-endian order,
// system.ntfs_reparse_data, system.ntfs_ea, and alternate streams as user.NAME. Symbolic links and
// mount points are shown as symbolic links that stay inside the mount; links that Linux cannot
// represent are shown as files or directories. Streams whose attributes Linux would interpret, such
// as user.overlay.opaque, are hidden. Names are looked up ignoring case by default. Directories and
// files have the mode 0755, without 0222 if they are marked read-only. Every directory has a link
// count of 1.
//
// With EROFS the kernel serves the image from a small metadata image that refers to the region
// files. This is much faster and needs no process, but requires root; names are looked up by their
// exact bytes, and the last write time is the only POSIX time. The extended attributes are
// user.ntfs.acl, user.ntfs.attrib, user.ntfs.times, user.ntfs.reparse_data and user.ntfs.ea, with
// little-endian integers; symbolic links, on which Linux permits no user attributes, have
// trusted.ntfs.… instead. Mounted::omissions lists what EROFS cannot show. docs/mounts.md compares
// both backends.
//
// The kernel's mount table is the only record of mounts, so all processes see the same state,
// before and after a crash. layer_mount.h has the mounts of containers.
//
// The functions may be called from any thread, except mount_in_background(), which needs a process
// with a single thread.

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

/// How alternate streams are accessible.
enum class StreamNames {
  kNone,
  kXattrs,  ///< as extended attributes user.NAME, if of up to 64 KiB
  kPaths,   ///< also as files DIR/FILE:NAME of any size, which directory listings omit
};

/// Which users can access a mount.
enum class Access {
  kOwner,     ///< the user who mounts
  kEveryone,  ///< all users; unless root mounts, needs user_allow_other in /etc/fuse.conf
};

/// Implementation that serves a mount.
enum class Backend {
  kFuse,   ///< a process that runs this library
  kErofs,  ///< the kernel
};

/// Returns a name for programs, as in "fuse". Names are stable across releases.
CIM_EXPORT std::string_view to_string(Backend backend) noexcept;

/// Which backend to use.
enum class BackendChoice {
  kFuse,
  kErofs,  ///< throws if EROFS cannot be used
  kAuto,   ///< EROFS if it supports the options and shows every file, else FUSE
};

/// How to mount.
struct Options {
  BackendChoice backend = BackendChoice::kFuse;
  StreamNames streams = StreamNames::kXattrs;
  Access access = Access::kOwner;
  /// Owner and group of all files; by default those of the mounting process.
  std::optional<std::uint32_t> user{};
  std::optional<std::uint32_t> group{};
  /// Permission bits to remove from every file and directory.
  std::uint32_t umask = 0;
  /// False prevents the execution of programs in the mount (mount option noexec).
  bool allow_execution = true;
  /// Number of server threads; 0 chooses by the number of processors.
  std::uint32_t threads = 0;
  /// How names are looked up. By default ignoring case, but exactly if `upper` is set, because an
  /// overlay would treat two spellings as two files.
  std::optional<NameMatch> names{};
  /// Makes the mount writable: a kernel overlay over the image stores changes in the directories
  /// `upper/` and `work/` in this directory, which are created. The next mount of the same image
  /// with it shows the changes again.
  ///
  /// The file system of the directory must be suitable for an overlay (ext4, XFS, btrfs and tmpfs
  /// are). Requires root, or root of a user namespace. No user other than root and the mounting
  /// user may be able to write to the directory or to replace a directory on the path to it
  /// (kAccessDenied). A modified file keeps its bytes, mode, times and user.NAME attributes; its
  /// other NTFS metadata is lost. The mount is accessible to all users, subject to the modes.
  std::optional<std::filesystem::path> upper{};
  /// Directory for EROFS metadata images; by default /var/cache/cimlib for root and
  /// $XDG_CACHE_HOME/cimlib for other users. It must be on a disk file system, and no user other
  /// than root and the mounting user may be able to write to it or to replace a directory on the
  /// path to it (kAccessDenied). The size of a metadata image is at least a tenth of that of the
  /// image's small files. Creating one removes those of images that no longer exist.
  std::optional<std::filesystem::path> cache{};
  /// As in OpenOptions.
  std::vector<std::filesystem::path> region_directories{};
  /// Opens an image that is not a file, such as oci::open_image() in remote.h, in the process that
  /// serves the mount; the path of the image only names it then. Only FUSE can serve it. A read
  /// that fails is EIO.
  std::function<Image()> open_image{};
};

/// Parses the comma-separated options of `mount -o` and returns `options` with them applied:
/// allow_other, uid=N, gid=N, umask=OCTAL, backend=fuse|erofs|auto, cache=DIR,
/// streams_interface=none|xattr|windows, ignore_case, case_sensitive, writable=DIR, threads=N,
/// exec, noexec. Ignores ro, nosuid, nodev, noatime, defaults and the options that fstab(5) defines
/// for other programs. Throws kInvalidArgument for any other option.
CIM_EXPORT Options parse_options(std::string_view text, Options options = {});

/// A kind of content that an image has and a mount cannot show.
struct Omission {
  std::string what;                   ///< as in "streams of more than 65535 bytes"
  std::uint64_t count = 0;            ///< number of such objects
  std::vector<std::string> examples;  ///< paths of some of them in the image, in WTF-8
};

/// How an image was mounted.
struct Mounted {
  Backend backend = Backend::kFuse;
  /// Why FUSE was used although EROFS was considered; otherwise empty.
  std::string fallback_reason{};
  /// Content that the mount does not show; EROFS only.
  std::vector<Omission> omissions{};
};
/// Called when the mount is usable.
using ReadySink = std::function<void(const Mounted&)>;

/// Callbacks of a server.
struct Events {
  /// Called once, from any thread, when the mount is usable.
  ReadySink ready{};
  /// Called from any thread, once for each kind of damage found in the image. By default damage is
  /// written to the system log.
  WarningSink warning{};
};

/// Mounts an image and serves it in this process until it is unmounted or `stop` is requested. On a
/// stop request it unmounts lazily: files that are still open return errors (through EROFS they
/// remain readable). Throws what Image throws; kNotFound if the mount point does not exist and
/// kInvalidArgument if it is not a directory; kAccessDenied; kUnsupported if the system has no FUSE
/// or the user cannot create an overlay; kBusy if `upper` is in use; kIo.
CIM_EXPORT void serve_foreground(const std::filesystem::path& image,
                                 const std::filesystem::path& mount_point,
                                 const Options& options = {}, const Events& events = {},
                                 const std::stop_token& stop = {});

/// Mounts an image, serves it in a background process and returns when the mount is usable. The
/// background process survives the caller and unmounts on SIGTERM, SIGINT and SIGHUP. It is forked,
/// so the calling process must have only one thread. Throws what serve_foreground() throws. Damage
/// found later is written to the system log. `ready` is called before the return. With EROFS no
/// process is forked.
CIM_EXPORT void mount_in_background(const std::filesystem::path& image,
                                    const std::filesystem::path& mount_point,
                                    const Options& options = {}, const ReadySink& ready = {});

/// Action if a mount is in use.
enum class UnmountMode {
  kIfIdle,  ///< throw kBusy
  kLazily,  ///< detach the mount now; its server ends when the last open file is closed
};

/// Unmounts an image, including the overlay of a writable mount and the directories created for a
/// container's mount. A mount whose server has died is unmounted even if it is in use. Throws
/// kNotFound if no image is mounted there, kBusy if the mount is in use for more than a second,
/// kAccessDenied if it belongs to another user.
CIM_EXPORT void unmount(const std::filesystem::path& mount_point,
                        UnmountMode mode = UnmountMode::kIfIdle);

/// State of the server of a mount.
enum class ServerState {
  kRunning,       ///< it responds; always the state of EROFS mounts
  kDead,          ///< the process has died; every access fails until it is unmounted
  kUnresponsive,  ///< the process is running but did not respond for seconds
  kUnknown,  ///< cannot be determined: the mount is another user's or hidden under another mount
};

/// Returns a name for programs: "running", "dead", "unresponsive" or "unknown". Names are stable
/// across releases.
CIM_EXPORT std::string_view to_string(ServerState state) noexcept;

/// A mounted image.
struct ActiveMount {
  std::filesystem::path image;
  std::filesystem::path mount_point;
  Backend backend = Backend::kFuse;
  /// Volume of the container for which the image was mounted (layer_mount.h); nullopt if none.
  std::optional<Guid> volume{};
  /// Directory that receives the changes of a writable mount (Options::upper).
  std::optional<std::filesystem::path> upper{};
  ServerState server = ServerState::kUnknown;
};

/// Returns all mounted images that this process can see, in the order of the mount table.
/// Unresponsive servers prolong the call by two seconds. Throws kIo.
CIM_EXPORT std::vector<ActiveMount> list();

}  // namespace cim::mount
