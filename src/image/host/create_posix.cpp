// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Creates an image in one walk over a directory, names sorted, so that the order of the image does
// not depend on the host's file system. Every entry is opened by its name in the directory that is
// open, never through a link; what an image cannot hold is left out with a warning (Skipped) and
// everything else included.
#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cimlib/attributes.h"
#include "cimlib/create.h"
#include "cimlib/error.h"
#include "cimlib/reparse.h"
#include "cimlib/wtf8.h"

#include "image/host/directory_stack.h"
#include "image/host/host_entry.h"
#include "image/host/host_metadata.h"
#include "image/read/region_files.h"
#include "ntfs/ntfs_3g.h"
#include "os/host_path.h"

namespace cim {
namespace {

// Returns an empty path if there is no such file.
std::filesystem::path canonical_if_present(const std::filesystem::path& path) {
  return std::filesystem::exists(status_of(path)) ? canonical_path(path) : std::filesystem::path();
}

// An image inside the directory would be read while it is written.
void refuse_inside(const std::filesystem::path& image, const std::filesystem::path& directory) {
  const auto above = canonical_if_present(directory);
  auto at = canonical_if_present(image_directory(image));
  for (; !at.empty(); at = at.parent_path()) {
    if (at == above) {
      throw Error(ErrorCode::kInvalidArgument, image.string(),
                  "the image cannot be inside the directory that it is created from");
    }
    if (at == at.parent_path()) {
      return;
    }
  }
}

// Why a name, a link or a stream is skipped while everything else is stored.
struct Skipped {
  std::string reason;
};

WriterOptions writer_options(const CreateOptions& options) {
  WriterOptions writer = options.writer;
  writer.lock_timeout.stop = options.stop;
  return writer;
}

// One creation. What cannot be stored throws Skipped, which visit() turns into a warning.
class Creation {
 public:
  Creation(const std::filesystem::path& image, const std::filesystem::path& directory,
           const CreateOptions& options)
      : options_(options),
        times_(options.writer.reproducible ? TimesOfFiles::kLastWriteOnly : TimesOfFiles::kAll),
        directories_(directory),
        writer_(image, writer_options(options)) {}

  CreateSummary run() {
    add_root();
    while (!levels_.empty()) {
      Level& level = levels_.back();
      if (level.next == level.names.size()) {
        leave();
      } else {
        const std::string name = std::move(level.names[level.next++]);
        visit(name);
      }
    }
    check_stop();
    report_foreign_attributes();
    summary_.image = writer_.commit();
    return summary_;
  }

 private:
  // A directory on the way down; its names sorted by their bytes.
  struct Level {
    std::vector<std::string> names;
    std::size_t next = 0;
  };

  void add_root() {
    const HostEntry root(directories_.current(), ".", directories_.path_of(""));
    writer_.add({}, metadata_of(root, times_).view());
    ++summary_.directories;
    add_xattr_streams(root, "");
    levels_.push_back({directories_.names()});
  }

  // The walk ends with the level of the root, whose directory remains open.
  void leave() {
    levels_.pop_back();
    if (!levels_.empty()) {
      directories_.leave();
      path_ = std::move(path_).parent();
    }
  }

  void visit(const std::string& name) {
    check_stop();
    current_ = name;
    try {
      add(name);
    } catch (const Skipped& skipped) {
      warn(directories_.path_of(name), skipped.reason);
    }
    ++progress_.entries_done;
    report();
  }

  void warn(const std::string& path, std::string_view reason) {
    ++summary_.skipped;
    if (options_.warning) {
      options_.warning(fmt::format("{}: skipped: {}", path, reason));
    }
  }

  void add(const std::string& name) {
    if (add_stream_file(name)) {
      return;
    }
    const ImagePath path = path_of(name);
    const HostEntry entry(directories_.current(), name, directories_.path_of(name));
    switch (entry.kind()) {
      case HostKind::kDirectory:
        return add_directory(entry, path, name);
      case HostKind::kFile:
        return add_file(entry, path, name);
      case HostKind::kSymlink:
        return add_symlink(entry, path, name);
      case HostKind::kOther:
        throw Skipped{"neither a file nor a directory nor a symbolic link"};
    }
  }

