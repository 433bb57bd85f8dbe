// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>

#include <unistd.h>

#include "image/host/first_names.h"

namespace cim {

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

}  // namespace cim
