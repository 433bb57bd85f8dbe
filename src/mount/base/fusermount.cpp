// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/base/fusermount.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "os/system_error.h"

// The program is setuid root. It opens /dev/fuse, mounts, and sends the descriptor over the socket
// whose number is in an environment variable; if it fails it sends nothing and prints a message. It
// is started with posix_spawn(3) rather than fork(2), since the process may have threads.

namespace cim::mount {
namespace {

constexpr const char* kProgram = "fusermount3";

// The program's descriptor of the socket over which it returns the connection.
constexpr int kSocketInChild = 3;
constexpr const char* kSocketVariable = "_FUSE_COMMFD=3";

struct Pair {
  Descriptor ours;
  Descriptor theirs;
};

Pair make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw_system_error(errno, kProgram, "create a pipe");
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Pair make_socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw_system_error(errno, kProgram, "create a pair of sockets");
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// Owns the file actions of posix_spawn(3).
class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }

  void duplicate(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// The running program: its standard error and its exit status.
class Run {
 public:
  /// `socket` is its end of the socket, if any.
  Run(std::vector<std::string> arguments, const Descriptor& socket) {
    arguments.insert(arguments.begin(), kProgram);
    Pair words = make_pipe();
    FileActions actions;
    actions.duplicate(words.theirs.get(), STDERR_FILENO);
    if (socket) {
      actions.duplicate(socket.get(), kSocketInChild);
    }
    std::vector<char*> argument_pointers;
    argument_pointers.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) {
      argument_pointers.push_back(argument.data());
    }
    argument_pointers.push_back(nullptr);
    // The list replaces the whole environment, so it has to be copied.
    std::vector<char*> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
      variables.push_back(*variable);
    }
    std::string socket_variable = kSocketVariable;
    variables.push_back(socket_variable.data());
    variables.push_back(nullptr);
    const int error = ::posix_spawnp(&process_, kProgram, actions.get(), nullptr,
                                     argument_pointers.data(), variables.data());
    if (error != 0) {
      throw Error(ErrorCode::kUnsupported, kProgram,
                  std::string("cannot be run, so only root can mount: ") + std::strerror(error));
    }
    words_ = std::move(words.ours);
  }

  /// Waits for it to exit; returns its error message, without the leading program name, if it
  /// failed.
  std::string complaint() {
    std::string text;
    std::array<char, 512> piece{};
    ssize_t size = 0;
    while ((size = ::read(words_.get(), piece.data(), piece.size())) != 0) {
      if (size < 0 && errno != EINTR) {
        break;
      }
      text.append(piece.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
    }
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      return {};
    }
    // Further lines are hints for users of the command line.
    text = text.substr(0, text.find('\n'));
    const std::string prefix = std::string(kProgram) + ": ";
    text = text.starts_with(prefix) ? text.substr(prefix.size()) : text;
    return text.empty() ? "fusermount3 failed without a message" : text;
  }

 private:
  pid_t process_ = -1;
  Descriptor words_;
};

/// Returns the descriptor sent over the socket; an empty one if the socket is closed without
/// sending one.
Descriptor receive_descriptor(const Descriptor& socket) {
  char byte = 0;
  iovec data = {&byte, sizeof byte};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = 0;
  do {
    size = ::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  const cmsghdr* const header = size > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
    return {};
  }
  int descriptor = -1;
  std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  return Descriptor(descriptor);
}

}  // namespace

Descriptor fusermount_mount(const std::string& options, const std::string& mount_point) {
  Pair sockets = make_socket_pair();
  Run run({"-o", options, "--", mount_point}, sockets.theirs);
  sockets.theirs.reset();  // otherwise receive_descriptor() would wait if the program fails
  Descriptor connection = receive_descriptor(sockets.ours);
  std::string complaint = run.complaint();
  if (!connection || !complaint.empty()) {
    throw Error(ErrorCode::kAccessDenied, mount_point, "cannot mount: " + complaint);
  }
  return connection;
}

std::string fusermount_error(const std::vector<std::string>& arguments) {
  return Run(arguments, Descriptor()).complaint();
}

}  // namespace cim::mount
