// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Performs random operations on a directory of images and on a model of them, which must agree
// after every commit. Differences are reported to GoogleTest.

#include <cstddef>
#include <functional>
#include <string>

#include "cimlib/image_path.h"

#include "base/bytes.h"

namespace cim::test {

/// The source of choices.
class Dice {
 public:
  /// Chooses randomly.
  explicit Dice(unsigned seed);
  /// Chooses as the bytes say, and the least when they are used up; they must outlive this object.
  explicit Dice(ByteView bytes);

  /// Returns a number from 0 to limit - 1; `limit` is at most 65,536.
  std::size_t below(std::size_t limit) { return below_(limit); }
  bool one_in(std::size_t n) { return below(n) == 0; }

  /// Returns one of a few names, so that names collide; some differ only by case, some are outside
  /// the basic plane, and some are not valid UTF-16.
  std::u16string name();
  /// Returns a path of at most three names.
  ImagePath path();
  /// Returns the content of a file.
  std::string data();

 private:
  std::function<std::size_t(std::size_t)> below_;
};

/// Writes a few images, some from scratch and some based on others, and compares all of them each
/// time.
void compare_with_model(const Dice& dice);

}  // namespace cim::test
