// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "entry_walk.h"

#include "cimlib/wtf8.h"

namespace cim::python {
namespace {

constexpr std::size_t kBatchSize = 256;
constexpr std::size_t kMaxBatches = 8;

}  // namespace

std::string entry_path(const ImagePath& path) {
  std::string text;
  for (const std::u16string& name : path.names()) {
    text += text.empty() ? "" : "/";
    text += to_wtf8(std::u16string_view(name));
  }
  return text;
}

EntryWalk::EntryWalk(const Image& image, ImagePath from, std::size_t depth, bool reports_failures)
    : image_(image), from_(std::move(from)), depth_(depth), reports_failures_(reports_failures) {
  thread_ = std::jthread([this](const std::stop_token& stop) { walk(stop); });
}

EntryWalk::~EntryWalk() {
  thread_.request_stop();  // wakes push()
}

void EntryWalk::walk(const std::stop_token& stop) {
  Batch batch;
  std::exception_ptr failure;
  try {
    fill_batches(batch, stop);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!batch.entries.empty() || !batch.failures.empty()) {
    push(std::move(batch), stop);
  }
  const std::scoped_lock lock(mutex_);
  failure_ = std::move(failure);
  is_done_ = true;
  changed_.notify_all();
}

// Leaves the last entries in `batch`.
void EntryWalk::fill_batches(Batch& batch, const std::stop_token& stop) {
  WalkOptions options{.stop = stop, .depth = depth_};
  if (reports_failures_) {
    options.failure = [&](const ImagePath& path, const Error& error) {
      batch.failures.push_back({entry_path(path), error});
    };
  }
  const auto visit = [&](const WalkEntry& entry) {
    std::string path = entry_path(entry.path);
    batch.entries.push_back({image_, std::move(path), entry.info});
    if (batch.entries.size() + batch.failures.size() >= kBatchSize) {
      push(std::exchange(batch, {}), stop);
    }
    return !stop.stop_requested();
  };
  image_.walk(from_, visit, options);
}

void EntryWalk::push(Batch batch, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return batches_.size() < kMaxBatches; });
  batches_.push_back(std::move(batch));
  changed_.notify_all();
}

std::optional<EntryWalk::Batch> EntryWalk::next(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, wait, [this] { return is_done_ || !batches_.empty(); })) {
    return std::nullopt;
  }
  if (batches_.empty()) {
    if (failure_) {
      std::rethrow_exception(std::exchange(failure_, nullptr));
    }
    return Batch{};
  }
  Batch batch = std::move(batches_.front());
  batches_.pop_front();
  changed_.notify_all();
  return batch;
}

}  // namespace cim::python
