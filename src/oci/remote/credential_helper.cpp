// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The protocol of docker's credential helpers: the server's name on standard input, a JSON document
// or a message on standard output. The helper is started with posix_spawn(3), since the process may
// have threads, and with the signal mask of a new process.
#include "oci/remote/credential_helper.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "oci/remote/auth_file.h"
#include "os/descriptor_posix.h"
#include "os/system_error.h"

extern char** environ;

namespace cim::oci {
namespace {

constexpr auto kLongestAnswer = std::chrono::seconds(60);
constexpr std::chrono::milliseconds kStopCheck{100};
// Every helper begins its message so if it does not know the server.
constexpr std::string_view kUnknown = "credentials not found";

// Attributes and file actions of posix_spawn(3).
class SpawnSettings {
 public:
  explicit SpawnSettings(int connection) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_adddup2(&actions_, connection, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, connection, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    sigset_t none;
    sigemptyset(&none);
    sigset_t pipe = none;
    sigaddset(&pipe, SIGPIPE);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &pipe);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  const posix_spawn_file_actions_t* actions() const noexcept { return &actions_; }
  const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// The running helper, connected by a socket. It is killed if it has not been waited for.
class Helper {
 public:
  explicit Helper(std::string program) : program_(std::move(program)) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      throw_system_error(errno, program_, "create a pair of sockets");
    }
    connection_ = cim::Descriptor(ends[0]);
    const cim::Descriptor theirs(ends[1]);
    const SpawnSettings settings(theirs.get());
    std::string verb = "get";
    std::array<char*, 3> arguments = {program_.data(), verb.data(), nullptr};
    const int error = ::posix_spawnp(&process_, program_.c_str(), settings.actions(),
                                     settings.attributes(), arguments.data(), environ);
    if (error != 0) {
      process_ = -1;
      throw_system_error(error, program_, "run the credential helper that the login names");
    }
  }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;
  ~Helper() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      wait();
    }
  }

  // A helper that does not read its input may have ended; its status says why.
  void send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = ::send(connection_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EINTR) {
        break;
      }
      text.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
    ::shutdown(connection_.get(), SHUT_WR);
  }

  std::string receive(const std::stop_token& stop) const {
    const auto deadline = std::chrono::steady_clock::now() + kLongestAnswer;
    std::string answer;
    std::array<char, 4096> piece{};
    while (true) {
      await_input(deadline, stop);
      const ssize_t size = ::recv(connection_.get(), piece.data(), piece.size(), MSG_DONTWAIT);
      if (size == 0 || (size < 0 && errno == ECONNRESET)) {
        return answer;
      }
      if (size < 0 && errno != EINTR && errno != EAGAIN) {
        throw_system_error(errno, program_, "read the answer of the credential helper");
      }
      answer.append(piece.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
      if (answer.size() > kLargestAuthFile) {
        throw Error(ErrorCode::kCorrupt, program_, "the credential helper's answer is too long");
      }
    }
  }

  // Returns whether it succeeded.
  bool wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  void await_input(std::chrono::steady_clock::time_point deadline,
                   const std::stop_token& stop) const {
    pollfd input{.fd = connection_.get(), .events = POLLIN, .revents = 0};
    while (::poll(&input, 1, static_cast<int>(kStopCheck.count())) <= 0) {
      if (stop.stop_requested()) {
        throw Error(ErrorCode::kCancelled, program_, "cancelled while it looks for credentials");
      }
      if (std::chrono::steady_clock::now() > deadline) {
        throw Error(ErrorCode::kIo, program_, "the credential helper does not answer");
      }
    }
  }

  std::string program_;
  cim::Descriptor connection_;
  pid_t process_ = -1;
};

}  // namespace

std::optional<Credentials> ask_helper(const std::string& name, const std::string& server,
                                      const std::stop_token& stop) {
  const std::string program = "docker-credential-" + name;
  Helper helper(program);
  helper.send(server + "\n");
  const std::string answer = helper.receive(stop);
  if (helper.wait()) {
    return parse_helper_answer(as_bytes(answer), program);
  }
  if (answer.starts_with(kUnknown)) {
    return std::nullopt;
  }
  // Its message may contain anything, even a secret.
  throw Error(ErrorCode::kIo, program, "the credential helper failed; try to log in again");
}

}  // namespace cim::oci
