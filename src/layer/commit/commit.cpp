// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// One walk over the upper directory, names sorted, beside the directories of the parent that the
// overlay merged with it. In each directory the hidden names come first, so that a file can take
// the name of one that differs only in case.
#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/layer_commit.h"
#include "cimlib/wtf8.h"

#include "base/upcase.h"
#include "image/host/directory_stack_posix.h"
#include "image/host/image_place.h"
#include "layer/commit/parent_links.h"
#include "layer/commit/upper_contents.h"
#include "layer/commit/upper_directory.h"
#include "layer/commit/upper_entry.h"
#include "layer/commit/upper_link.h"
#include "layer/commit/upper_metadata.h"
#include "layer/sidecar_paths.h"
#include "layer/whiteouts.h"

namespace cim::layer {
namespace {

using std::filesystem::path;

LayerOptions layer_options(const CommitOptions& options) {
  LayerOptions layer = {
      .image = options.writer, .made_times = options.made_times, .warning = options.warning};
  layer.image.lock_timeout.stop = options.stop;
  return layer;
}

class Commit {
 public:
  Commit(const path& upper, const LayerPaths& layer, const std::vector<LayerPaths>& parents,
         const CommitOptions& options)
      : options_(options),
        times_(options.writer.reproducible ? TimesOfFiles::kLastWriteOnly : TimesOfFiles::kAll),
        writer_(layer, parents, layer_options(options)),
        parent_(parents.front().resolved().image_path()),
        parent_links_(parent_, options.stop),
        directories_(upper),
        contents_(upper, writer_, parent_, options, result_) {}

  CommitResult run() {
    enter_top();
    while (!levels_.empty()) {
      Level& level = levels_.back();
      if (level.next == level.names.size()) {
        leave();
      } else {
        const std::string name = std::move(level.names[level.next++]);
        visit(name);
      }
    }
    contents_.check_stop();
    report_foreign();
    result_.image = writer_.close().image;
    return std::move(result_);
  }

 private:
  // A directory on the way down, without the names that hide others.
  struct Level {
    std::optional<FileId> below;      // the parent's directory that was merged with it
    std::set<std::u16string> hidden;  // names of that directory that have a `.wh.` file
    std::vector<std::string> names;
    std::size_t next = 0;
  };

  // The top of the image is not part of a layer, and cannot be hidden.
  void enter_top() {
    which_ = overlay_attributes_of(open(".").host());
    const UpperEntry top = open(".");
    if (which_ == OverlayAttributes::kEither && ::geteuid() != 0 && options_.warning) {
      options_.warning(directories_.path_of("") +
                       ": only root can read the attributes trusted.overlay.*, so the changes of "
                       "an overlay that root mounted may be misread");
    }
    if (is_opaque(top, ".")) {
      require_can_be_opaque({});
    }
    list(parent_.root());
  }

  void enter(const std::string& name, const ImagePath& path, std::optional<FileId> below) {
    directories_.enter(name);
    path_ = path;
    list(below);
  }

  void leave() {
    levels_.pop_back();
    if (!levels_.empty()) {
      directories_.leave();
      path_ = std::move(path_).parent();
    }
  }

  UpperEntry open(const std::string& name) const {
    return UpperEntry(HostEntry(directories_.current(), name, directories_.path_of(name)), which_,
                      parent_);
  }

  // Lists the current directory, and removes the names that are hidden.
  void list(std::optional<FileId> below) {
    Level level;
    level.below = below;
    const std::vector<std::string> names = directories_.names();
    for (const std::string& name : names) {
      contents_.check_stop();
      if (!hide(name, level)) {
        level.names.push_back(name);
      }
    }
    levels_.push_back(std::move(level));
  }

  // Returns false for an entry that hides nothing.
  bool hide(const std::string& name, Level& level) {
    const std::string where = directories_.path_of(name);
    if (const auto whiteout = parse_whiteout_name(name, where)) {
      const HostKind kind = HostEntry(directories_.current(), name, where).kind();
      if (kind != HostKind::kFile && kind != HostKind::kOther) {
        throw Error(ErrorCode::kUnsupported, where,
                    "names of this form hide a file; this is not a plain file");
      }
      if (!whiteout->is_opaque_marker) {
        level.hidden.insert(hide_name(whiteout->hidden, where, level.below));
      }
      return true;
    }
    if (!may_be_whiteout(directories_.current(), name) || !open(name).is_whiteout()) {
      return false;
    }
    hide_name(name, where, level.below);
    return true;
  }

  // As in an overlay, a name in another case hides nothing.
  std::u16string hide_name(const std::string& name, const std::string& where,
                           std::optional<FileId> below) {
    const ImagePath path = child(name, where);
    require_can_be_hidden(path);
    if (below && parent_.find_child(*below, path.name(), NameMatch::kExact)) {
      remove(path);
    }
    return std::u16string(path.name());
  }