  // Returns the path in the image; leaves the entry out if Windows does not allow its name.
  ImagePath path_of(const std::string& name) const {
    ImagePath path = child(path_, name);
    if (writer_.exists(path)) {
      throw Skipped{"another entry has the same name, ignoring case"};
    }
    return path;
  }

  static ImagePath child(const ImagePath& parent, const std::string& name) {
    const auto utf16 = to_utf16(name);
    if (!utf16) {
      throw Skipped{"the name is not valid UTF-8"};
    }
    try {
      return parent.child(*utf16);
    } catch (const Error& error) {
      throw Skipped{error.reason()};
    }
  }

  void add_directory(const HostEntry& entry, const ImagePath& path, const std::string& name) {
    writer_.add(path, metadata_of(entry, times_).view());
    ++summary_.directories;
    add_xattr_streams(entry, name);
    directories_.enter(name);
    path_ = path;
    levels_.push_back({directories_.names()});
  }

  void add_file(const HostEntry& entry, const ImagePath& path, const std::string& name) {
    if (is_added_as_link(entry, path)) {
      return;
    }
    writer_.add(path, metadata_of(entry, times_).view(), entry.size());
    copy(entry);
    ++summary_.files;
    remember(entry, path);
    add_xattr_streams(entry, name);
  }

  // A link that has NTFS reparse data keeps it unchanged.
  void add_symlink(const HostEntry& entry, const ImagePath& path, const std::string& name) {
    if (is_added_as_link(entry, path)) {
      return;
    }
    HostMetadata metadata = metadata_of(entry, times_);
    if (metadata.reparse_data.empty()) {
      metadata.reparse_data = reparse_data_for(entry.link_target());
      metadata.attributes |= leads_to_directory(name) ? attribute::kDirectory : 0;
    }
    writer_.add(path, metadata.view());
    ++summary_.links;
    remember(entry, path);
    add_xattr_streams(entry, name);
  }

  static Bytes reparse_data_for(const std::string& target) {
    try {
      return ReparsePoint::pointing_to(reparse_tag::kSymlink, target).encode();
    } catch (const Error& error) {
      throw Skipped{fmt::format("its target has no name on Windows: {}", error.reason())};
    }
  }

  // Windows has separate links to files and to directories. The directory being read serves as the
  // root, so that nothing outside it is examined.
  bool leads_to_directory(const std::string& name) const {
    struct open_how how {};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const std::string path = directories_.path_from_start(name);
    const Descriptor found(static_cast<int>(
        ::syscall(SYS_openat2, directories_.start(), path.c_str(), &how, sizeof how)));
    return static_cast<bool>(found);
  }

  // The first name of a file is written with its contents; every other one becomes a link to it.
  bool is_added_as_link(const HostEntry& entry, const ImagePath& path) {
    const auto first =
        entry.link_count() > 1 ? first_names_.find(entry.identity()) : first_names_.end();
    if (first == first_names_.end()) {
      return false;
    }
    writer_.add_link(path, first->second);
    ++summary_.hard_links;
    return true;
  }

  void remember(const HostEntry& entry, const ImagePath& path) {
    if (entry.link_count() > 1) {
      first_names_.emplace(entry.identity(), path);
    }
  }

  // Holes are passed as zeros, which the writer stores as holes again.
  void copy(const HostEntry& entry) {
    const auto hole = [this](std::uint64_t size) {
      writer_.write_zeros(size);
      check_stop();
    };
    const auto data = [this](ByteView bytes) {
      writer_.write(bytes);
      count_bytes(bytes.size());
      check_stop();
    };
    sparse_reader_.read(entry, hole, data);
  }

  // Reads NTFS streams from extended attributes; streams too long for one may exist as files.
  void add_xattr_streams(const HostEntry& entry, const std::string& name) {
    std::vector<std::string> xattrs = entry.xattr_names();
    std::ranges::sort(xattrs);  // so that of two names that are the same to Windows, always the
                                // same one is kept
    for (const std::string& xattr : xattrs) {
      if (!xattr.starts_with(ntfs_xattr::kStreamPrefix)) {
        if (!xattr.starts_with(ntfs_xattr::kPrefix)) {
          ++summary_.foreign_attributes[xattr];
        }
        continue;
      }
      const std::string stream = xattr.substr(ntfs_xattr::kStreamPrefix.size());
      try {
        add_xattr_stream(entry, name, xattr, stream);
      } catch (const Skipped& skipped) {
        warn(entry.path() + ":" + stream, skipped.reason);
      }
    }
  }

