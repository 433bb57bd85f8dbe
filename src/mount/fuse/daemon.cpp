// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/mount.h"

#include "base/thread.h"
#include "mount/fuse/serve.h"
#include "os/descriptor_posix.h"
#include "os/host_path.h"
#include "os/system_error.h"

// mount_in_background(): runs the server in its own process.
//
// The caller reads from a pipe. The server writes one byte to it when the mount is ready, or, if it
// fails, the error: its code, subject and reason.

namespace cim::mount::fuse {
namespace {

constexpr char kReady = 'R';
constexpr char kFailed = 'E';

constexpr std::chrono::seconds kExitTimeout{3};

/// Returns false if the caller no longer reads.
bool write_all(int descriptor, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t size = ::write(descriptor, text.data(), text.size());
    if (size < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(size < 0 ? 0 : static_cast<std::size_t>(size));
  }
  return true;
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 512> piece{};
  ssize_t size = 0;
  while ((size = ::read(descriptor, piece.data(), piece.size())) != 0) {
    if (size < 0 && errno != EINTR) {
      break;
    }
    text.append(piece.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
  }
  return text;
}

/// Encodes an error for the pipe.
std::string encode(ErrorCode code, const std::string& subject, const std::string& reason) {
  return std::string{kFailed, static_cast<char>(code)} + subject + '\0' + reason;
}

/// Throws the error that the server has sent, or kIo if it has ended without sending one.
[[noreturn]] void throw_reply(const std::string& reply, const std::filesystem::path& place) {
  const std::size_t end_of_subject = reply.find('\0', 2);
  if (!reply.starts_with(kFailed) || end_of_subject == std::string::npos) {
    throw Error(ErrorCode::kIo, place.string(), "the server ended without a message");
  }
  throw Error(static_cast<ErrorCode>(reply[1]), reply.substr(2, end_of_subject - 2),
              reply.substr(end_of_subject + 1));
}

/// Redirects the standard streams to /dev/null.
void leave_standard_streams(const Descriptor& null) {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::dup2(null.get(), stream);
  }
}

Descriptor open_null() {
  Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) {
    throw_system_error(errno, "/dev/null", "open");
  }
  return null;
}

/// Stops the server on termination signals, which must be blocked in all threads. The mount is
/// removed at once; a thread in a long request, such as a read from a disk that does not respond,
/// delays the end of the process for a few seconds at most.
void stop_at_signals(const sigset_t& signals, std::stop_source stop) {
  start_thread([signals, stop = std::move(stop)]() mutable {
    int signal = 0;
    ::sigwait(&signals, &signal);
    stop.request_stop();
    std::this_thread::sleep_for(kExitTimeout);
    ::_exit(EXIT_SUCCESS);
  }).detach();
}

/// Blocks the signals that end the server, before it starts any thread, since threads inherit the
/// mask.
sigset_t block_ending_signals() {
  sigset_t signals{};
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    ::sigaddset(&signals, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

/// Closes everything that the caller had open, for example a pipe whose other end waits for end of
/// file. Returns the pipe to the caller at its new descriptor.
Descriptor keep_only(Descriptor pipe) {
  constexpr int kPipePlace = STDERR_FILENO + 1;
  if (pipe.get() != kPipePlace) {
    ::dup3(pipe.get(), kPipePlace, O_CLOEXEC);
    pipe = Descriptor(kPipePlace);
  }
  ::close_range(kPipePlace + 1, ~0U, 0);
  return pipe;
}

/// The main function of the server's process.
int run_server(const std::filesystem::path& image, const std::filesystem::path& mount_point,
               const Options& options, const OverlayMounter& mount_overlay,
               Descriptor pipe) noexcept {
  try {
    ::signal(SIGPIPE, SIG_IGN);  // writing to the pipe fails with an error if the caller has exited
    pipe = keep_only(std::move(pipe));
    const Descriptor null = open_null();
    const sigset_t signals = block_ending_signals();
    const std::stop_source stop;
    stop_at_signals(signals, stop);
    Events events;
    events.ready = [&](const Mounted&) {
      if (!write_all(pipe.get(), std::string_view(&kReady, 1))) {
        throw Error(ErrorCode::kIo, mount_point.string(),
                    "the process that requested the mount has exited");
      }
      leave_standard_streams(null);
      pipe.reset();
    };
    serve_foreground(image, mount_point, options, mount_overlay, events, stop.get_token());
    return EXIT_SUCCESS;
  } catch (const Error& error) {
    write_all(pipe.get(), encode(error.code(), error.subject(), error.reason()));
  } catch (const std::exception& error) {
    write_all(pipe.get(), encode(ErrorCode::kIo, mount_point.string(), error.what()));
  }
  return EXIT_FAILURE;
}

/// Forks twice, so that the server has no parent that has to wait for it.
void fork_server(const std::filesystem::path& image, const std::filesystem::path& mount_point,
                 const Options& options, const OverlayMounter& mount_overlay, Descriptor pipe) {
  const pid_t child = ::fork();
  if (child < 0) {
    throw_system_error(errno, mount_point.string(), "start a server process for it");
  }
  if (child == 0) {
    ::setsid();
    const pid_t server = ::fork();
    if (server < 0) {
      write_all(pipe.get(), encode(code_of_errno(errno), mount_point.string(),
                                   "cannot start a server process for it"));
    }
    if (server != 0) {
      ::_exit(server < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
    }
    std::error_code ignored;
    std::filesystem::current_path("/", ignored);  // keeps no directory of the caller in use
    ::_exit(run_server(image, mount_point, options, mount_overlay, std::move(pipe)));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

void mount_in_background(const std::filesystem::path& image,
                         const std::filesystem::path& mount_point, const Options& options,
                         const OverlayMounter& mount_overlay) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw_system_error(errno, mount_point.string(), "create a pipe");
  }
  const Descriptor reading(ends[0]);
  fork_server(options.open_image ? image : absolute_path(image), absolute_path(mount_point),
              options, mount_overlay, Descriptor(ends[1]));
  const std::string reply = read_all(reading.get());
  if (!reply.starts_with(kReady)) {
    throw_reply(reply, mount_point);
  }
}

}  // namespace cim::mount::fuse
