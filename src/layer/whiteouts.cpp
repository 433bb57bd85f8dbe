// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/whiteouts.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/error.h"

#include "base/upcase.h"

namespace cim::layer {
std::size_t depth_of_volume(const ImagePath& path) {
  const auto& names = path.names();
  if (!names.empty() && equal_ignoring_case(names[0], u"Files")) {
    return 1;
  }
  return names.size() > 1 && equal_ignoring_case(names[0], u"UtilityVM") &&
                 equal_ignoring_case(names[1], u"Files")
             ? 2
             : 0;
}

void require_can_be_hidden(const ImagePath& path) {
  const std::size_t volume = depth_of_volume(path);
  if (volume == 0 || path.names().size() == volume) {
    throw Error(ErrorCode::kCorrupt, path.to_string(),
                "a whiteout; only files below Files or UtilityVM\\Files can be hidden");
  }
}

void require_can_be_opaque(const ImagePath& directory) {
  if (depth_of_volume(directory) == 0) {
    throw Error(ErrorCode::kCorrupt, directory.to_string(),
                "an opaque marker; only files below Files or UtilityVM\\Files can be hidden");
  }
}

/// Applies the marks in one parallel walk over the marks, the parent's directories and what the tar
/// added. Marks below a directory that is hidden as a whole are not visited.
class Whiteouts::Application {
 public:
  Application(const Whiteouts& whiteouts, LayerWriter& layer, const LayerNames& added,
              const std::function<void()>& check_stop)
      : parent_(whiteouts.parent_),
        marks_(whiteouts.marks_),
        layer_(layer),
        added_(added),
        check_stop_(check_stop) {}

  void run() {
    enter_marked(marks_.kRoot, parent_.root(), added_.kRoot);
    while (!open_.empty()) {
      check_stop_();
      if (!step()) {
        open_.pop_back();
        if (!path_.is_root()) {
          path_ = std::move(path_).parent();
        }
      }
    }
  }

 private:
  using Names = std::vector<DirectoryEntry>;

  /// A directory of the parent that the walk has entered. Either all its contents are hidden, or
  /// those that are marked.
  struct Open {
    FileId directory;
    std::optional<LayerNames::Node> added;
    Names hidden = {};
    std::size_t next_hidden = 0;
    std::optional<NameIndex::EntryId> next_mark = {};
  };

  void enter_marked(PathTree<Mark>::Node marked, FileId directory,
                    std::optional<LayerNames::Node> added) {
    open_.push_back({directory, added});
    open_.back().next_mark = marks_.first_of(marked);
  }

  void enter_hidden(FileId directory, std::optional<LayerNames::Node> added) {
    open_.push_back({directory, added, parent_.list(directory)});
  }

  // Returns false at the end of the directory.
  bool step() {
    Open& open = open_.back();
    if (open.next_hidden < open.hidden.size()) {
      const DirectoryEntry entry = open.hidden[open.next_hidden++];
      hide(entry.name, entry.id, added_below(open, entry.name));
      return true;
    }
    if (!open.next_mark) {
      return false;
    }
    const NameIndex::EntryId mark = *open.next_mark;
    open.next_mark = marks_.next_of(mark);
    follow(std::u16string(marks_.name(mark)), marks_.node(mark), open);
    return true;
  }

  std::optional<LayerNames::Node> added_below(const Open& open, std::u16string_view name) const {
    return open.added ? added_.find_child(*open.added, name) : std::nullopt;
  }

  void follow(const std::u16string& name, PathTree<Mark>::Node marked, const Open& open) {
    const auto id = parent_.find_child(open.directory, name);
    if (!id) {
      return;  // the parent has nothing to hide
    }
    const auto added = added_below(open, name);
    const Mark mark = marks_.value(marked);
    if (mark == Mark::kHidden) {
      return hide(name, *id, added);
    }
    if (!parent_.info(*id).is_directory() || (added && added_.value(*added) == Added::kOther)) {
      return;
    }
    path_ = std::move(path_).child(name);
    mark == Mark::kChildrenHidden ? enter_hidden(*id, added) : enter_marked(marked, *id, added);
  }

  // A directory that the tar adds, or adds to, is kept; what the parent has in it is hidden.
  void hide(const std::u16string& name, FileId id, std::optional<LayerNames::Node> added) {
    if (!added) {
      path_ = std::move(path_).child(name);
      layer_.remove(path_);
      path_ = std::move(path_).parent();
    } else if (added_.value(*added) != Added::kOther && parent_.info(id).is_directory()) {
      path_ = std::move(path_).child(name);
      enter_hidden(id, added);
    }
  }

  const Image& parent_;
  const PathTree<Mark>& marks_;
  LayerWriter& layer_;
  const LayerNames& added_;
  const std::function<void()>& check_stop_;
  std::vector<Open> open_;
  ImagePath path_;  // of the last element of open_
};

void Whiteouts::apply(const ImagePath& path) {
  require_can_be_hidden(path);
  marks_[path] = Mark::kHidden;
}

void Whiteouts::hide_children(const ImagePath& directory) {
  require_can_be_opaque(directory);
  Mark& mark = marks_[directory];
  mark = std::max(mark, Mark::kChildrenHidden);
}

bool Whiteouts::hides_other_spelling(const ImagePath& path) const {
  const auto node = marks_.find(path);
  if (!node || marks_.value(*node) != Mark::kHidden) {
    return false;
  }
  const auto above = parent_.find(path.parent());
  return above && parent_.find_child(*above, path.name()) &&
         !parent_.find_child(*above, path.name(), NameMatch::kExact);
}

void Whiteouts::remove_hidden(LayerWriter& layer, const LayerNames& added,
                              const std::function<void()>& check_stop) const {
  Application(*this, layer, added, check_stop).run();
}

}  // namespace cim::layer
