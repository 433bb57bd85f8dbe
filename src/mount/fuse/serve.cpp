// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/serve.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <semaphore>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <fuse_lowlevel.h>
#include <pthread.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/syslog_sink.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "base/thread.h"
#include "mount/fuse/file_system.h"
#include "mount/fuse/kernel_mount.h"
#include "os/descriptor_posix.h"
#include "os/host_path.h"
#include "os/system_error.h"

// Requests are handled by a fixed number of threads that block in a read of the connection. The
// loop that libfuse has for that ends only when the kernel unmounts or a signal interrupts it.

namespace cim::mount::fuse {
namespace {

WarningSink to_system_log() {
  auto sink = std::make_shared<spdlog::sinks::syslog_sink_mt>("cim", LOG_PID, LOG_DAEMON, false);
  auto logger = std::make_shared<spdlog::logger>("cim", std::move(sink));
  return [logger](const std::string& text) { logger->error("{}", text); };
}

/// A request's buffer, which libfuse allocates with malloc() at the first one.
class RequestBuffer {
 public:
  RequestBuffer() = default;
  RequestBuffer(const RequestBuffer&) = delete;
  RequestBuffer& operator=(const RequestBuffer&) = delete;
  ~RequestBuffer() { std::free(buffer_.mem); }  // NOLINT(cppcoreguidelines-no-malloc): see above

  fuse_buf* get() noexcept { return &buffer_; }

 private:
  fuse_buf buffer_{};
};

/// Waits for a request. This is where a thread can be cancelled: nothing else interrupts a read of
/// the connection without a race.
int receive(fuse_session* session, fuse_buf* buffer) {
  int ignored = 0;
  ::pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &ignored);
  const int result = fuse_session_receive_buf(session, buffer);
  ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored);
  return result;
}

/// The threads that take requests from the kernel and reply to them.
class WorkerThreads {
 public:
  /// Releases `finished` when one of them ends because the kernel has unmounted.
  WorkerThreads(fuse_session* session, std::uint32_t count, std::counting_semaphore<>& finished);
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;
  /// Ends all threads, each after its current request.
  ~WorkerThreads();

 private:
  static void* run(void* self) noexcept(false);

  fuse_session* session_;
  std::counting_semaphore<>& finished_;
  std::vector<pthread_t> threads_;
};

WorkerThreads::WorkerThreads(fuse_session* session, std::uint32_t count,
                             std::counting_semaphore<>& finished)
    : session_(session), finished_(finished) {
  // Signals are for the threads of the program, as a handler may have to run there.
  sigset_t all{};
  sigset_t before{};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = 0;
  threads_.reserve(count);
  for (std::uint32_t i = 0; i < count && error == 0; ++i) {
    pthread_t thread{};
    error = ::pthread_create(&thread, nullptr, &WorkerThreads::run, this);
    if (error == 0) {
      threads_.push_back(thread);
    }
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (threads_.empty()) {
    throw_system_error(error, "", "create a thread");
  }
}

WorkerThreads::~WorkerThreads() {
  for (const pthread_t thread : threads_) {
    ::pthread_cancel(thread);
  }
  for (const pthread_t thread : threads_) {
    ::pthread_join(thread, nullptr);
  }
}

// It may be left by cancellation, which unwinds like an exception.
void* WorkerThreads::run(void* self) noexcept(false) {
  int ignored = 0;
  ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored);
  const auto& threads = *static_cast<WorkerThreads*>(self);
  RequestBuffer buffer;
  while (fuse_session_exited(threads.session_) == 0) {
    const int result = receive(threads.session_, buffer.get());
    if (result > 0) {
      fuse_session_process_buf(threads.session_, buffer.get());
    } else if (result != -EINTR && result != -EAGAIN) {
      break;
    }
  }
  threads.finished_.release();
  return nullptr;
}

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

/// One mounted image and the threads that serve it.
class Server {
 public:
  /// Mounts; requests are handled only in run(). Throws as serve_foreground() does.
  Server(Image image, const std::filesystem::path& mount_point, const Options& options,
         OverlayMounter mount_overlay, WarningSink warning);

