// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/server_state.h"

#include <cerrno>
#include <chrono>
#include <exception>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <thread>

#include <sys/stat.h>

#include "cimlib/guid.h"

namespace cim::mount {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds kAnswerPatience{2};

/// Looks for a name that nobody has asked for, so that the kernel has to pass the question on: what
/// it remembers it tells for a dead server too.
int errno_of_question(const std::filesystem::path& mount_point) {
  struct stat status {};
  const auto unknown = mount_point / Guid::random().to_string();
  return ::lstat(unknown.c_str(), &status) == 0 ? 0 : errno;
}

/// Asks from a thread of its own, since a question to a server that hangs has no end.
class Question {
 public:
  explicit Question(const std::filesystem::path& mount_point) {
    auto promise = std::make_shared<std::promise<int>>();
    answer_ = promise->get_future();
    thread_ = std::thread([promise, mount_point] {
      try {
        promise->set_value(errno_of_question(mount_point));
      } catch (...) {
        promise->set_exception(std::current_exception());
      }
    });
  }
  Question(Question&&) = default;
  Question& operator=(Question&&) = default;
  /// A thread that has no answer stays behind.
  ~Question() {
    if (thread_.joinable()) {
      thread_.detach();
    }
  }

  ServerState state_by(Deadline deadline) {
    if (answer_.wait_until(deadline) != std::future_status::ready) {
      return ServerState::kSilent;
    }
    thread_.join();
    switch (answer_.get()) {
      case ENOTCONN:
      case ECONNABORTED:
        return ServerState::kGone;
      case EACCES:
      case EPERM:
        return ServerState::kUnknown;
      default:
        return ServerState::kAnswers;  // damage is an answer too
    }
  }

 private:
  std::future<int> answer_;
  std::thread thread_;
};

}  // namespace

std::vector<ServerState> server_states(const std::vector<ImageMount>& mounts) {
  const Deadline deadline = std::chrono::steady_clock::now() + kAnswerPatience;
  std::vector<std::optional<Question>> questions(mounts.size());
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    if (mounts[i].is_on_top) {
      questions[i].emplace(mounts[i].mount_point());
    }
  }
  std::vector<ServerState> states;
  states.reserve(mounts.size());
  for (auto& question : questions) {
    states.push_back(question ? question->state_by(deadline) : ServerState::kUnknown);
  }
  return states;
}

std::string_view to_string(ServerState state) noexcept {
  switch (state) {
    case ServerState::kAnswers:
      return "answers";
    case ServerState::kGone:
      return "gone";
    case ServerState::kSilent:
      return "silent";
    case ServerState::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace cim::mount
