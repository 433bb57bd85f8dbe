// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Keeps an object that a failed call left half changed, or that is closed, from being used again.

#include <exception>
#include <string>
#include <utility>

#include "cimlib/error.h"

namespace cim {

/// The state of a writer or an editor: open, failed or closed. Every public call goes through it.
/// A check whose failure is documented as harmless comes after require_open() and outside of run().
class OperationGuard {
 public:
  /// `subject` and `closed_reason` make the error of a call after the last one.
  OperationGuard(std::string subject, std::string closed_reason)
      : subject_(std::move(subject)), closed_reason_(std::move(closed_reason)) {}

  /// Throws what an earlier call failed with; kInvalidArgument after close().
  void require_open() const {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
    if (is_closed_) {
      throw Error(ErrorCode::kInvalidArgument, subject_, closed_reason_);
    }
  }

  /// Does the work if the object is open; a failure of it is final. May be nested.
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

  /// The same for the last call.
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
