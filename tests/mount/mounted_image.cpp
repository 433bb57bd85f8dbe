// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/mounted_image.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <semaphore>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cimlib/error.h"

namespace cim::test {
namespace {

/// Uses an image so small that no region file becomes a device.
std::optional<std::string> try_erofs() {
  const TemporaryDirectory directory;
  const auto image = directory.path() / "image.cim";
  const auto place = std::filesystem::canonical(directory.path()) / "mount";
  std::filesystem::create_directory(place);
  ImageWriter writer(image);
  put(writer, "file", "small");
  writer.commit();
  try {
    mount::mount_in_background(
        image, place,
        {.backend = mount::BackendChoice::kErofs, .cache = directory.path() / "cache"});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported && error.code() != ErrorCode::kAccessDenied) {
      throw;
    }
    return error.what();
  }
  mount::unmount(place);
  return std::nullopt;
}

}  // namespace

void put(ImageWriter& writer, std::string_view text, std::string_view contents,
         const FileMetadata& metadata) {
  writer.add(path(text), metadata, contents.size());
  writer.write(as_bytes(contents));
}

std::string pattern_text(std::size_t size, unsigned seed) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = static_cast<char>((i * 7 + i / 251 + seed) % 251);
  }
  return text;
}

std::optional<std::string> reason_not_to_mount() {
  const int descriptor = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (descriptor < 0) {
    return std::string("/dev/fuse cannot be opened: ") + std::strerror(errno);
  }
  ::close(descriptor);
  return std::nullopt;
}

std::optional<std::string> reason_not_to_mount_erofs() {
  static const auto reason = try_erofs();
  return reason;
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw std::system_error(errno, std::generic_category(), path.string());
  }
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct stat lstat_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    throw std::system_error(errno, std::generic_category(), path.string());
  }
  return status;
}

std::vector<std::string> names_in(const std::filesystem::path& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
  if (!stream) {
    throw std::system_error(errno, std::generic_category(), directory.string());
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* const entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") {
      names.emplace_back(name);
    }
  }
  if (errno != 0) {
    throw std::system_error(errno, std::generic_category(), directory.string());
  }
  return names;
}

std::optional<std::string> xattr(const std::filesystem::path& path, const char* name) {
  std::string value(std::size_t{64} << 10, '\0');
  const ssize_t size = ::lgetxattr(path.c_str(), name, value.data(), value.size());
  if (size < 0 && errno == ENODATA) {
    return std::nullopt;
  }
  if (size < 0) {
    throw std::system_error(errno, std::generic_category(), name);
  }
  value.resize(static_cast<std::size_t>(size));
  return value;
}

MountedImage::MountedImage(const std::function<void(ImageWriter&)>& fill,
                           const mount::Options& options)
    : root_(std::filesystem::canonical(directory_.path()) / "mount") {
  std::filesystem::create_directory(root_);
  ImageWriter writer(image());
  fill(writer);
  writer.commit();
  serve(options);
}

MountedImage::MountedImage(std::string_view name,
                           const std::function<void(const std::filesystem::path&)>& write)
    : name_(name), root_(std::filesystem::canonical(directory_.path()) / "mount") {
  std::filesystem::create_directory(root_);
  write(directory_.path());
  serve({});
}

void MountedImage::serve(const mount::Options& options) {
  std::binary_semaphore ready(0);
  mount::Events events;
  events.ready = [&ready](const mount::Mounted&) { ready.release(); };
  events.warning = [this](const std::string& text) {
    const std::lock_guard lock(mutex_);
    warnings_.push_back(text);
  };
  server_ = std::thread([this, options, events, &ready] {
    try {
      mount::serve_foreground(image(), root_, options, events, stop_.get_token());
    } catch (...) {
      failure_ = std::current_exception();
      ready.release();
    }
  });
  ready.acquire();
}

MountedImage::~MountedImage() {
  stop();
  if (server_.joinable()) {
    server_.join();
  }
}

std::vector<std::string> MountedImage::warnings() const {
  const std::lock_guard lock(mutex_);
  return warnings_;
}

void MountedImage::join() {
  server_.join();
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

}  // namespace cim::test
