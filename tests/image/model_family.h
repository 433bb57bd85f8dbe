// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Random operations on a directory of images and on a model of them, which must agree after every
// commit. What does not is told to GoogleTest.

#include <cstddef>
#include <functional>
#include <string>

#include "cimlib/image_path.h"

#include "base/bytes.h"

namespace cim::test {

/// Chooses what happens.
class Dice {
 public:
  /// By chance.
  explicit Dice(unsigned seed);
  /// As bytes say, and the least when they are used up; they must outlive this.
  explicit Dice(ByteView bytes);

  /// From 0 on; at most 65,536 is the limit.
  std::size_t below(std::size_t limit) { return below_(limit); }
  bool one_in(std::size_t n) { return below(n) == 0; }

  /// Few names, so that they meet; some differ only by case, some are not in the first plane, some
  /// are no UTF-16 at all.
  std::u16string name();
  /// Of up to three names.
  ImagePath path();
  /// What a file may hold.
  std::string data();

 private:
  std::function<std::size_t(std::size_t)> below_;
};

/// Writes a few images, some from scratch and some upon others, and compares all of them each time.
void run_model_family(const Dice& dice);

}  // namespace cim::test
