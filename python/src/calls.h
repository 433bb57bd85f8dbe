// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Calls of the library from Python: without the GIL, interruptible, with their errors as exceptions
// of Python.

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include <pybind11/pybind11.h>

#include "cimlib/byte_streams.h"
#include "cimlib/error.h"
#include "cimlib/progress.h"

namespace cim::python {

namespace py = pybind11;

/// Makes every cim::Error that leaves a bound function a cimlib.Error.
void translate_errors();

/// Returns the cimlib.Error for a failure.
py::object to_exception(const Error& error);

/// Runs `work` on another thread while this one handles signals, and returns when it is done: at an
/// interruption (Ctrl-C) `work` is requested to stop, and KeyboardInterrupt is raised after it has
/// ended. Call with the GIL, which `work` does not hold.
void run_interruptibly(const std::function<void(const std::stop_token&)>& work);

/// The same for work that returns a result.
template <typename Work>
auto interruptibly(Work&& work) {
  std::optional<std::invoke_result_t<Work, const std::stop_token&>> result;
  run_interruptibly([&](const std::stop_token& stop) { result.emplace(work(stop)); });
  return *std::move(result);
}

/// Runs short work without the GIL.
template <typename Work>
auto without_gil(Work&& work) {
  const py::gil_scoped_release release;
  return work();
}

/// A callable or None as a sink of warnings. The result may be called without the GIL; it must be
/// destroyed with it.
WarningSink to_warning_sink(const py::object& callback);
/// The same for progress: callback(bytes_done, bytes_total or None, entries_done, current).
ProgressSink to_progress_sink(const py::object& callback);

/// A path of the host, or a file object with readinto() or read(), as a source of bytes.
ByteSource to_source(const py::object& source);
/// A file object with write() as a sink, which gets memory views that are valid during the call.
ByteSink to_sink(const py::object& file);

}  // namespace cim::python
