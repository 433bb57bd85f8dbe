// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/handle_table.h"

#include <limits>
#include <new>
#include <utility>

namespace cim {
namespace {

// From the lowest bit: kind, slot, generation.
constexpr unsigned kKindBits = 3;
constexpr unsigned kPlaceBits = sizeof(std::uintptr_t) >= 8 ? 20 : 14;
constexpr unsigned kGenerationBits =
    std::numeric_limits<std::uintptr_t>::digits - kKindBits - kPlaceBits;
constexpr std::uintptr_t kMaxPlaces = std::uintptr_t{1} << kPlaceBits;
// One less than fits, so that no handle equals INVALID_HANDLE_VALUE.
constexpr std::uintptr_t kMaxGeneration = (std::uintptr_t{1} << kGenerationBits) - 2;
constexpr std::size_t kNoSlot = std::numeric_limits<std::size_t>::max();

std::uintptr_t encode(std::size_t place, std::uintptr_t generation, unsigned kind) {
  return generation << (kKindBits + kPlaceBits) | place << kKindBits | kind;
}

}  // namespace

std::uintptr_t HandleTable::add(std::shared_ptr<void> object, unsigned kind) {
  const std::scoped_lock lock(mutex_);
  if (free_.empty()) {
    if (slots_.size() >= kMaxPlaces) {
      throw std::bad_alloc();
    }
    free_.reserve(slots_.size() + 1);  // so that remove() needs no memory
    slots_.emplace_back();
    free_.push_back(slots_.size() - 1);
  }
  const std::size_t place = free_.back();
  free_.pop_back();
  Slot& slot = slots_[place];
  slot.object = std::move(object);
  slot.kind = kind;
  return encode(place, slot.generation, kind);
}

// A closed handle is recognized by its generation, which the slot has left.
std::size_t HandleTable::place_of(std::uintptr_t handle, unsigned kind) const {
  const std::size_t place = handle >> kKindBits & (kMaxPlaces - 1);
  if (place >= slots_.size()) {
    return kNoSlot;
  }
  const Slot& slot = slots_[place];
  const bool is_it =
      slot.object != nullptr && slot.kind == kind && handle == encode(place, slot.generation, kind);
  return is_it ? place : kNoSlot;
}

std::shared_ptr<void> HandleTable::find(std::uintptr_t handle, unsigned kind) const {
  const std::scoped_lock lock(mutex_);
  const std::size_t place = place_of(handle, kind);
  return place == kNoSlot ? nullptr : slots_[place].object;
}

std::shared_ptr<void> HandleTable::remove(std::uintptr_t handle, unsigned kind) {
  const std::scoped_lock lock(mutex_);
  const std::size_t place = place_of(handle, kind);
  if (place == kNoSlot) {
    return nullptr;
  }
  Slot& slot = slots_[place];
  // A slot whose generations are used up is never used again.
  if (slot.generation < kMaxGeneration) {
    ++slot.generation;
    free_.push_back(place);
  }
  return std::exchange(slot.object, nullptr);
}

}  // namespace cim
