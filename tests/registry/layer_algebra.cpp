// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer_algebra.h"

#include <algorithm>
#include <compare>

#include "base/upcase.h"
#include "base/utf16.h"
#include "hive_file.h"

namespace cim::test {

using namespace cim::registry;

namespace {

constexpr unsigned kMerge = 0;
constexpr unsigned kTombstone = 1;
constexpr unsigned kLocal = 2;
constexpr unsigned kTree = 3;
constexpr int kMaxDepthHere = 4;

unsigned below(std::mt19937& random, unsigned limit) {
  return static_cast<unsigned>(random() % limit);
}

/// Returns one of few names, in several spellings, so that keys collide.
std::u16string random_name(std::mt19937& random) {
  static const std::vector<std::u16string> kNames{
      u"a",    u"A",      u"b",      u"B",      u"Key",    u"KEY", u"key_",
      u"key[", u"\u00E9", u"\u00C9", u"\u03C9", u"\u03A9", u"c",   u"\xD800x"};
  return kNames[below(random, static_cast<unsigned>(kNames.size()))];
}

void fill_own(LayerKey& key, std::mt19937& random) {
  key.time = 1 + below(random, 1000);
  key.flags = below(random, 4) == 0 ? 0x80 : 0;
  key.control = static_cast<std::uint8_t>(below(random, 3));
  key.descriptor = static_cast<int>(below(random, 3));
  if (below(random, 3) == 0) {
    key.class_name = below(random, 2) == 0 ? u"C" : u"Other";
  }
}

void fill_values(LayerKey& key, bool with_tombstones, std::mt19937& random) {
  for (unsigned i = below(random, 5); i > 0; --i) {
    const std::u16string name = below(random, 5) == 0 ? u"" : random_name(random);
    MutableValue value{name, below(random, 12),
                       value_bytes(below(random, 3) == 0 ? 0 : below(random, 20))};
    if (with_tombstones && below(random, 3) == 0) {
      value = {name, kRegNone, {}, true};
    }
    key.values.erase(name);
    key.values[name] = value;
  }
}

LayerKey random_key(std::mt19937& random, int depth, unsigned semantics, bool layered) {
  LayerKey key;
  key.semantics = semantics;
  fill_own(key, random);
  if (semantics == kTombstone) {
    key.class_name.clear();
    return key;
  }
  key.inherits_class = layered && below(random, 2) == 0;
  fill_values(key, layered, random);
  for (unsigned i = depth < kMaxDepthHere ? below(random, 6) : 0; i > 0; --i) {
    const std::u16string name = random_name(random);
    unsigned next = layered ? below(random, 4) : kMerge;
    if (semantics == kTree && next != kTombstone) {
      next = kTree;
    }
    LayerKey subkey = random_key(random, depth + 1, next, layered);
    subkey.name = name;
    key.subkeys.erase(name);
    key.subkeys[name] = std::move(subkey);
  }
  return key;
}

/// Returns the key as merged with no key below it: all of it supersedes, and inherited classes are
/// empty.
LayerKey standing_alone(const LayerKey& key) {
  LayerKey alone = key;
  alone.semantics = kTree;
  if (key.inherits_class) {
    alone.class_name.clear();
    alone.inherits_class = false;
  }
  alone.subkeys.clear();
  for (const auto& [name, subkey] : key.subkeys) {
    if (subkey.semantics != kTombstone) {
      alone.subkeys[name] = standing_alone(subkey);
    }
  }
  return alone;
}

void compose_values(LayerKey& result, const LayerKey& below, const LayerKey& above) {
  if (above.semantics != kMerge) {
    return;
  }
  result.values = below.values;
  for (const auto& [name, value] : above.values) {
    result.values.erase(name);
    result.values[name] = value;
  }
}

void compose_subkeys(LayerKey& result, const LayerKey& below, const LayerKey& above) {
  if (above.semantics == kTree) {
    return;
  }
  const bool alone = below.semantics == kTree;
  result.subkeys = below.subkeys;
  for (const auto& [name, subkey] : above.subkeys) {
    const auto match = below.subkeys.find(name);
    LayerKey next = alone && subkey.semantics != kTombstone ? standing_alone(subkey) : subkey;
    if (match != below.subkeys.end()) {
      LayerKey under = match->second;
      if (alone && under.inherits_class) {
        under.inherits_class = false;
        under.class_name.clear();
      }
      next = compose(under, subkey);
    }
    result.subkeys.erase(name);
    result.subkeys[next.name] = std::move(next);
  }
}

MutableAttributes attributes_of(const LayerKey& key, bool layered) {
  MutableAttributes made = plain_attributes();
  made.time = {key.time};
  made.flags = key.flags;
  made.control = key.control;
  append_utf16_le(made.class_name, key.class_name);
  Bytes descriptor = *made.descriptor;
  descriptor[28] = static_cast<std::byte>(key.descriptor);
  made.descriptor = std::make_shared<const Bytes>(descriptor);
  if (layered) {
    made.layer = static_cast<std::uint8_t>(key.semantics | (key.inherits_class ? 0x80 : 0));
  }
  return made;
}

void fill_model(MutableKey& into, const LayerKey& key, bool layered) {
  for (const auto& [name, value] : key.values) {
    into.add_value(value);
  }
  for (const auto& [name, subkey] : key.subkeys) {
    fill_model(into.add_subkey(subkey.name, attributes_of(subkey, layered)), subkey, layered);
  }
}

}  // namespace

bool NameLess::operator()(const std::u16string& a, const std::u16string& b) const {
  return std::is_lt(compare_ignoring_case(a, b));
}

LayerKey random_base(std::mt19937& random) {
  LayerKey root = random_key(random, 0, kMerge, false);
  root.name = u"ROOT";
  return root;
}

LayerKey random_delta(std::mt19937& random) {
  const unsigned semantics = below(random, 8);
  LayerKey root =
      random_key(random, 0, semantics == kLocal || semantics == kTree ? semantics : 0, true);
  root.name = u"ROOT";
  return root;
}

LayerKey compose(const LayerKey& below, const LayerKey& above) {
  if (above.semantics == kTombstone) {
    return above;
  }
  if (below.semantics == kTombstone) {
    return standing_alone(above);
  }
  LayerKey result = above;
  if (above.semantics == kMerge) {
    result.semantics = below.semantics;
    result.name = below.name;
    result.time = std::max(below.time, above.time);
    result.flags = static_cast<std::uint16_t>(below.flags | above.flags);
    result.control = above.control != 0 ? above.control : below.control;
  } else if (below.semantics == kTree) {
    result.semantics = kTree;
  }
  if (above.inherits_class) {
    result.class_name = below.class_name;
    result.inherits_class = below.inherits_class;
  }
  compose_values(result, below, above);
  compose_subkeys(result, below, above);
  return result;
}

Hive hive_of(const LayerKey& root, bool layered) {
  MutableTree model(root.name, {root.time});
  model.root().attributes() = attributes_of(root, layered);
  fill_model(model.root(), root, layered);
  BuildOptions options;
  options.layered = layered;
  options.minor_version = layered ? 6 : 5;
  return Hive::from_bytes(model.to_bytes(options), "random");
}

}  // namespace cim::test
