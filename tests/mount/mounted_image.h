// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Images made for a test, and mounted by it.

#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cimlib/image_writer.h"
#include "cimlib/mount.h"

#include "base/bytes.h"
#include "image/sample_image.h"  // path()
#include "temporary_directory.h"

namespace cim::test {

/// The bytes of a literal, NULs in it included.
template <std::size_t Size>
Bytes from_text(const char (&text)[Size]) {
  const ByteView bytes = as_bytes(std::string_view(text, Size - 1));
  return {bytes.begin(), bytes.end()};
}

/// Writes a file in one piece.
void put(ImageWriter& writer, std::string_view path, std::string_view text,
         const FileMetadata& metadata = {});

/// Bytes that tell their place.
std::string pattern_text(std::size_t size, unsigned seed = 0);

/// Why nothing can be mounted here, or nothing if it can.
std::optional<std::string> reason_not_to_mount();

/// Why EROFS mounts nothing here, or nothing if it does. Tried once.
std::optional<std::string> reason_not_to_mount_erofs();

/// The whole of a file of the host. Throws std::system_error.
std::string contents(const std::filesystem::path& path);

/// The names in a directory, in its own order, without "." and "..".
std::vector<std::string> names_in(const std::filesystem::path& directory);

/// The value of an extended attribute, or nothing if the file has none of that name; of a link its
/// own. Throws std::system_error.
std::optional<std::string> xattr(const std::filesystem::path& path, const char* name);

/// An image made by `fill` and mounted, served by this process. Unmounts at its end.
class MountedImage {
 public:
  explicit MountedImage(const std::function<void(ImageWriter&)>& fill,
                        const mount::Options& options = {});
  /// The image `name` among the files that `write` puts into a directory; see failed().
  MountedImage(std::string_view name,
               const std::function<void(const std::filesystem::path&)>& write);
  MountedImage(const MountedImage&) = delete;
  MountedImage& operator=(const MountedImage&) = delete;
  ~MountedImage();

  std::filesystem::path image() const { return directory_.path() / name_; }
  std::filesystem::path directory() const { return directory_.path(); }
  const std::filesystem::path& root() const noexcept { return root_; }
  std::vector<std::string> warnings() const;

  /// Whether the image was refused, so that nothing is mounted; join() throws why.
  bool failed() const noexcept { return failure_ != nullptr; }

  /// Asks the server to stop.
  void stop() { stop_.request_stop(); }
  /// Waits for its end. Throws what it threw.
  void join();

 private:
  void serve(const mount::Options& options);

  TemporaryDirectory directory_;
  std::string name_ = "image.cim";
  std::filesystem::path root_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  std::vector<std::string> warnings_;
  std::exception_ptr failure_;
  std::thread server_;
};

}  // namespace cim::test