  void remove(const ImagePath& path) {
    if (writer_.remove(path)) {
      ++result_.removed;
    }
  }

  // Removes what the parent has at a path; of a drive's root only its contents.
  void remove_below(const ImagePath& path, FileId id) {
    if (depth_of_volume(path) != path.names().size()) {
      require_can_be_hidden(path);
      remove(path);
      return;
    }
    require_can_be_opaque(path);
    for (const DirectoryEntry& entry : parent_.list(id)) {
      remove(path.child(entry.name));
    }
  }

  ImagePath child(const std::string& name, const std::string& where) const {
    const auto utf16 = to_utf16(name);
    if (!utf16) {
      throw Error(ErrorCode::kInvalidArgument, where, "the name is not valid UTF-8");
    }
    if (name.find(':') != name.npos) {
      throw Error(ErrorCode::kUnsupported, where,
                  "is an alternate stream, or has a name that Windows does not allow; streams can "
                  "be changed as extended attributes user.NAME");
    }
    try {
      return path_.child(*utf16);
    } catch (const Error& error) {
      throw Error(error.code(), where, error.reason());
    }
  }

  void visit(const std::string& name) {
    contents_.check_stop();
    const UpperEntry entry = open(name);
    const std::string& where = entry.host().path();
    const ImagePath path = child(name, where);
    const auto below = below_entry(path, where);
    switch (entry.host().kind()) {
      case HostKind::kDirectory:
        add_directory(entry, path, name, below);
        break;
      case HostKind::kFile:
        add_file(entry, path, below);
        break;
      case HostKind::kSymlink:
        add_link(entry, path, below);
        break;
      case HostKind::kOther:
        throw Error(ErrorCode::kUnsupported, where,
                    "is neither a file nor a directory nor a symbolic link");
    }
    for (const std::string& attribute : entry.foreign_attributes()) {
      ++result_.foreign_attributes[attribute];
    }
    contents_.finish_entry(name);
  }

  // Returns the parent's entry of exactly that name, unless it is hidden.
  std::optional<FileId> below_entry(const ImagePath& path, const std::string& where) const {
    const Level& level = levels_.back();
    if (path_.is_root()) {
      require_root_name(path, where);
    }
    if (level.below && !level.hidden.contains(std::u16string(path.name()))) {
      if (const auto id = parent_.find_child(*level.below, path.name(), NameMatch::kExact)) {
        return id;
      }
    }
    if (writer_.exists(path)) {
      throw Error(ErrorCode::kUnsupported, where,
                  "another file of this directory has the same name, ignoring case");
    }
    return std::nullopt;
  }

  static void require_root_name(const ImagePath& path, const std::string& where) {
    for (const std::u16string_view name : {u"Files", u"Hives", u"UtilityVM"}) {
      if (equal_ignoring_case(path.name(), name)) {
        return;
      }
    }
    throw Error(ErrorCode::kInvalidArgument, where,
                "a layer has nothing but Files, Hives and UtilityVM");
  }

  LinkPlace place() const {
    const std::size_t depth = path_.names().size();
    return {.depth = depth - depth_of_volume(path_), .reach = depth};
  }

  // An opaque directory is a new one, with or without the name of one that was removed.
  void add_directory(const UpperEntry& entry, const ImagePath& path, const std::string& name,
                     std::optional<FileId> below) {
    const bool is_merged =
        below && !is_opaque(entry, name) && shown_kind_of(*below) == HostKind::kDirectory;
    const std::optional<FileId> merged = is_merged ? below : std::nullopt;
    if (below && !merged) {
      remove_below(path, *below);
    }
    if (!merged || is_changed(entry, parent_, *merged, times_)) {
      writer_.add(path, metadata_of_entry(entry, parent_, merged, times_).view());
      contents_.add_streams(entry, path, merged);
    }
    ++result_.directories;
    enter(name, path, merged);
  }

  bool is_opaque(const UpperEntry& entry, const std::string& name) const {
    return entry.is_opaque() ||
           has_opaque_marker(directories_.current(), name, entry.host().path());
  }

  HostKind shown_kind_of(FileId id) const { return shown_kind(parent_, parent_.info(id), place()); }

  // Returns the file that the overlay copied, if it did. overlayfs does not record that for files
  // of several names. One that replaced such a file then keeps its metadata too, which is safer
  // than to lose the descriptors of system files.
  std::optional<FileId> source_of(const UpperEntry& entry, std::optional<FileId> below) {
    if (!entry.is_copied()) {
      const bool may_be_copied = which_ != OverlayAttributes::kEither && below &&
                                 entry.host().kind() == HostKind::kFile &&
                                 parent_links_.has_several_names(*below);
      return may_be_copied && is_usable_source(*below, HostKind::kFile) ? below : std::nullopt;
    }
    for (const std::optional<FileId> candidate : {entry.origin(), below}) {
      if (candidate && is_usable_source(*candidate, entry.host().kind())) {
        return candidate;
      }
    }
    return std::nullopt;
  }

