// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Hashing of values that come from an input. The keys are random and differ in each process, so an
// attacker cannot choose names, ids or offsets that collide. No output may depend on the keys:
// never write in the order of a SeededMap or SeededSet.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>

#include "base/bytes.h"
#include "os/crypto.h"

namespace cim {

/// Hashes a sequence of words; any bits of the result are fit to choose a bucket. A word is mixed
/// in by a multiplication of 64 by 64 bits whose halves are folded into one.
class SeededHasher {
 public:
  SeededHasher() noexcept : keys_(keys()), state_(keys_.start) {}

  void add(std::uint64_t word) noexcept { state_ = fold(state_ ^ word, keys_.factor); }
  void add(ByteView bytes) noexcept;

  std::size_t finish() const noexcept { return static_cast<std::size_t>(fold(state_, keys_.last)); }

 private:
  struct Keys {
    std::uint64_t start;
    std::uint64_t factor;
    std::uint64_t last;
  };

  static const Keys& keys() noexcept {
    // Chosen on first use and then constant, as containers require.
    static const Keys keys = random_keys();
    return keys;
  }
  static Keys random_keys() {
    Keys keys{};
    fill_with_random(std::as_writable_bytes(std::span(&keys, 1)));
    keys.factor |= 1U;  // so that neither is ever zero
    keys.last |= 1U;
    return keys;
  }

  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
#ifdef __SIZEOF_INT128__
    __extension__ using Product = unsigned __int128;
    const Product product = static_cast<Product>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#else  // 32-bit systems: the product from halves
    constexpr std::uint64_t kLow = 0xFFFFFFFF;
    const std::uint64_t low = (a & kLow) * (b & kLow);
    const std::uint64_t middle = (a >> 32) * (b & kLow) + (low >> 32);
    const std::uint64_t cross = (a & kLow) * (b >> 32) + (middle & kLow);
    const std::uint64_t high = (a >> 32) * (b >> 32) + (middle >> 32) + (cross >> 32);
    return high ^ (cross << 32 | (low & kLow));
#endif
  }

  const Keys& keys_;
  std::uint64_t state_;
};

inline void SeededHasher::add(ByteView bytes) noexcept {
  add(std::uint64_t{bytes.size()});
  while (bytes.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    add(word);
    bytes = bytes.subspan(sizeof word);
  }
  if (!bytes.empty()) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    add(word);
  }
}

/// Hashes keys of the standard containers: numbers, enumerators or text.
struct SeededHash {
  template <typename Key>
  std::size_t operator()(const Key& key) const noexcept {
    SeededHasher hasher;
    if constexpr (std::integral<Key> || std::is_enum_v<Key>) {
      hasher.add(static_cast<std::uint64_t>(key));
    } else {
      hasher.add(as_bytes(std::string_view(key)));
    }
    return hasher.finish();
  }
};

/// Use these instead of std::unordered_map and std::unordered_set everywhere.
template <typename Key, typename Value>
using SeededMap = std::unordered_map<Key, Value, SeededHash>;
template <typename Key>
using SeededSet = std::unordered_set<Key, SeededHash>;

}  // namespace cim
