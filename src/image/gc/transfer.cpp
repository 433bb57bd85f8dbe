// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The region files come first and the filesystem file last, as when an image is written, so the
// same rules make a transfer safe: whatever a crash leaves of it is garbage.
#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "cimlib/error.h"
#include "cimlib/image_transfer.h"

#include "async/shared_bytes.h"
#include "base/upcase.h"
#include "image/gc/image_removal.h"
#include "image/read/region_files.h"
#include "image/read/region_locator.h"
#include "os/directory_lock.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim {
namespace {

constexpr std::size_t kPieceSize = std::size_t{1} << 20;

enum class LinkFiles { kNever, kIfPossible };

LockTimeout transfer_timeout(const TransferOptions& options) {
  LockTimeout timeout = options.lock_timeout;
  timeout.stop = options.stop;
  return timeout;
}

// The locks of two directories, which may be the same.
class TransferLocks {
 public:
  TransferLocks(const std::filesystem::path& from, const std::filesystem::path& to,
                const TransferOptions& options, LockMode mode) {
    const auto first = std::min(canonical_path(from), canonical_path(to));
    const auto second = std::max(canonical_path(from), canonical_path(to));
    first_.emplace(first, transfer_timeout(options), mode);
    if (second != first) {
      second_.emplace(second, transfer_timeout(options), mode);
    }
  }

  bool is_one_directory() const noexcept { return !second_; }

 private:
  std::optional<DirectoryLock> first_;
  std::optional<DirectoryLock> second_;
};

// Removes what a transfer created, the last first, unless it succeeds. Failures to remove are
// ignored: what remains is garbage.
class CreatedFiles {
 public:
  CreatedFiles() = default;
  CreatedFiles(const CreatedFiles&) = delete;
  CreatedFiles& operator=(const CreatedFiles&) = delete;
  ~CreatedFiles() {
    std::error_code ignored;
    for (; !paths_.empty(); paths_.pop_back()) {
      std::filesystem::remove(paths_.back(), ignored);
    }
  }

  void add(const std::filesystem::path& path) { paths_.push_back(path); }
  void keep() noexcept { paths_.clear(); }

 private:
  std::vector<std::filesystem::path> paths_;
};

class Transfer {
 public:
  Transfer(const std::filesystem::path& image, const std::filesystem::path& target,
           const TransferOptions& options, LinkFiles links)
      : image_(image),
        target_(target),
        options_(options),
        links_(links),
        is_one_directory_(is_same_file(image_directory(image), image_directory(target))),
        targets_(image_directory(target)) {}

  std::vector<TransferredFile> run() {
    refuse_existing_target();
    const std::vector<ImageFile> files = files_to_transfer();
    for (const ImageFile& file : files) {
      if (file.kind != ImageFileKind::kFilesystem && !is_one_directory_) {
        transfer_part(file);
      }
    }
    sync_directory(image_directory(target_));
    publish_image();
    created_.keep();
    return std::move(done_);
  }

 private:
  void refuse_existing_target() const {
    if (std::filesystem::exists(link_status_of(target_))) {
      throw Error(ErrorCode::kExists, target_.string(), "already exists");
    }
  }

  std::vector<ImageFile> files_to_transfer() {
    std::vector<ImageFile> files = image_files(image_, options_.region_directories);
    std::erase_if(files, [](const ImageFile& file) {
      return !file.size && file.kind == ImageFileKind::kObjectIds;
    });
    std::uint64_t total = 0;
    for (const ImageFile& file : files) {
      if (!file.size) {
        throw Error(ErrorCode::kNotFound, file.path.string(),
                    "is missing, so the image is not complete");
      }
      total += is_one_directory_ ? 0 : *file.size;
    }
    progress_.bytes_total = total;
    return files;
  }

  void transfer_part(const ImageFile& file) {
    const auto target = targets_.find(to_ascii_lower(file.path.filename().string()));
    const File source = File::open_read_unlinked(file.path);
    progress_text_ = file.path.string();
    const bool was_there = std::filesystem::exists(link_status_of(target));
    if (was_there) {
      require_same(source, target);
    } else if (!link(file.path, target)) {
      copy(source, target);
    }
    done_.push_back({file.path, target, source.size(), was_there, false});
    ++progress_.entries_done;
  }

