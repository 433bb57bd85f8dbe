// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Extraction in one walk over the image: each entry is made in the current directory of the host,
// which is entered and left as the walk goes down and up.
#include "cimlib/extract.h"

#include <algorithm>
#include <limits>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "image/host/extract_links.h"
#include "image/host/extract_output.h"
#include "image/host/extract_target.h"
#include "image/host/path_filter.h"

namespace cim {
namespace {

constexpr std::size_t kNoDepth = std::numeric_limits<std::size_t>::max();

// Extracts in one walk over the image. target_ and first_names_ follow the walk down and up.
class Extraction {
 public:
  Extraction(const Image& image, const ImagePath& from, const std::filesystem::path& destination,
             const ExtractOptions& options)
      : image_(image),
        from_(from),
        options_(options),
        filter_(options.paths),
        survey_(survey(image, from, options)),
        output_(
            image, options, [this](std::string_view name) { return target_.path_of(name); },
            survey_.bytes),
        target_(image, from, destination, options.metadata, output_) {}

  ExtractSummary run() {
    image_.walk(from_,
                [this](const WalkEntry& entry) {
                  visit(entry);
                  return true;
                },
                {.stop = options_.stop,
                 .failure =
                     [this](const ImagePath& path, const Error& error) {
                       if (filter_.is_wanted(path)) {
                         output_.skip_path(path, error);
                       }
                     },
                 .refuses_blank_records = options_.verifies,
                 .enters = [this](const WalkEntry&) { return is_wanted_; }});
    leave_to(0);
    target_.finish();
    return output_.summary();
  }

 private:
  using Place = ExtractTarget::Place;

  void visit(const WalkEntry& entry) {
    output_.check_stop();
    is_wanted_ = filter_.enter(entry.path);
    if (!is_wanted_) {
      return;
    }
    output_.begin_path(entry.path);
    const std::size_t steps = entry.path.names().size() - from_.names().size();
    if (steps == 0 && entry.info.is_directory()) {
      target_.begin(entry.info);
      return;
    }
    // A single file is extracted into the destination, as if the destination were its directory.
    const std::size_t depth = std::max<std::size_t>(steps, 1);
    leave_to(depth - 1);
    // Skips everything below a directory that could not be made.
    if (depth > skipped_depth_) {
      return;
    }
    skipped_depth_ = kNoDepth;
    if (!make({to_wtf8(entry.path.name()), entry.info})) {
      skipped_depth_ = depth;
    }
    output_.end_entry(entry.info.is_directory() ? std::string_view() : output_.current_name());
  }

  // Makes the file or directory; returns whether what is below it can be made too.
  bool make(const Place& place) {
    output_.begin_entry(place.name);
    if (!output_.is_possible(place.name)) {
      return false;
    }
    const bool can_be_link = target_.prepare(place);
    if (place.info.is_directory()) {
      return make_directory(place);
    }
    if (can_be_link && make_link_to_first_name(place)) {
      return true;
    }
    if (target_.make_file(place, !first_names_.contains(place.info.id)) &&
        survey_.shared.contains(place.info.id)) {
      first_names_.add(place.info.id, place.name);
    }
    return true;
  }

  bool make_directory(const Place& place) {
    const std::size_t depth = target_.depth();
    const bool is_made = target_.make_directory(place);
    if (target_.depth() > depth) {
      first_names_.enter(place.name);
    }
    return is_made;
  }

  void leave_to(std::size_t depth) {
    while (target_.depth() > depth) {
      first_names_.leave();
      target_.leave();
    }
  }

  // Returns whether the link was made or left out. If neither, the name gets a file of its own,
  // which later names are linked to.
  bool make_link_to_first_name(const Place& place) {
    if (!first_names_.contains(place.info.id)) {
      return false;
    }
    switch (target_.link_to_first_name(place, first_names_)) {
      case ExtractTarget::LinkResult::kMade:
        ++output_.summary().hard_links;
        return true;
      case ExtractTarget::LinkResult::kSkipped:
        return true;
      case ExtractTarget::LinkResult::kTakesNoLink:
        break;
    }
    ++output_.summary().copied_links;
    first_names_.remove(place.info.id);
    return false;
  }

  const Image& image_;
  const ImagePath& from_;
  const ExtractOptions& options_;
  PathFilter filter_;
  bool is_wanted_ = true;  // whether the last entry of the walk is extracted
  ExtractSurvey survey_;
  FirstNames first_names_;                // of shared files
  std::size_t skipped_depth_ = kNoDepth;  // depth of a directory that could not be made
  ExtractOutput output_;
  ExtractTarget target_;
};

}  // namespace

ExtractSummary extract(const Image& image, const ImagePath& from,
                       const std::filesystem::path& destination, const ExtractOptions& options) {
  if (!options.paths.empty() && !from.is_root()) {
    throw Error(ErrorCode::kInvalidArgument, from.to_string(),
                "paths to extract need the root as the start");
  }
  return Extraction(image, from, destination, options).run();
}

}  // namespace cim
