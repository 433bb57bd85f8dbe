// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/source.h"

#include "async/shared_bytes.h"

namespace cim::tar {

Input::Input(const ByteSource& source, const std::stop_token& stop)
    : Input(open_source(source, BufferPool(kReadSize), stop)) {}

Input::Input(std::unique_ptr<SourceReader> reader)
    : Source(reader->name()), reader_(std::move(reader)) {}

std::shared_ptr<const void> Input::owner() const {
  if (auto owner = reader_->owner()) {
    return owner;
  }
  static constexpr char kNothing = 0;  // the owner owns nothing and isn't null
  return {std::shared_ptr<const void>(), &kNothing};
}

}  // namespace cim::tar
