// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Creates an image in one walk over a directory, names sorted, so that the order of the image does
// not depend on the host's file system. What an image cannot hold is left out with a warning
// (Skipped) and everything else included.
#include "cimlib/create.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "image/host/base_update.h"
#include "image/host/host_tree.h"
#include "image/host/image_place.h"
#include "image/write/creation.h"

namespace cim {
namespace {

// One creation. What cannot be stored throws Skipped, which visit() turns into a warning.
class Creation {
 public:
  Creation(const std::filesystem::path& image, const std::filesystem::path& directory,
           const CreateOptions& options)
      : options_(options),
        tree_(directory,
              options.writer.reproducible ? TimesOfFiles::kLastWriteOnly : TimesOfFiles::kAll,
              options.metadata ? OwnXattrs::kRead : OwnXattrs::kIgnore),
        writer_(image, stoppable(options.writer, options.stop)),
        progress_(tree_.path_of(""), options.progress, options.stop) {
    if (options.writer.base) {
      base_.emplace(*options.writer.base, tree_, writer_);
    }
  }

  CreateSummary run() {
    add_root();
    while (!levels_.empty()) {
      Level& level = levels_.back();
      if (level.next == level.names.size()) {
        leave();
      } else {
        const std::string name = level.names[level.next++];
        visit(name);
      }
    }
    progress_.check_stop();
    report_omitted();
    summary_.image = writer_.commit();
    return summary_;
  }

 private:
  using Kept = BaseUpdate::Kept;

  // A directory on the way down; its names sorted by their bytes.
  struct Level {
    std::vector<std::string> names;
    std::size_t next = 0;
  };

  void add_root() {
    tree_.open("");
    add_directory_itself({}, "");
    push_level();
  }

  // The walk ends with the level of the root, whose directory remains open.
  void leave() {
    levels_.pop_back();
    if (base_) {
      base_->leave(path_);
    }
    if (!levels_.empty()) {
      tree_.leave();
      path_ = std::move(path_).parent();
    }
  }

  void visit(const std::string& name) {
    progress_.begin(name);
    try {
      add(name);
    } catch (const Skipped& skipped) {
      warn(tree_.path_of(name), skipped.reason);
    }
    progress_.end();
  }

  void warn(const std::string& path, std::string_view reason) {
    ++summary_.skipped;
    if (options_.warning) {
      options_.warning(fmt::format("{}: skipped: {}", path, reason));
    }
  }

  void add(const std::string& name) {
    if (is_excluded(name) || add_stream_file(name)) {
      return;
    }
    const ImagePath path = path_of(name);
    try {
      add_at(path, name);
    } catch (const Skipped&) {
      if (base_) {
        writer_.remove(path);  // what the base has there
      }
      throw;
    }
  }

  void add_at(const ImagePath& path, const std::string& name) {
    const HostFile file = tree_.open(name);
    switch (file.kind) {
      case HostKind::kDirectory:
        return add_directory(path, name);
      case HostKind::kFile:
        return add_file(file, path, name);
      case HostKind::kSymlink:
        return add_symlink(file, path, name);
      case HostKind::kOther:
        throw Skipped{"neither a file nor a directory nor a symbolic link"};
    }
  }

  bool is_excluded(const std::string& name) const {
    if (options_.excludes.empty()) {
      return false;
    }
    // The stream of a file is omitted with it.
    const std::string owner = name.substr(0, std::min(name.find(':'), name.size()));
    std::vector<std::u16string> names = path_.names();
    names.push_back(to_utf16(owner).value_or(std::u16string()));
    return std::ranges::any_of(options_.excludes,
                               [&](const Glob& glob) { return glob.matches(names); });
  }

  // Returns the metadata of the open file, with this descriptor if it has none of its own.
  HostMetadata metadata(const std::vector<std::byte>& descriptor) {
    HostMetadata metadata = tree_.metadata();
    if (metadata.security_descriptor.empty()) {
      metadata.security_descriptor = descriptor;
    }
    return metadata;
  }

