// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Prevents the use of an object that was closed, or that a failed call left half changed.

#include <exception>
#include <string>
#include <utility>

#include "cimlib/error.h"

namespace cim {

/// The state of a writer or an editor: open, failed or closed. Every public call goes through it.
/// Checks whose failure is documented as harmless come after require_open() and outside run().
class OperationGuard {
 public:
  /// `subject` and `closed_reason` are used in the error of a call after close().
  OperationGuard(std::string subject, std::string closed_reason)
      : subject_(std::move(subject)), closed_reason_(std::move(closed_reason)) {}

  /// Throws the error that an earlier call failed with; kInvalidArgument after close().
  void require_open() const {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
    if (is_closed_) {
      throw Error(ErrorCode::kInvalidArgument, subject_, closed_reason_);
    }
  }

  /// Calls `work` if the object is open; if it throws, every later call throws the same exception.
  /// Calls may be nested.
  template <typename Work>
  decltype(auto) run(Work&& work) {
    require_open();
    try {
      return std::forward<Work>(work)();
    } catch (...) {
      failure_ = std::current_exception();
      throw;
    }
  }

  /// Does the same for the last call and closes the object, whether or not the call succeeds.
  template <typename Work>
  decltype(auto) close(Work&& work) {
    require_open();
    const struct Closing {
      ~Closing() { is_closed = true; }
      bool& is_closed;
    } closing{is_closed_};
    return run(std::forward<Work>(work));
  }

 private:
  std::string subject_;
  std::string closed_reason_;
  std::exception_ptr failure_;
  bool is_closed_ = false;
};

}  // namespace cim
