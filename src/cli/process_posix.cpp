// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Signals are blocked in all threads and taken by one that waits for them, so that no code runs in
// a signal handler. The first asks the verb to stop and clean up; a second one ends the process at
// once.
#include <array>
#include <atomic>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstring>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <langinfo.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/ioctl.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "cli/process.h"

namespace cim::cli {
namespace {

// Ends the watching thread; no other code sends it.
const int kWakeUp = SIGRTMIN;

[[noreturn]] void throw_write_error(int error_number, const std::string& name) {
  if (error_number == EPIPE) {
    throw BrokenPipe();
  }
  const auto code = error_number == ENOSPC ? ErrorCode::kNoSpace : ErrorCode::kIo;
  throw Error(code, name, "cannot write: " + std::generic_category().message(error_number));
}

// Writes to a standard stream without a buffer of its own; Console has one.
class DescriptorSink final : public Sink {
 public:
  DescriptorSink(int descriptor, std::string name)
      : descriptor_(descriptor), name_(std::move(name)) {}

  void write(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
      if (put >= 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(put));
      } else if (errno != EINTR) {
        throw_write_error(errno, name_);
      }
    }
  }

 private:
  int descriptor_;
  std::string name_;
};

// Opens /dev/null for the opposite direction, so that using the stream fails as if it were closed.
void open_closed_streams() {
  constexpr std::array<int, 3> kFlags = {O_WRONLY, O_RDONLY, O_RDONLY};
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const bool is_open = ::fcntl(stream, F_GETFD) >= 0 || errno != EBADF;
    // The lowest free number is the stream's.
    if (!is_open && ::open("/dev/null", kFlags[static_cast<std::size_t>(stream)]) != stream) {
      ::_exit(kFailure);  // there may be nowhere to write a message
    }
  }
}

Terminal terminal_of(int descriptor) {
  Terminal terminal;
  terminal.is_terminal = ::isatty(descriptor) == 1;
  terminal.is_utf8 = std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
  winsize size{};
  if (terminal.is_terminal && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.width = size.ws_col;
  }
  return terminal;
}

// Signals that the parent ignores (nohup, a background job of a simple shell) remain ignored.
sigset_t interruptions() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_IGN) {
      sigaddset(&set, signal);
    }
  }
  sigaddset(&set, kWakeUp);
  return set;
}

// Once constructed, the first interruption sets the token; the second ends the process as it would
// have without it. Must be constructed before the threads that are not to be interrupted.
class InterruptionWatch {
 public:
  InterruptionWatch() : set_(interruptions()) {
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    try {
      thread_ = std::thread([this] { watch(); });
    } catch (const std::system_error& error) {
      throw Error(ErrorCode::kLimit, "process",
                  "cannot create a thread: " + error.code().message());
    }
  }
  InterruptionWatch(const InterruptionWatch&) = delete;
  InterruptionWatch& operator=(const InterruptionWatch&) = delete;
  ~InterruptionWatch() {
    ::pthread_kill(thread_.native_handle(), kWakeUp);
    thread_.join();
  }

  std::stop_token token() const { return source_.get_token(); }

  /// Terminates the process with the signal that was received, if any.
  void die_if_interrupted() const {
    if (const int signal = interrupted_by_; signal != 0) {
      die_of(signal);
    }
  }

 private:
  void watch() {
    int signal = 0;
    while (::sigwait(&set_, &signal) == 0 && signal != kWakeUp) {
      interrupted_by_ = signal;
      if (!source_.request_stop()) {
        die_of(signal);
      }
    }
  }

  // Dying of the signal itself, and not exiting with a status, lets a shell stop its loop.
  void die_of(int signal) const {
    std::signal(signal, SIG_DFL);
    ::pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
    std::raise(signal);
  }

  sigset_t set_;
  std::stop_source source_;
  std::atomic<int> interrupted_by_ = 0;
  std::thread thread_;
};

// Overwrites the passwords of --creds, since other users can see the words of every process.
void hide_passwords(std::span<char*> words) {
  constexpr std::string_view kOption = "--creds";
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const bool has_value = word.starts_with("--creds=");
    if (!has_value && (word != kOption || i + 1 == words.size())) {
      continue;
    }
    char* value = has_value ? words[i] : words[++i];
    value = std::strchr(value, ':');
    if (value != nullptr) {
      std::memset(value + 1, 'x', std::strlen(value + 1));
    }
  }
}

// glibc raises its limit for blocks with a mapping of their own to the size of the largest one that
// was freed. Later blocks of that size would be in its heaps, where they leave gaps: 10 MiB in an
// import of several layers. With a limit of ours, glibc would also return the end of a heap from
// 128 KiB on, and get it back at the next allocation; by itself, it keeps twice the limit.
void keep_large_blocks_out_of_heaps() {
#ifdef __GLIBC__
  constexpr int kLimit = 1 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kLimit);
  ::mallopt(M_TRIM_THRESHOLD, 2 * kLimit);
#endif
}

}  // namespace

struct Process::State {
  DescriptorSink output{STDOUT_FILENO, "standard output"};
  DescriptorSink errors{STDERR_FILENO, "standard error"};
  std::optional<InterruptionWatch> watch;
  Interruption interruption = Interruption::kAborts;
  Environment environment;

  State()
      : environment{.output = output,
                    .errors = errors,
                    .output_terminal = terminal_of(STDOUT_FILENO),
                    .errors_terminal = terminal_of(STDERR_FILENO),
                    .stop_on_interruption = [this](Interruption meaning) {
                      interruption = meaning;
                      if (!watch) {
                        watch.emplace();
                      }
                      return watch->token();
                    }} {}
};

Process::Process() {
  keep_large_blocks_out_of_heaps();
  open_closed_streams();
  std::setlocale(LC_CTYPE, "");   // only for the encoding
  std::signal(SIGPIPE, SIG_IGN);  // a write reports it as EPIPE
  std::signal(SIGXFSZ, SIG_IGN);  // and this, a limit of the size of files, as EFBIG
  state_ = std::make_unique<State>();
}

Process::~Process() = default;

const Environment& Process::environment() const noexcept {
  return state_->environment;
}

int Process::end(int status) {
  if (state_->watch && state_->interruption == Interruption::kAborts) {
    state_->watch->die_if_interrupted();
  }
  if (::close(STDOUT_FILENO) != 0 && errno != EINTR) {
    const std::string reason = std::generic_category().message(errno);
    const std::string line = "cim: standard output: cannot write: " + reason + "\n";
    (void)!::write(STDERR_FILENO, line.data(), line.size());
    return status == kSuccess ? kFailure : status;
  }
  return status;
}

std::vector<std::string> program_words(int count, char** words) {
  std::vector<std::string> copy(words, words + count);
  hide_passwords(std::span(words, words + count));
  return copy;
}

}  // namespace cim::cli