  // Returns the path in the image; leaves the entry out if Windows does not allow its name.
  ImagePath path_of(const std::string& name) {
    ImagePath path = child(path_, name);
    if (base_ ? !base_->take(path.name()) : writer_.exists(path)) {
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

  void add_directory(const ImagePath& path, const std::string& name) {
    add_directory_itself(path, name);
    tree_.enter(name);
    path_ = path;
    push_level();
  }

  void push_level() {
    levels_.push_back({tree_.names()});
    if (base_) {
      base_->enter();
    }
  }

  void add_directory_itself(const ImagePath& path, const std::string& name) {
    const DefaultDescriptors& descriptors = options_.descriptors;
    const HostMetadata found = metadata(path.is_root() ? descriptors.root : descriptors.directory);
    const Kept kept =
        base_ ? base_->keep_directory({path, found, stream_files_of(name)}) : Kept::kNothing;
    if (kept == Kept::kNothing) {
      writer_.add(path, found.view());
    }
    ++summary_.directories;
    add_rest(kept, path, name);
  }

  // Adds the streams, unless they are the same in the base.
  void add_rest(Kept kept, const ImagePath& path, const std::string& name) {
    if (kept == Kept::kAllButStreams) {
      tree_.open(name);
    }
    if (kept != Kept::kAll) {
      add_streams(path, name);
    }
  }

  // The root has no files beside it.
  BaseUpdate::StreamFiles stream_files_of(const std::string& name) const {
    return levels_.empty() ? BaseUpdate::StreamFiles()
                           : BaseUpdate::stream_files(levels_.back().names, name);
  }

  void add_file(const HostFile& file, const ImagePath& path, const std::string& name) {
    if (is_added_as_link(file, path)) {
      return;
    }
    const HostMetadata found = metadata(options_.descriptors.file);
    const auto read = [this](const HostDataSink& sink) { tree_.read(counted(sink)); };
    const Kept kept =
        base_ ? base_->keep_file({path, found, stream_files_of(name)}, read) : Kept::kNothing;
    if (kept == Kept::kNothing) {
      writer_.add(path, found.view(), file.size);
      tree_.read(data_sink([](std::uint64_t) {}));
    }
    ++summary_.files;
    remember(file, path);
    add_rest(kept, path, name);
  }

  // Data that are only compared take time, too.
  HostDataSink counted(HostDataSink sink) {
    return {.begin = sink.begin,
            .hole =
                [this, hole = std::move(sink.hole)](std::uint64_t size) {
                  progress_.check_stop();
                  hole(size);
                },
            .data =
                [this, data = std::move(sink.data)](ByteView bytes) {
                  progress_.check_stop();
                  data(bytes);
                }};
  }

  void add_symlink(const HostFile& file, const ImagePath& path, const std::string& name) {
    if (is_added_as_link(file, path)) {
      return;
    }
    const HostMetadata found = metadata(options_.descriptors.file);
    const auto read = [](const HostDataSink& sink) { sink.begin(0); };
    const Kept kept =
        base_ ? base_->keep_file({path, found, stream_files_of(name)}, read) : Kept::kNothing;
    if (kept == Kept::kNothing) {
      writer_.add(path, found.view());
    }
    ++summary_.links;
    remember(file, path);
    add_rest(kept, path, name);
  }

  // The first name of a file is written with its contents; every other one becomes a link to it.
  bool is_added_as_link(const HostFile& file, const ImagePath& path) {
    const auto first = file.link_count > 1 ? first_names_.find(file.id) : first_names_.end();
    if (first == first_names_.end()) {
      return false;
    }
    if (!base_ || !base_->keep_link(path, first->second)) {
      writer_.add_link(path, first->second);
    }
    ++summary_.hard_links;
    return true;
  }

  void remember(const HostFile& file, const ImagePath& path) {
    if (file.link_count > 1) {
      first_names_.emplace(file.id, path);
    }
  }

  // Holes are passed as zeros, which the writer stores as holes again. The bytes are hashed like
  // others, though not read: in pieces, so that a caller that waits can still cancel.
  void write_hole(std::uint64_t size) {
    constexpr std::uint64_t kPieceSize = std::uint64_t{16} << 20;
    while (size > 0) {
      const std::uint64_t piece = std::min(size, kPieceSize);
      writer_.write_zeros(piece);
      progress_.check_stop();
      size -= piece;
    }
  }

  HostDataSink data_sink(std::function<void(std::uint64_t)> begin) {
    return {.begin = std::move(begin),
            .hole = [this](std::uint64_t size) { write_hole(size); },
            .data =
                [this](ByteView bytes) {
                  writer_.write(bytes);
                  summary_.bytes += bytes.size();
                  progress_.add_bytes(bytes.size());
                }};
  }

  // Adds the alternate streams of the open file, whose path in the image is `file`.
  void add_streams(const ImagePath& file, const std::string& name) {
    for (const std::string& stream : tree_.streams()) {
      try {
        const std::u16string in_image = stream_name(file, stream);
        tree_.read_stream(stream, stream_sink(file, in_image));
      } catch (const Skipped& skipped) {
        warn(tree_.path_of(name) + ":" + stream, skipped.reason);
      }
    }
  }

  HostDataSink stream_sink(const ImagePath& file, const std::u16string& stream) {
    return data_sink([this, &file, &stream](std::uint64_t size) {
      writer_.add_alternate_stream({file, stream}, size);
      ++summary_.streams;
    });
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
    if (base_ ? !base_->has(file.name()) : !writer_.exists(file)) {
      return false;
    }
    if (tree_.was_read_as_stream(name) || (base_ && base_->has_kept_streams(file.name()))) {
      return true;
    }
    const std::u16string stream = stream_name(file, name.substr(colon + 1));
    if (tree_.open(name).kind != HostKind::kFile) {
      throw Skipped{"it is named like a stream, but is not a file"};
    }
    tree_.read(stream_sink(file, stream));
    return true;
  }

  void report_omitted() {
    summary_.foreign_attributes = tree_.foreign_attributes();
    if (!options_.warning) {
      return;
    }
    for (const auto& [name, count] : summary_.foreign_attributes) {
      options_.warning(fmt::format(
          "{}: {} of its entries have the extended attribute {}, which an image cannot store",
          tree_.path_of(""), count, name));
    }
    for (const std::string& warning : tree_.warnings()) {
      options_.warning(warning);
    }
  }

  const CreateOptions& options_;
  HostTree tree_;
  ImageWriter writer_;
  std::optional<BaseUpdate> base_;  // if the image is based on another
  std::vector<Level> levels_;
  ImagePath path_;  // of the current directory
  std::map<HostFileId, ImagePath> first_names_;
  CreateSummary summary_;
  CreationProgress progress_;
};

}  // namespace

CreateSummary create_image(const std::filesystem::path& image,
                           const std::filesystem::path& directory, const CreateOptions& options) {
  require_outside(image, directory);
  return Creation(image, directory, options).run();
}

}  // namespace cim
