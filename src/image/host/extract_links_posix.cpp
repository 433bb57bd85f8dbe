// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A survey before the first file is written finds which files have several names, so that only
// those names need to be remembered, and how many bytes there are, for progress.
#include <algorithm>
#include <utility>

#include <unistd.h>

#include "image/host/extract_links.h"
#include "image/read/directory_visits.h"

namespace cim {

ExtractSurvey survey(const Image& image, const ImagePath& from, const std::stop_token& stop) {
  ExtractSurvey found;
  SeededSet<FileId> seen;
  TableBudget budget(image);
  const auto visit = [&](const WalkEntry& entry) {
    const FileInfo& info = entry.info;
    if (!info.is_directory() && !seen.insert(info.id).second) {
      found.shared.insert(info.id);
      return true;
    }
    found.bytes += info.size;
    if (info.has_streams) {
      try {
        const StreamList streams = image.stream_list(info.id);
        budget.take(streams.disk_size());
        for (std::uint32_t i = 0; i < streams.size(); ++i) {
          found.bytes += streams.info(i).size;
        }
      } catch (const Error& error) {
        if (ends_extraction(error)) {
          throw;
        }
      }
    }
    return true;
  };
  image.walk(from, visit, {.stop = stop, .failure = [](const ImagePath&, const Error&) {}});
  return found;
}

// Steps are never removed, since later names may refer to any of them.
void FirstNames::enter(const std::string& name) {
  steps_.push_back({here_, name});
  here_ = steps_.size() - 1;
}

void FirstNames::leave() {
  here_ = steps_[here_].above;
}

int FirstNames::link(FileId file, const std::string& name) {
  const FirstName& first = names_.at(file);
  return ::linkat(directory_of(first), first.name.c_str(), directories_.current(), name.c_str(), 0);
}

// Opens the directory of a first name, never by `..` from the current one.
int FirstNames::directory_of(const FirstName& name) {
  if (name.directory == here_) {
    return directories_.current();
  }
  if (!linked_ || linked_step_ != name.directory) {
    std::vector<std::string> names;
    for (std::size_t step = name.directory; step != 0; step = steps_[step].above) {
      names.push_back(steps_[step].name);
    }
    std::ranges::reverse(names);
    linked_ = directories_.open_from_start(names);
    linked_step_ = name.directory;
  }
  return linked_.get();
}

SymlinkTargets::SymlinkTargets(const Image& image, const ImagePath& from)
    : image_(image), roots_(volume_roots(image)) {
  std::size_t depth = 0;
  FileId at = image_.root();
  for (const std::u16string& name : from.names()) {
    at = image_.find_child(at, name).value_or(at);
    if (image_.info(at).is_directory()) {
      depth = depth_of(at, depth);
    }
  }
  places_ = {{.depth = depth, .reach = 0}};
}

void SymlinkTargets::enter(FileId directory) {
  const LinkPlace& above = places_.back();
  places_.push_back({.depth = depth_of(directory, above.depth), .reach = above.reach + 1});
}

// Returns the depth of a directory below its volume's root, given its parent's depth.
std::size_t SymlinkTargets::depth_of(FileId directory, std::size_t parent) const {
  return std::ranges::find(roots_, directory) == roots_.end() ? parent + 1 : 0;
}

// A directory that is a link and has entries cannot become a symbolic link, because its entries
// could not be written.
SymlinkTargets::Target SymlinkTargets::target_of(const FileInfo& info) const {
  if (!info.is_reparse_point()) {
    return {};
  }
  if (!is_link_tag(info.reparse_tag)) {
    return {{}, "a reparse point of a type that this system does not have"};
  }
  if (info.is_directory() && !image_.list(info.id).empty()) {
    return {{}, "it is a link and has entries"};
  }
  LinkTarget target = posix_link_target(image_.reparse_data(info.id), places_.back());
  if (!target.obstacle.empty()) {
    return {{}, target.obstacle};
  }
  return {std::move(target.text), {}};
}

}  // namespace cim