  // The id may be one that the image does not have, if the overlay had another image below.
  bool is_usable_source(FileId id, HostKind kind) const {
    try {
      return shown_kind_of(id) == kind;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kCorrupt) {
        throw;
      }
      return false;
    }
  }

  // Any other file that is replaced has its name only.
  void replace_directory(const ImagePath& path, std::optional<FileId> below) {
    if (below && parent_.info(*below).is_directory()) {
      require_can_be_hidden(path);
      remove(path);
    }
  }

  void add_file(const UpperEntry& entry, const ImagePath& path, std::optional<FileId> below) {
    if (is_added_as_link(entry, path, below)) {
      return;
    }
    const auto source = source_of(entry, below);
    replace_directory(path, below);
    warn_of_hive(path);
    writer_.add(path, metadata_of_entry(entry, parent_, source, times_).view(),
                entry.host().size());
    contents_.write_file(entry.host());
    ++result_.files;
    remember(entry, path);
    contents_.add_streams(entry, path, source);
  }

  void add_link(const UpperEntry& entry, const ImagePath& path, std::optional<FileId> below) {
    if (is_added_as_link(entry, path, below)) {
      return;
    }
    const std::string target = entry.host().link_target();
    auto source = source_of(entry, below);
    if (!source && below && is_shown_link(parent_, parent_.info(*below), place(), target)) {
      source = below;  // some overlays cannot record that they copied a link
    }
    HostMetadata metadata = metadata_of_entry(entry, parent_, source, times_);
    if (metadata.reparse_data.empty() ||
        posix_link_target(metadata.reparse_data, place()).text != target) {
      metadata.reparse_data = symlink_to(target, entry.host().path());
      metadata.attributes &= ~attribute::kDirectory;
      metadata.attributes |= leads_to_directory(target) ? attribute::kDirectory : 0;
    }
    replace_directory(path, below);
    writer_.add(path, metadata.view());
    ++result_.links;
    remember(entry, path);
    contents_.add_streams(entry, path, source);
  }

  // Windows has separate links to files and to directories.
  bool leads_to_directory(const std::string& target) const {
    const auto target_path = path_of_target(path_, target);
    if (!target_path) {
      return false;
    }
    std::string on_host;
    for (const std::u16string& name : target_path->names()) {
      on_host += to_wtf8(name) + '/';
    }
    const auto below = parent_.find(*target_path);
    return on_host.empty() || directories_.has_directory(on_host) ||
           (below && parent_.info(*below).is_directory());
  }

  // The first name of a file is written with its contents; every other one becomes a link to it.
  bool is_added_as_link(const UpperEntry& entry, const ImagePath& path,
                        std::optional<FileId> below) {
    const HostEntry& host = entry.host();
    const auto first =
        host.link_count() > 1 ? first_names_.find(host.identity()) : first_names_.end();
    if (first == first_names_.end()) {
      return false;
    }
    replace_directory(path, below);
    writer_.add_link(path, first->second);
    ++result_.hard_links;
    return true;
  }

  void remember(const UpperEntry& entry, const ImagePath& path) {
    if (entry.host().link_count() > 1) {
      first_names_.emplace(entry.host().identity(), path);
    }
  }

  // Windows takes changes of registry hives from the differences in Hives.
  void warn_of_hive(const ImagePath& path) {
    const auto sidecar = sidecar_path_of(path);
    if (sidecar && sidecar->starts_with("Files/") && options_.warning) {
      options_.warning(fmt::format(
          "{}: the layer replaces a registry hive as a whole; containers take the changes of "
          "layers from Hives\\*_DELTA",
          path.to_string()));
    }
  }

  void report_foreign() const {
    if (!options_.warning) {
      return;
    }
    for (const auto& [name, count] : result_.foreign_attributes) {
      options_.warning(fmt::format(
          "{}: {} of its entries have the extended attribute {}, which an image cannot store",
          directories_.path_of(""), count, name));
    }
  }

  const CommitOptions& options_;
  TimesOfFiles times_;
  LayerWriter writer_;
  Image parent_;
  ParentLinks parent_links_;
  DirectoryStack directories_;
  OverlayAttributes which_ = OverlayAttributes::kEither;
  std::vector<Level> levels_;
  ImagePath path_;  // of the current directory
  std::map<HostFileId, ImagePath> first_names_;
  CommitResult result_;
  UpperContents contents_;
};

}  // namespace

CommitResult commit(const path& given, const LayerPaths& layer,
                    const std::vector<LayerPaths>& parents, const CommitOptions& options) {
  if (parents.empty()) {
    throw Error(ErrorCode::kInvalidArgument, layer.layer.string(),
                "a layer of changes needs the layers that were changed as its parents");
  }
  const path upper = unmounted_upper_directory(given);
  require_outside(layer.resolved().image, upper);
  return Commit(upper, layer, parents, options).run();
}

}  // namespace cim::layer
