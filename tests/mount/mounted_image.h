// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Images made and mounted by a test, and ways to read files of the host.

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

#include <sys/stat.h>

#include "cimlib/image_writer.h"
#include "cimlib/mount.h"

#include "base/bytes.h"
#include "image/sample_image.h"  // path()
#include "temporary_directory.h"

namespace cim::test {

/// Returns the bytes of a literal, including its NULs.
template <std::size_t Size>
Bytes from_text(const char (&text)[Size]) {
  const ByteView bytes = as_bytes(std::string_view(text, Size - 1));
  return {bytes.begin(), bytes.end()};
}

/// Writes a file in one piece.
void put(ImageWriter& writer, std::string_view path, std::string_view text,
         const FileMetadata& metadata = {});

/// Returns bytes that depend on their position and the seed.
std::string pattern_text(std::size_t size, unsigned seed = 0);

/// Returns why nothing can be mounted here; nullopt if it can.
std::optional<std::string> reason_not_to_mount();

/// Returns why EROFS cannot mount here; nullopt if it can. Mounts an image to find out, once.
std::optional<std::string> reason_not_to_mount_erofs();

/// Returns the contents of a file of the host. Throws std::system_error.
std::string contents(const std::filesystem::path& path);

/// Returns lstat(2) of a file. Throws std::system_error.
struct stat lstat_of(const std::filesystem::path& path);

/// Returns the names in a directory in the order of readdir(3), without "." and "..". Throws
/// std::system_error.
std::vector<std::string> names_in(const std::filesystem::path& directory);

/// Returns the value of an extended attribute; nullopt if the file has none of that name. Does not
/// follow links. Throws std::system_error.
std::optional<std::string> xattr(const std::filesystem::path& path, const char* name);

/// An image that is mounted and served by this process. Unmounted by the destructor.
class MountedImage {
 public:
  /// Makes the image with `fill`.
  explicit MountedImage(const std::function<void(ImageWriter&)>& fill,
                        const mount::Options& options = {});
  /// Mounts the image `name` of those that `write` creates in a directory, if possible: see
  /// failed().
  MountedImage(std::string_view name,
               const std::function<void(const std::filesystem::path&)>& write);
  MountedImage(const MountedImage&) = delete;
  MountedImage& operator=(const MountedImage&) = delete;
  ~MountedImage();

  std::filesystem::path image() const { return directory_.path() / name_; }
  std::filesystem::path directory() const { return directory_.path(); }
  const std::filesystem::path& root() const noexcept { return root_; }
  std::vector<std::string> warnings() const;

  /// True if the image was rejected, so that nothing is mounted; join() throws the reason.
  bool failed() const noexcept { return failure_ != nullptr; }

  /// Requests the server to stop.
  void stop() { stop_.request_stop(); }
  /// Waits until the server ends. Throws what it threw.
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
