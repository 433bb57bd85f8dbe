// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/image_reading.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include "cimlib/glob.h"
#include "cimlib/host_path.h"

#include "cli/listing.h"

namespace cim::cli {
namespace {

// Adds the files whose path from the root matches; enters only directories in which one may.
void add_matches(const Image& image, const std::string& word, Failures& failures,
                 std::vector<ImagePath>& paths) {
  std::vector<GlobState> states = {Glob(word).start()};  // of the directories on the way down
  const auto visit = [&](const WalkEntry& entry) {
    if (const std::size_t depth = entry.path.names().size(); depth > 0) {
      states.erase(states.begin() + static_cast<std::ptrdiff_t>(depth), states.end());
      states.push_back(states.back().enter(entry.path.name()));
    }
    if (states.back().is_match()) {
      paths.push_back(entry.path);
    }
    return true;
  };
  image.walk({}, visit,
             {.failure = [&](const ImagePath& path,
                             const Error& error) { failures.add(path.to_string(), error); },
              .enters = [&](const WalkEntry&) { return states.back().may_match_below(); }});
}

// A pattern that is not a valid path, such as one with a colon, cannot be the path of a file.
bool is_path_of_file(const Image& image, const std::string& word) {
  try {
    return image.find(ImagePath::parse(word)).has_value();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument && error.code() != ErrorCode::kLimit) {
      throw;
    }
    return false;
  }
}

void add_word(const Image& image, const std::string& word, Failures& failures,
              Selection& selection) {
  if (!may_be_pattern(word) || is_path_of_file(image, word)) {
    const ImagePath path = ImagePath::parse(word);
    find_or_fail(image, path);
    selection.paths.push_back(path);
    return;
  }
  selection.is_list = true;
  const std::size_t before = selection.paths.size();
  add_matches(image, word, failures, selection.paths);
  if (selection.paths.size() == before) {
    throw Error(ErrorCode::kNotFound, image.path().string(), "no file matches the pattern " + word);
  }
}

}  // namespace

void regions_option(Parameters& parameters, std::vector<std::string>& directories) {
  parameters.option("--regions", "DIR",
                    "also search this directory for region files; if given more than once, the "
                    "directories in this order",
                    &directories, Completes::kDirectories);
}

std::vector<std::filesystem::path> host_paths(const std::vector<std::string>& words) {
  std::vector<std::filesystem::path> paths;
  paths.reserve(words.size());
  std::ranges::transform(words, std::back_inserter(paths), &host_path);
  return paths;
}

Image open_image(const std::string& path, const std::vector<std::string>& directories,
                 const std::shared_ptr<DirectoryListings>& listings) {
  return Image(host_path(path),
               OpenOptions{.region_directories = host_paths(directories), .listings = listings});
}

void keep_going_option(Parameters& parameters, bool& keeps_going) {
  parameters.flag("-k,--keep-going",
                  "take everything that can be read, verify it where the image has object IDs, and "
                  "list what could not be read at the end",
                  keeps_going);
}

void Failures::add(const std::string& path, const Error& error) {
  is_any_ = true;
  if (keeps_going_) {
    waiting_.push_back({path, error});
  } else {
    console_.failure(path, error);
  }
}

int Failures::finish() {
  console_.flush();
  for (const Failure& failure : std::exchange(waiting_, {})) {
    console_.failure(failure.path, failure.error);
  }
  return is_any_ ? kFailure : kSuccess;
}

bool may_be_pattern(std::string_view word) {
  return word.find_first_of("*?[") != std::string_view::npos;
}

Selection select(const Image& image, const std::vector<std::string>& words, Failures& failures) {
  Selection selection;
  selection.is_list = words.size() > 1;
  for (const std::string& word : words) {
    try {
      add_word(image, word, failures, selection);
    } catch (const Error& error) {
      if (words.size() == 1 || error.code() == ErrorCode::kCancelled ||
          error.code() == ErrorCode::kLimit) {
        throw;
      }
      failures.add("", error);
    }
  }
  if (words.empty()) {
    selection.paths.emplace_back();
  }
  return selection;
}

}  // namespace cim::cli
