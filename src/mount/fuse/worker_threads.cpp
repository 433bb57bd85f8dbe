// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/worker_threads.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>

#include <fuse_lowlevel.h>

#include "os/system_error.h"

namespace cim::mount {
namespace {

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

}  // namespace

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
    throw_system_error(error, "", "start a thread");
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

}  // namespace cim::mount
