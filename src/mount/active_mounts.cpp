// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/active_mounts.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/stat.h>

#include "cimlib/error.h"
#include "cimlib/guid.h"

#include "base/thread.h"
#include "mount/base/mount_point.h"
#include "mount/overlay/overlay.h"
#include "mount/volume.h"
#include "os/system_error.h"

// There is no register of servers and no channel to them. A lookup in the mount is what any program
// does, so it shows whether programs get an answer: the kernel fails it if the server has died, and
// never returns if the server is stopped or waits for a disk.

namespace cim::mount {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds kResponseTimeout{2};

/// Returns a random name below a mount point, which the kernel cannot answer from its cache: cached
/// entries of a dead server are still returned.
std::filesystem::path unknown_name(const std::filesystem::path& mount_point) {
  return mount_point / Guid::random().to_string();
}

int errno_of_lookup(const std::filesystem::path& name) noexcept {
  struct stat status {};
  return ::lstat(name.c_str(), &status) == 0 ? 0 : errno;
}

ServerState state_by_errno(int error) noexcept {
  switch (error) {
    case ENOTCONN:
    case ECONNABORTED:
      return ServerState::kDead;
    case EACCES:
    case EPERM:
      return ServerState::kUnknown;
    default:
      return ServerState::kRunning;  // an error in the image is also a response
  }
}

/// Looks up a name in each of several mounts, in several threads. A lookup in a hung server never
/// returns, so its thread may outlive the caller.
class Probes {
 public:
  /// The names are made here: a thread that outlives the program's end must not be inside OpenSSL.
  explicit Probes(const std::vector<std::filesystem::path>& mount_points)
      : states_(mount_points.size()) {
    names_.reserve(mount_points.size());
    for (const std::filesystem::path& mount_point : mount_points) {
      names_.push_back(unknown_name(mount_point));
    }
  }

  /// Runs in each thread.
  void run() noexcept {
    while (const auto index = next_index()) {
      const int error = errno_of_lookup(names_[*index]);
      const std::lock_guard lock(mutex_);
      states_[*index] = state_by_errno(error);
      ++finished_;
      changed_.notify_all();
    }
  }

  /// Returns the states known at the deadline and starts no further lookups. Servers that did not
  /// respond to theirs are unresponsive.
  std::vector<ServerState> states_by(Deadline deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [this] { return finished_ == names_.size(); });
    std::vector<ServerState> states;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      states.push_back(
          states_[i].value_or(i < next_ ? ServerState::kUnresponsive : ServerState::kUnknown));
    }
    next_ = names_.size();
    return states;
  }

 private:
  /// Returns the mount to look up next; nullopt if none is left or the deadline has passed.
  std::optional<std::size_t> next_index() {
    const std::lock_guard lock(mutex_);
    return next_ < names_.size() ? std::optional(next_++) : std::nullopt;
  }

  std::vector<std::filesystem::path> names_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::optional<ServerState>> states_;
  std::size_t next_ = 0;      // mounts before it have been taken by a thread
  std::size_t finished_ = 0;  // number of lookups that have returned
};

std::vector<ServerState> states_of_servers(const std::vector<std::filesystem::path>& mount_points) {
  // If this many servers hang, the others are not queried.
  constexpr std::size_t kMostThreads = 64;
  if (mount_points.empty()) {
    return {};
  }
  const Deadline deadline = std::chrono::steady_clock::now() + kResponseTimeout;
  const std::size_t count = std::min(mount_points.size(), kMostThreads);
  const auto probes = std::make_shared<Probes>(mount_points);
  std::size_t started = 0;
  try {
    for (; started < count; ++started) {
      start_thread([probes] { probes->run(); }).detach();
    }
  } catch (const Error&) {
    // The threads that did start query all mounts; if none did, all states are unknown.
  }
  return probes->states_by(started == 0 ? std::chrono::steady_clock::now() : deadline);
}