  /// Serves until it is unmounted or `stop` is requested. Call once. Calls `ready` when the root
  /// can be read, and written to if requested. Throws kIo if it cannot be, and what mounting the
  /// overlay throws.
  void run(const std::function<void()>& ready, const std::stop_token& stop);

 private:
  /// Mounts the overlay, if any, and calls `ready`. The workers must be running, since both access
  /// the mount.
  void make_ready(const std::function<void()>& ready);
  void end_mounts();

  struct EndSession {
    void operator()(fuse_session* session) const noexcept;
  };

  std::uint32_t thread_count_;
  OverlayMounter mount_overlay_;
  FileSystem files_;
  KernelMount mount_;  // outlives the session, which closes the connection
  std::unique_ptr<fuse_session, EndSession> session_;
  std::optional<MountGuard> overlay_;
};

void Server::EndSession::operator()(fuse_session* session) const noexcept {
  fuse_session_destroy(session);
}

// libfuse accepts a connection that is already open as the mount point /dev/fd/N, and closes it.
Server::Server(Image image, const std::filesystem::path& mount_point, const Options& options,
               OverlayMounter mount_overlay, WarningSink warning)
    : thread_count_(thread_count(options)),
      mount_overlay_(std::move(mount_overlay)),
      files_(std::move(image), options, std::move(warning)),
      mount_(mount_in_kernel(files_.image().path().string(), mount_point, options)),
      session_(new_session(files_)) {
  if (!session_) {
    throw Error(ErrorCode::kIo, mount_point.string(), "cannot create a FUSE session");
  }
  const std::string connection = fmt::format("/dev/fd/{}", mount_.connection.release());
  if (fuse_session_mount(session_.get(), connection.c_str()) != 0) {
    throw Error(ErrorCode::kIo, mount_point.string(), "cannot use the FUSE connection");
  }
}

void Server::make_ready(const std::function<void()>& ready) {
  const std::filesystem::path& mount_point = mount_.guard.mount_point();
  require_root(mount_point);
  read_farther_ahead(mount_.guard.device());
  if (mount_overlay_) {
    overlay_.emplace(mount_overlay_(files_.image().path().string(), mount_point));
  }
  if (ready) {
    ready();
  }
}

/// Called while the workers still run, since removing an overlay may send requests. Afterwards
/// nothing is mounted, however long the workers take to end.
void Server::end_mounts() {
  if (!is_connected(fuse_session_fd(session_.get()))) {
    // It was unmounted, with all that was mounted on top of it.
    mount_.guard.dismiss();
    if (overlay_) {
      overlay_->dismiss();
    }
  }
  overlay_.reset();
  mount_.guard.unmount();
}

void Server::run(const std::function<void()>& ready, const std::stop_token& stop) {
  std::counting_semaphore<> finished(0);
  std::exception_ptr failure;
  files_.view().await_link_counts();
  {
    const WorkerThreads workers(session_.get(), thread_count_, finished);
    std::stop_source ending;
    // Making the mount ready accesses it, so the workers have to run.
    std::thread preparation = start_thread([&] {
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
    preparation.join();
    end_mounts();
  }
  session_.reset();
  if (failure && !stop.stop_requested()) {
    std::rethrow_exception(failure);
  }
}

}  // namespace

void serve_foreground(const std::filesystem::path& image, const std::filesystem::path& mount_point,
                      const Options& options, const OverlayMounter& mount_overlay,
                      const Events& events, const std::stop_token& stop) {
  Server server(
      options.open_image ? options.open_image()
                         : Image(absolute_path(image),
                                 OpenOptions{.pattern = ReadPattern::kAnywhere,
                                             .region_directories = options.region_directories}),
      mount_point, options, mount_overlay, events.warning ? events.warning : to_system_log());
  server.run(
      [&events] {
        if (events.ready) {
          events.ready({.backend = Backend::kFuse});
        }
      },
      stop);
}

}  // namespace cim::mount::fuse
