// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/cache.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "image/read/image_reader.h"
#include "image/read/region_files.h"
#include "mount/base/trusted_directory.h"
#include "os/crypto.h"
#include "os/directory_lock.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim::mount::erofs {
namespace {

// Incremented whenever the same image results in another metadata image.
constexpr unsigned kBuilderVersion = 3;

constexpr std::string_view kExtension = ".erofs";
constexpr std::string_view kTemporaryExtension = ".tmp";

// The exclusive lock is held only to remove some files.
constexpr std::chrono::seconds kCacheLockTimeout{30};

/// An environment variable with an absolute path, which can be trusted: the user who runs the
/// program sets it.
std::optional<std::filesystem::path> path_from_environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread sets any
  if (value == nullptr || *value != '/') {
    return std::nullopt;
  }
  return value;
}

/// The kernel will read the files there, so no other user may write them.
TrustedDirectory prepared(const std::filesystem::path& cache) {
  constexpr mode_t kModeAbove = 0755;
  constexpr mode_t kMode = 0700;
  auto directory = make_trusted_child(make_trusted_directory(cache, kModeAbove), "erofs", kMode);
  require_private(directory);
  return directory;
}

std::string digest_of(std::string_view text) {
  return to_hex(Sha256::of(as_bytes(text)));
}

/// Returns the part of a file name that stays the same when the image changes.
std::string place_of(const Image& image, const PosixOptions& posix_options) {
  constexpr std::size_t kDigits = 16;
  return digest_of(fmt::format("{}\n{} {} {:o} {} {}", image.path().string(), posix_options.user,
                               posix_options.group, posix_options.umask,
                               posix_options.is_root_private,
                               static_cast<int>(posix_options.streams)))
      .substr(0, kDigits);
}

/// The key depends on everything that identifies the image: the whole filesystem file, and the size
/// and modification time of each region file, since regions have no checksums of their own.
Guid key_of(const Image& image) {
  Sha256 hash;
  const auto add = [&hash](const std::string& text) { hash.update(as_bytes(text)); };
  add(fmt::format("{}\n", kBuilderVersion));
  hash.update(read_whole_file(image.path(), kMaxFilesystemFile));
  for (const RegionSet& set : image.region_sets()) {
    add(fmt::format("{} {}\n", set.guid.to_string(), set.region_count));
  }
  for (std::uint32_t i = 0; i < image.regions().size(); ++i) {
    const FileStamp& stamp = reader_of(image).files().stamp(i);
    add(fmt::format("{} {} {}.{}\n", image.regions()[i].is_usable, stamp.size, stamp.written,
                    stamp.written_fraction));
  }
  const Sha256Digest digest = hash.finish();
  Guid key;
  std::copy_n(digest.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  while (!error && entries != std::filesystem::directory_iterator()) {
    files.push_back(entries->path());
    entries.increment(error);
  }
  if (error) {
    throw_system_error(error.value(), directory.string(), "list");
  }
  return files;
}

/// Removes the temporary files of builders that were killed. Only the holder of the exclusive lock
/// knows that no builder is running.
void remove_temporaries(const std::filesystem::path& directory) {
  try {
    const DirectoryLock lock(directory);
    for (const auto& file : files_in(directory)) {
      if (file.extension() == kTemporaryExtension) {
        remove_file(file);
      }
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kBusy) {
      throw;
    }
  }
}

/// Returns true for other metadata images of the same path, which the new one replaces, and for
/// those whose image does not exist any more.
bool is_of_no_use(const std::filesystem::path& file, const std::string& place,
                  const std::filesystem::path& made) {
  if (file.extension() != kExtension || file == made) {
    return false;
  }
  if (file.filename().string().starts_with(place + "-")) {
    return true;
  }
  const auto seal_data = read_seal_data(File::open_read(file));
  std::error_code error;
  return !seal_data || (!std::filesystem::exists(seal_data->image, error) && !error);
}

/// Removes the metadata images that are of no use. Mounts that use one of them are not affected.
/// Failures are ignored: the next process tries again.
void remove_stale(const std::filesystem::path& directory, const std::string& place,
                  const std::filesystem::path& made) {
  try {
    for (const auto& file : files_in(directory)) {
      if (is_of_no_use(file, place, made)) {
        remove_file(file);
      }
    }
  } catch (const Error&) {
    return;
  }
}

/// Opens a file that was created here and that no other user can have modified.
std::optional<File> open_private(const TrustedDirectory& directory, const std::string& name) {
  Descriptor descriptor(::openat(directory.descriptor.get(), name.c_str(),
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!descriptor || ::fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return std::nullopt;
  }
  return File::adopt(descriptor.release(), directory.path / name);
}

/// Returns nullopt if the cache has no such file, or the file cannot be used: it is then built anew
/// and replaced.
std::optional<MetadataImage> find(const TrustedDirectory& directory, const std::string& name,
                                  const Guid& key) {
  try {
    auto file = open_private(directory, name);
    auto seal_data = file ? check_seal(*file, key) : std::nullopt;
    if (seal_data) {
      return MetadataImage{*std::move(file), *std::move(seal_data)};
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorrupt) {
      throw;
    }
  }
  return std::nullopt;
}

/// Returns the file that it created, even if the name refers to another file by then.
MetadataImage make(const Image& image, const PosixOptions& posix_options,
                   const std::filesystem::path& path, const Guid& key,
                   const std::stop_token& stop) {
  constexpr mode_t kMode = 0600;
  AtomicFile file(path);
  File kept = File::adopt(::fcntl(file.file().descriptor(), F_DUPFD_CLOEXEC, 0), path);
  if (kept.descriptor() < 0 || ::fchmod(kept.descriptor(), kMode) != 0) {
    throw_system_error(errno, path.string(), "make");
  }
  BuildResult result = build(image, posix_options, key, file.file(), kBlockBits, stop);
  SealData seal_data = {.image = image.path(),
                        .probe = std::move(result.probe),
                        .omissions = std::move(result.omissions)};
  seal(file.file(), key, seal_data);
  file.publish(Publish::kReplace);
  return {std::move(kept), std::move(seal_data)};
}

}  // namespace

std::filesystem::path cache_directory(const std::optional<std::filesystem::path>& given) {
  if (given) {
    return *given;
  }
  if (::geteuid() == 0) {
    return "/var/cache/cimlib";
  }
  if (const auto cache = path_from_environment("XDG_CACHE_HOME")) {
    return *cache / "cimlib";
  }
  if (const auto home = path_from_environment("HOME")) {
    return *home / ".cache" / "cimlib";
  }
  throw Error(ErrorCode::kNotFound, "XDG_CACHE_HOME",
              "does not name a directory for metadata images");
}

MetadataImage find_or_build(const Image& image, const PosixOptions& posix_options,
                            const std::filesystem::path& cache, const std::stop_token& stop) {
  const TrustedDirectory directory = prepared(cache);
  const Guid key = key_of(image);
  const std::string place = place_of(image, posix_options);
  const std::string name = fmt::format("{}-{}{}", place, to_hex(key.bytes), kExtension);
  if (auto found = find(directory, name, key)) {
    return *std::move(found);
  }
  remove_temporaries(directory.path);
  // Any number of processes may build at the same time; the lock shows remove_temporaries() of
  // others that temporary files are in use. If two build the same image, the later rename wins, and
  // both results are equal.
  const DirectoryLock lock(directory.path, kCacheLockTimeout, LockMode::kShared);
  const auto path = directory.path / name;
  MetadataImage made = make(image, posix_options, path, key, stop);
  remove_stale(directory.path, place, path);
  return made;
}

}  // namespace cim::mount::erofs
