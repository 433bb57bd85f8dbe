// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/server_state.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <sys/stat.h>

#include "cimlib/error.h"
#include "cimlib/guid.h"

#include "base/thread.h"

namespace cim::mount {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds kAnswerPatience{2};

/// Returns a random name below a mount point, which the kernel cannot answer from its cache: cached
/// entries of a dead server are still returned.
std::filesystem::path unknown_name(const std::filesystem::path& mount_point) {
  return mount_point / Guid::random().to_string();
}

int errno_of_question(const std::filesystem::path& name) noexcept {
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
      return ServerState::kRunning;  // an error in the image is also an answer
  }
}

/// Mounts that several threads query in turn. A query to a hung server never returns, so its thread
/// may outlive the caller.
class Questions {
 public:
  /// The names are made here: a thread that outlives the program's end must not be inside OpenSSL.
  explicit Questions(const std::vector<std::filesystem::path>& places) : answers_(places.size()) {
    names_.reserve(places.size());
    for (const std::filesystem::path& place : places) {
      names_.push_back(unknown_name(place));
    }
  }

  /// Runs in each thread.
  void ask_all() noexcept {
    while (const auto index = take()) {
      const int error = errno_of_question(names_[*index]);
      const std::lock_guard lock(mutex_);
      answers_[*index] = state_by_errno(error);
      ++answered_;
      changed_.notify_all();
    }
  }

  /// Returns the states known at the deadline and stops further queries. Servers that were queried
  /// but did not answer are unresponsive.
  std::vector<ServerState> states_by(Deadline deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [this] { return answered_ == names_.size(); });
    std::vector<ServerState> states;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      states.push_back(
          answers_[i].value_or(i < next_ ? ServerState::kUnresponsive : ServerState::kUnknown));
    }
    next_ = names_.size();
    return states;
  }

 private:
  std::optional<std::size_t> take() {
    const std::lock_guard lock(mutex_);
    return next_ < names_.size() ? std::optional(next_++) : std::nullopt;
  }

  std::vector<std::filesystem::path> names_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::optional<ServerState>> answers_;
  std::size_t next_ = 0;
  std::size_t answered_ = 0;
};

std::vector<ServerState> ask(const std::vector<std::filesystem::path>& places) {
  // If this many servers hang, the others are not queried.
  constexpr std::size_t kMostThreads = 64;
  if (places.empty()) {
    return {};
  }
  const Deadline deadline = std::chrono::steady_clock::now() + kAnswerPatience;
  const std::size_t count = std::min(places.size(), kMostThreads);
  const auto questions = std::make_shared<Questions>(places);
  std::size_t started = 0;
  try {
    for (; started < count; ++started) {
      start_thread([questions] { questions->ask_all(); }).detach();
    }
  } catch (const Error&) {
    // The threads that did start query all mounts; if none did, all states are unknown.
  }
  return questions->states_by(started == 0 ? std::chrono::steady_clock::now() : deadline);
}

}  // namespace

std::vector<ServerState> server_states(const std::vector<ImageMount>& mounts) {
  std::vector<std::filesystem::path> asked;
  for (const ImageMount& mount : mounts) {
    if (mount.is_on_top && mount.backend() == Backend::kFuse) {
      asked.push_back(mount.mount_point());
    }
  }
  const auto answers = ask(asked);
  std::vector<ServerState> states;
  auto answer = answers.begin();
  for (const ImageMount& mount : mounts) {
    if (!mount.is_on_top) {
      states.push_back(ServerState::kUnknown);
    } else if (mount.backend() == Backend::kErofs) {
      states.push_back(ServerState::kRunning);
    } else {
      states.push_back(*answer++);
    }
  }
  return states;
}

std::string_view to_string(ServerState state) noexcept {
  switch (state) {
    case ServerState::kRunning:
      return "answers";
    case ServerState::kDead:
      return "gone";
    case ServerState::kUnresponsive:
      return "silent";
    case ServerState::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace cim::mount
