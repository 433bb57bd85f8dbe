// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Streams of bytes: where the library reads a stream from, and where it writes one to.
//
//   using cim::ByteSource;
//   import_tar("8.tar.gz", layer);                   // a file or a named pipe
//   import_tar(ByteSource::descriptor(0), layer);    // standard input
//   import_tar(ByteSource::memory(bytes), layer);
//   import_tar(ByteSource::callback([&](std::span<std::byte> into, const std::stop_token&) {
//     return connection.receive(into);
//   }), layer);
//
// No name has a special meaning: "-" is a file of that name.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <stop_token>
#include <string>
#include <type_traits>
#include <vector>

#include "cimlib/export.h"

namespace cim {

class BufferPool;
class SourceReader;

/// A stream of bytes to read, from its current position to its end. Nothing is opened or read until
/// a function of the library is called with it. That function may read on another thread, but not
/// on two at once, and does not read after its return.
///
/// Cheap to copy. Files and memory may be read again; copies of a descriptor or of a callback share
/// its position, so only one of them can be read, and only once.
class CIM_EXPORT ByteSource {
 public:
  /// Provides the next bytes: writes up to into.size() bytes, which is not 0, to the start of
  /// `into` and returns their number; 0 at the end. It need not fill `into`: it is called until a
  /// buffer of some hundred kilobytes is full, but not again after it returned 0 or threw. An
  /// exception from it ends the operation and reaches the caller.
  ///
  /// `stop` is requested when no more bytes are needed, because the caller requested a stop or the
  /// operation failed. The operation ends only after the call returned, so a function that waits
  /// should then stop waiting and return anything or throw.
  using Callback =
      std::function<std::size_t(std::span<std::byte> into, const std::stop_token& stop)>;

  /// Reads a regular file or a named pipe on the host. The function that takes the source opens it
  /// and throws kNotFound, kAccessDenied, kIo, or kInvalidArgument for a directory or device.
  /// Waits for the writers of a pipe; a request to stop ends the wait.
  template <typename Path>
  requires(std::convertible_to<const Path&, std::filesystem::path> &&
           !std::same_as<Path, ByteSource>)
      // NOLINTNEXTLINE(google-explicit-constructor): a path alone suffices for most callers
      ByteSource(const Path& path)
      : ByteSource(Kind::kFile, std::filesystem::path(path)) {}

  /// Bytes of the caller, which must not change or be destroyed until the function that takes the
  /// source has returned. `name` stands for them in errors.
  static ByteSource memory(std::span<const std::byte> bytes, std::string name = "memory");
  /// The same, owned by the source.
  static ByteSource memory(std::vector<std::byte>&& bytes, std::string name = "memory");
  /// Deleted: the bytes of a temporary object would be destroyed before they are read.
  template <typename Range>
  requires(!std::is_lvalue_reference_v<Range> &&
           !std::ranges::borrowed_range<Range>) static ByteSource
      memory(Range&& bytes, std::string name = "memory") = delete;

  /// An open file descriptor: a file, pipe, socket or terminal. On Windows it is a descriptor of
  /// the C runtime, and its text mode has no effect. The library reads from its current position
  /// on, possibly further than it needs, and does not close it. The caller must not close it until
  /// the function that takes the source has returned. A request to stop ends waiting for input.
  /// `name` stands for it in errors; by default it is "descriptor N". Throws kInvalidArgument for a
  /// negative number; reading a closed descriptor throws kIo.
  static ByteSource descriptor(int descriptor, std::string name = {});

  /// A function that provides the bytes. `size` is their number, if it is known: functions that
  /// need to know the size in advance accept only sources that have one, and progress is reported
  /// in relation to it. `name` stands for the source in errors. Throws kInvalidArgument for an
  /// empty function.
  static ByteSource callback(Callback read, std::optional<std::uint64_t> size = std::nullopt,
                             std::string name = "input");

 private:
  friend std::unique_ptr<SourceReader> open_source(const ByteSource& source,
                                                   const BufferPool& buffers,
                                                   const std::stop_token& stop);
  enum class Kind { kFile };
  struct State;

  ByteSource(Kind kind, std::filesystem::path path);
  explicit ByteSource(std::shared_ptr<const State> state) noexcept;

  std::shared_ptr<const State> state_;
};

/// Receives a stream of bytes in order, on the thread of the function that it was passed to. The
/// span is valid during the call. An exception from it ends the operation and reaches the caller.
using ByteSink = std::function<void(std::span<const std::byte>)>;

}  // namespace cim