  // Region files never change once an image uses them, so both names may lead to one file.
  bool link(const std::filesystem::path& source, const std::filesystem::path& target) {
    if (links_ == LinkFiles::kNever) {
      return false;
    }
    std::error_code error;
    std::filesystem::create_hard_link(source, target, error);
    if (!error) {
      created_.add(target);
    }
    return !error;
  }

  void copy(const File& source, const std::filesystem::path& target) {
    AtomicFile copied(target);
    copied.file().allow_holes();
    for_each_piece(source, [&](std::uint64_t offset, ByteView piece) {
      if (!is_zero(piece)) {
        copied.file().write_at(offset, piece);
      }
    });
    copied.file().resize(source.size());
    copied.publish(Publish::kFailIfThere, [&] { created_.add(target); });
  }

  void require_same(const File& source, const std::filesystem::path& target) {
    const File other = File::open_read_unlinked(target);
    bool is_same = other.size() == source.size();
    Bytes buffer(kPieceSize);
    if (is_same) {
      for_each_piece(source, [&](std::uint64_t offset, ByteView piece) {
        const auto compared = std::span(buffer).first(piece.size());
        is_same = is_same && other.read_some_at(offset, compared) == piece.size() &&
                  equal(compared, piece);
      });
    }
    if (!is_same) {
      throw Error(ErrorCode::kExists, target.string(),
                  "already exists and is not the same file as the one of the image");
    }
  }

  template <typename Use>
  void for_each_piece(const File& source, Use use) {
    Bytes buffer(kPieceSize);
    const std::uint64_t size = source.size();
    for (std::uint64_t offset = 0; offset < size;) {
      const auto piece = std::span(buffer).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(kPieceSize, size - offset)));
      source.read_at(offset, piece);
      use(offset, piece);
      offset += piece.size();
      report(piece.size());
    }
  }

  void publish_image() {
    const Bytes bytes = read_whole_file(image_, kMaxFilesystemFile);
    AtomicFile copied(target_);
    copied.file().write_at(0, bytes);
    copied.publish(Publish::kFailIfThere, [&] { created_.add(target_); });
    done_.push_back({image_, target_, bytes.size(), false, false});
  }

  void report(std::size_t bytes) {
    progress_.bytes_done += bytes;
    progress_.current = progress_text_;
    if (options_.progress) {
      options_.progress(progress_);
    }
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, image_.string(), "the transfer was cancelled");
    }
  }

  const std::filesystem::path& image_;
  const std::filesystem::path& target_;
  const TransferOptions& options_;
  LinkFiles links_;
  bool is_one_directory_;
  RegionLocator targets_;  // existing files may have names in another case
  CreatedFiles created_;
  std::vector<TransferredFile> done_;
  Progress progress_;
  std::string progress_text_;
};

// Within a directory only the name changes, so forks do not matter.
std::vector<TransferredFile> rename_image(const std::filesystem::path& image,
                                          const std::filesystem::path& target,
                                          const TransferOptions& options) {
  auto files = Transfer(image, target, options, LinkFiles::kNever).run();
  remove_file(image);
  sync_directory(image_directory(image));
  return files;
}

}  // namespace

std::vector<TransferredFile> copy_image(const std::filesystem::path& image,
                                        const std::filesystem::path& target,
                                        const TransferOptions& options) {
  const TransferLocks locks(image_directory(image), image_directory(target), options,
                            LockMode::kShared);
  return Transfer(image, target, options, LinkFiles::kNever).run();
}

std::vector<TransferredFile> move_image(const std::filesystem::path& image,
                                        const std::filesystem::path& target,
                                        const TransferOptions& options) {
  const TransferLocks locks(image_directory(image), image_directory(target), options,
                            LockMode::kExclusive);
  if (locks.is_one_directory()) {
    return rename_image(image, target, options);
  }
  ImageRemoval removal(image_directory(image));
  removal.require_removable(image);
  auto files = Transfer(image, target, options, LinkFiles::kIfPossible).run();
  removal.remove(image);
  for (TransferredFile& file : files) {
    file.is_kept = std::filesystem::exists(status_of(file.source));  // needed by other images
  }
  return files;
}

}  // namespace cim