  void add_xattr_stream(const HostEntry& entry, const std::string& name, const std::string& xattr,
                        const std::string& stream) {
    const ImagePath file = name.empty() ? path_ : child(path_, name);
    const std::u16string in_image = stream_name(file, stream);
    std::optional<Bytes> value;
    try {
      value = entry.xattr(xattr);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kLimit) {
        throw;
      }
      return add_long_stream(file, in_image, name + ':' + stream, error.reason());
    }
    if (value) {
      writer_.add_alternate_stream({file, in_image}, value->size());
      writer_.write(*value);
      ++summary_.streams;
      count_bytes(value->size());
    }
  }

  // A stream that the kernel cannot pass as an extended attribute may exist as the file
  // NAME:STREAM, as on FUSE mounts.
  void add_long_stream(const ImagePath& file, const std::u16string& stream,
                       const std::string& stream_file, const std::string& reason) {
    try {
      const HostEntry entry(directories_.current(), stream_file, directories_.path_of(stream_file));
      add_stream(file, stream, entry);
      long_streams_.insert(entry.path());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound) {
        throw;
      }
      throw Skipped{reason};
    }
  }

  std::u16string stream_name(const ImagePath& file, const std::string& name) const {
    const ImagePath path = child({}, name);  // applies the same rules
    if (writer_.exists({file, std::u16string(path.name())})) {
      throw Skipped{"another stream has the same name, ignoring case"};
    }
    return std::u16string(path.name());
  }

  // Adds "FILE:NAME" next to FILE, which was added earlier since its name is a prefix of this one.
  bool add_stream_file(const std::string& name) {
    const std::size_t colon = name.find(':');
    if (colon == 0 || colon == std::string::npos) {
      return false;
    }
    const ImagePath file = child(path_, name.substr(0, colon));
    if (!writer_.exists(file)) {
      return false;
    }
    if (long_streams_.contains(directories_.path_of(name))) {
      return true;
    }
    const std::u16string stream = stream_name(file, name.substr(colon + 1));
    const HostEntry entry(directories_.current(), name, directories_.path_of(name));
    add_stream(file, stream, entry);
    return true;
  }

  void add_stream(const ImagePath& file, const std::u16string& stream, const HostEntry& entry) {
    if (entry.kind() != HostKind::kFile) {
      throw Skipped{"it is named like a stream, but is not a file"};
    }
    writer_.add_alternate_stream({file, stream}, entry.size());
    copy(entry);
    ++summary_.streams;
  }

  void report_foreign_attributes() {
    if (!options_.warning) {
      return;
    }
    for (const auto& [name, count] : summary_.foreign_attributes) {
      options_.warning(fmt::format(
          "{}: {} of its entries have the extended attribute {}, which an image cannot store",
          directories_.path_of(""), count, name));
    }
  }

  void count_bytes(std::uint64_t count) {
    summary_.bytes += count;
    progress_.bytes_done += count;
    report();
  }

  void check_stop() const {
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, directories_.path_of(""),
                  "creating the image was cancelled");
    }
  }

  void report() {
    if (options_.progress) {
      progress_.current = current_;
      options_.progress(progress_);
    }
  }

  const CreateOptions& options_;
  TimesOfFiles times_;
  DirectoryStack directories_;
  ImageWriter writer_;
  SparseReader sparse_reader_;
  std::vector<Level> levels_;
  ImagePath path_;  // of the current directory
  std::map<std::pair<dev_t, ino_t>, ImagePath> first_names_;
  std::set<std::string> long_streams_;  // files that were added before their turn
  CreateSummary summary_;
  Progress progress_;
  std::string current_;
};

}  // namespace

CreateSummary create_image(const std::filesystem::path& image,
                           const std::filesystem::path& directory, const CreateOptions& options) {
  refuse_inside(image, directory);
  return Creation(image, directory, options).run();
}

}  // namespace cim
