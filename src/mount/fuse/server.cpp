// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <fuse_lowlevel.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "base/thread.h"
#include "mount/fuse/callbacks.h"
#include "mount/fuse/worker_threads.h"
#include "os/descriptor_posix.h"
#include "os/system_error.h"

namespace cim::mount {
namespace {

/// Enough threads to keep disk and processors busy, since a thread blocks while it reads.
std::uint32_t thread_count(const Options& options) {
  constexpr std::uint32_t kFewest = 4;
  constexpr std::uint32_t kMost = 16;
  return options.threads != 0 ? options.threads
                              : std::clamp(2 * std::thread::hardware_concurrency(), kFewest, kMost);
}

fuse_session* new_session(FileSystem& files) {
  std::string name = "cim";
  std::array<char*, 1> words = {name.data()};
  fuse_args arguments = FUSE_ARGS_INIT(static_cast<int>(words.size()), words.data());
  fuse_session* session =
      fuse_session_new(&arguments, &callbacks(), sizeof(fuse_lowlevel_ops), &files);
  fuse_opt_free_args(&arguments);  // of the copy that libfuse made
  return session;
}

/// Makes the kernel read ahead in steps larger than its default of 128 KiB, which only root may do.
/// Optional.
void read_farther_ahead(const std::string& device) {
  constexpr std::string_view kReadAheadKib = "1024";
  const Descriptor file(
      ::open(fmt::format("/sys/class/bdi/{}/read_ahead_kb", device).c_str(), O_WRONLY | O_CLOEXEC));
  if (file) {
    (void)!::write(file.get(), kReadAheadKib.data(), kReadAheadKib.size());
  }
}

void count_links(PosixView& view, const std::stop_token& stop) noexcept {
  try {
    view.count_links(stop);
  } catch (const std::exception&) {
    // Every file keeps its link count of one.
  }
}

/// Reads the root of the mount from outside, as any program does.
void require_root(const std::filesystem::path& mount_point) {
  struct stat status {};
  if (::stat(mount_point.c_str(), &status) != 0) {
    throw_system_error(errno, mount_point.string(), "read the mounted image");
  }
}

}  // namespace

void Server::EndSession::operator()(fuse_session* session) const noexcept {
  fuse_session_destroy(session);
}

Server::Server(Image image, const std::filesystem::path& mount_point, const Options& options,
               WarningSink warning)
    : options_(options),
      files_(std::move(image), options, std::move(warning)),
      mount_(files_.image().path().string(), mount_point, options),
      session_(new_session(files_)) {
  if (!session_) {
    throw Error(ErrorCode::kIo, mount_point.string(), "cannot start a FUSE session");
  }
  const std::string connection = fmt::format("/dev/fd/{}", mount_.release_connection());
  if (fuse_session_mount(session_.get(), connection.c_str()) != 0) {
    throw Error(ErrorCode::kIo, mount_point.string(), "cannot use the FUSE connection");
  }
}

Server::~Server() = default;

void Server::make_ready(const std::function<void()>& ready) {
  require_root(mount_.mount_point());
  read_farther_ahead(mount_.device());
  if (options_.upper) {
    overlay_.emplace(files_.image().path().string(), mount_.mount_point(), options_);
  }
  if (ready) {
    ready();
  }
}

/// Called while the workers still answer, since removing an overlay may send requests. Afterwards
/// nothing is mounted, however long the workers take to end.
void Server::end_mounts() {
  if (!is_connected(fuse_session_fd(session_.get()))) {
    // Nothing can be mounted on top of an unmounted directory.
    mount_.forget();
    if (overlay_) {
      overlay_->forget();
    }
  }
  overlay_.reset();
  mount_.take_away();
}

void Server::run(const std::function<void()>& ready, const std::stop_token& stop) {
  std::counting_semaphore<> finished(0);
  std::exception_ptr failure;
  files_.view().await_link_counts();
  {
    const WorkerThreads workers(session_.get(), thread_count(options_), finished);
    std::stop_source ending;
    std::thread herald = start_thread([&] {
      try {
        make_ready(ready);
      } catch (...) {
        failure = std::current_exception();
        finished.release();
        return;
      }
      count_links(files_.view(), ending.get_token());
    });
    const std::stop_callback on_stop(stop, [&] { finished.release(); });
    finished.acquire();
    ending.request_stop();
    herald.join();
    end_mounts();
  }
  session_.reset();
  if (failure && !stop.stop_requested()) {
    std::rethrow_exception(failure);
  }
}

}  // namespace cim::mount
