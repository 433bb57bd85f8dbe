// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "calls.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include <pybind11/stl/filesystem.h>

#include "text.h"

namespace cim::python {
namespace {

// How long an interruption may wait to be noticed.
constexpr std::chrono::milliseconds kSignalPeriod{50};

// A Python object that code without the GIL may hold and copy: it is released with the GIL.
std::shared_ptr<py::object> keep(py::object object) {
  return {new py::object(std::move(object)), [](py::object* kept) {
            const py::gil_scoped_acquire gil;
            delete kept;  // NOLINT(cppcoreguidelines-owning-memory)
          }};
}

py::memoryview view_of(std::span<const std::byte> bytes) {
  return py::memoryview::from_memory(bytes.data(), static_cast<py::ssize_t>(bytes.size()));
}

// The view must not be used after the call that it was passed to.
void release(const py::memoryview& view) {
  view.attr("release")();
}

std::size_t read_into(const py::object& readinto, std::span<std::byte> into) {
  const auto view = py::memoryview::from_memory(into.data(), static_cast<py::ssize_t>(into.size()));
  const py::object count = readinto(view);
  release(view);
  const auto size = count.is_none() ? 0 : count.cast<std::size_t>();
  if (size > into.size()) {
    throw py::value_error("readinto() returned more bytes than the buffer has");
  }
  return size;
}

std::size_t read_from(const py::object& read, std::span<std::byte> into) {
  const py::object chunk = read(into.size());
  const BorrowedBytes bytes(chunk);
  if (bytes.bytes().size() > into.size()) {
    throw py::value_error("read() returned more bytes than were asked for");
  }
  std::ranges::copy(bytes.bytes(), into.begin());
  return bytes.bytes().size();
}

// State shared by run_interruptibly() and its thread.
struct Completion {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_done = false;
  std::exception_ptr failure;

  void finish(std::exception_ptr result) {
    {
      const std::scoped_lock lock(mutex);
      failure = std::move(result);
      is_done = true;
    }
    changed.notify_all();
  }

  bool wait_a_while() {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kSignalPeriod, [this] { return is_done; });
  }
};

}  // namespace

py::object to_exception(const Error& error) {
  const py::object type = py::module_::import("cimlib._errors").attr("Error");
  const auto offset = error.offset() ? py::object(py::int_(*error.offset())) : py::none();
  return type(to_str(to_string(error.code())), to_str(error.subject()), to_str(error.reason()),
              offset);
}

void translate_errors() {
  py::register_local_exception_translator([](std::exception_ptr failure) {
    try {
      std::rethrow_exception(std::move(failure));
    } catch (const Error& error) {
      const py::object exception = to_exception(error);
      PyErr_SetObject(py::type::of(exception).ptr(), exception.ptr());
    }
  });
}

void run_interruptibly(const std::function<void(const std::stop_token&)>& work) {
  Completion completion;
  bool is_interrupted = false;
  {
    const py::gil_scoped_release release_gil;
    std::jthread thread([&](const std::stop_token& stop) {
      std::exception_ptr failure;
      try {
        work(stop);
      } catch (...) {
        failure = std::current_exception();
      }
      completion.finish(std::move(failure));
    });
    while (!completion.wait_a_while()) {
      const py::gil_scoped_acquire gil;
      if (!is_interrupted && PyErr_CheckSignals() != 0) {
        is_interrupted = true;
        thread.request_stop();
        // Python's exception is kept in this thread's state while it waits for the other one.
      }
    }
  }
  if (is_interrupted) {
    completion.failure = nullptr;
    throw py::error_already_set();
  }
  if (completion.failure) {
    std::rethrow_exception(completion.failure);
  }
}

WarningSink to_warning_sink(const py::object& callback) {
  if (callback.is_none()) {
    return {};
  }
  return [kept = keep(callback)](const std::string& text) {
    const py::gil_scoped_acquire gil;
    (*kept)(to_str(text));
  };
}

ProgressSink to_progress_sink(const py::object& callback) {
  if (callback.is_none()) {
    return {};
  }
  return [kept = keep(callback)](const Progress& progress) {
    const py::gil_scoped_acquire gil;
    const auto total =
        progress.bytes_total ? py::object(py::int_(*progress.bytes_total)) : py::none();
    (*kept)(progress.bytes_done, total, progress.entries_done, to_str(progress.current));
  };
}

ByteSource to_source(const py::object& source) {
  const bool reads_into = py::hasattr(source, "readinto");
  if (!reads_into && !py::hasattr(source, "read")) {
    return source.cast<std::filesystem::path>();
  }
  auto kept = keep(source.attr(reads_into ? "readinto" : "read"));
  return ByteSource::callback(
      [reads_into, kept = std::move(kept)](std::span<std::byte> into, const std::stop_token&) {
        const py::gil_scoped_acquire gil;
        return reads_into ? read_into(*kept, into) : read_from(*kept, into);
      });
}

ByteSink to_sink(const py::object& file) {
  return [kept = keep(file.attr("write"))](std::span<const std::byte> bytes) {
    const py::gil_scoped_acquire gil;
    while (!bytes.empty()) {  // a raw file may take less than all
      const auto view = view_of(bytes);
      const py::object count = (*kept)(view);
      release(view);
      const auto written = count.is_none() ? bytes.size() : count.cast<std::size_t>();
      if (written == 0 || written > bytes.size()) {
        throw py::value_error("write() returned an impossible count");
      }
      bytes = bytes.subspan(written);
    }
  };
}

}  // namespace cim::python
