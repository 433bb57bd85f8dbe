// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A WIM file that is open for reading. libwim reads its metadata and decompresses; it offers no
// function that passes the data of a file on, so the chunks of a file are read here.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <wimlib.h>

#include "base/bytes.h"

namespace cim::wim {

class WimFile {
 public:
  /// Throws what the code of libwim means.
  explicit WimFile(const std::filesystem::path& path);
  WimFile(const WimFile&) = delete;
  WimFile& operator=(const WimFile&) = delete;
  ~WimFile();

  /// Returns the number of images.
  std::uint32_t image_count() const noexcept;

  /// Visits all files of an image, directories before their entries. Exceptions of the visitor
  /// reach the caller.
  void walk(std::uint32_t index, const std::function<void(const wimlib_dir_entry&)>& visit) const;

  /// Passes the bytes of a stream to `sink` and compares them with its digest. `name` stands for
  /// the stream in errors. Throws kCorrupt, and kUnsupported for solid resources.
  void read(const wimlib_resource_entry& stream, const std::string& name,
            const std::function<void(ByteView)>& sink) const;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace cim::wim