/// Returns whether the servers of the mounts are running. Queries all of them at once and waits for
/// at most two seconds.
std::vector<ServerState> server_states(const std::vector<ImageMount>& mounts) {
  std::vector<std::filesystem::path> queried;
  for (const ImageMount& mount : mounts) {
    if (mount.is_on_top && mount.backend() == Backend::kFuse) {
      queried.push_back(mount.mount_point());
    }
  }
  const auto found = states_of_servers(queried);
  std::vector<ServerState> states;
  auto next = found.begin();
  for (const ImageMount& mount : mounts) {
    if (!mount.is_on_top) {
      states.push_back(ServerState::kUnknown);
    } else if (mount.backend() == Backend::kErofs) {
      states.push_back(ServerState::kRunning);
    } else {
      states.push_back(*next++);
    }
  }
  return states;
}

/// Looks for the path as given first: following it would access what is mounted there, whose server
/// may be dead.
std::optional<ImageMount> mount_at(const std::filesystem::path& path) {
  if (auto mount = find_image_mount(canonical_mount_point(path))) {
    return mount;
  }
  std::error_code error;
  const auto followed = std::filesystem::canonical(path, error);
  return error ? std::nullopt : find_image_mount(followed);
}

/// Like unmount_topmost(), but waits a moment for brief users, such as list() in another process.
int unmount_when_idle(const std::filesystem::path& mount_point) {
  constexpr std::chrono::seconds kIdleTimeout{1};
  constexpr std::chrono::milliseconds kPause{20};
  const auto deadline = std::chrono::steady_clock::now() + kIdleTimeout;
  int error = unmount_topmost(mount_point, UnmountMode::kIfIdle);
  while (error == EBUSY && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kPause);
    error = unmount_topmost(mount_point, UnmountMode::kIfIdle);
  }
  return error;
}

/// Returns an errno.
int try_unmount(const ImageMount& mount, UnmountMode mode) {
  int error = mode == UnmountMode::kLazily ? unmount_topmost(mount.mount_point(), mode)
                                           : unmount_when_idle(mount.mount_point());
  // A dead server no longer serves any program, so a lazy unmount disturbs none. The state is
  // queried only now, because a query that is not answered keeps the mount busy itself.
  if (error == EBUSY && server_states({mount}).front() == ServerState::kDead) {
    error = unmount_topmost(mount.mount_point(), UnmountMode::kLazily);
  }
  return error;
}

/// Throws for an errno other than 0.
void throw_on(int error, const std::filesystem::path& mount_point) {
  switch (error) {
    case 0:
      return;
    case EBUSY:
      throw Error(ErrorCode::kBusy, mount_point.string(),
                  "in use: a program has a file or its working directory there");
    case EPERM:
      throw Error(ErrorCode::kAccessDenied, mount_point.string(),
                  "cannot unmount: it belongs to another user");
    default:
      throw_system_error(error, mount_point.string(), "unmount");
  }
}

}  // namespace

void unmount_image(const ImageMount& mount, UnmountMode mode) {
  throw_on(try_unmount(mount, mode), mount.mount_point());
  if (mount.overlay) {
    // The overlay has hidden the image since it was mounted, so no program can have opened it
    // since.
    throw_on(unmount_topmost(mount.mount_point(), UnmountMode::kLazily), mount.mount_point());
  }
}

void unmount(const std::filesystem::path& mount_point, UnmountMode mode) {
  const auto mount = mount_at(mount_point);
  if (!mount) {
    throw Error(ErrorCode::kNotFound, mount_point.string(), "no image is mounted there");
  }
  // Locks the volume, if it is one, so that no other process mounts in it before it is removed.
  auto volume = Volume::find_by_mount_point(mount->mount_point());
  unmount_image(*mount, mode);
  if (volume) {
    volume->remove_directories();
  }
}

std::vector<ActiveMount> list() {
  const auto mounts = image_mounts(read_mount_table());
  const auto states = server_states(mounts);
  std::vector<ActiveMount> result;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const ImageMount& mount = mounts[i];
    result.push_back({.image = mount.image.source,
                      .mount_point = mount.mount_point(),
                      .backend = mount.backend(),
                      .volume = volume_at(mount.mount_point()),
                      .upper = mount.overlay ? overlay::upper_of(*mount.overlay) : std::nullopt,
                      .server = states[i]});
  }
  return result;
}

std::string_view to_string(ServerState state) noexcept {
  switch (state) {
    case ServerState::kRunning:
      return "running";
    case ServerState::kDead:
      return "dead";
    case ServerState::kUnresponsive:
      return "unresponsive";
    case ServerState::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace cim::mount
