// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "cimlib/bcd.h"
#include "cimlib/error.h"
#include "cimlib/hive.h"
#include "cimlib/hive_diff.h"
#include "cimlib/hive_text.h"

#include "base/utf16.h"
#include "bcd/sample_store.h"
#include "registry/edit/mutable_tree.h"
#include "registry/format/base_block.h"
#include "registry/format/cell_map.h"
#include "registry/hive_file.h"
#include "registry/read/hive_data.h"
#include "scaling/measure.h"

namespace cim::test {
namespace {

using namespace registry;

std::u16string name_of(std::size_t i) {
  return to_utf16_replacing(fmt::format("name {:06}", i));
}

void fill_keys(MutableKey& root, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    root.add_subkey(name_of(i), plain_attributes());
  }
}

void fill_values(MutableKey& root, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    root.add_value({name_of(i), kRegSz, text_data(u"text")});
  }
}

void fill_depth(MutableKey& root, std::size_t count) {
  MutableKey* key = &root;
  for (std::size_t i = 0; i < count; ++i) {
    key = &key->add_subkey(u"k", plain_attributes());
  }
}

void fill_descriptors(MutableKey& root, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    MutableAttributes attributes = plain_attributes();
    Bytes bytes = *attributes.descriptor;
    bytes[28] = static_cast<std::byte>(i);
    bytes[29] = static_cast<std::byte>(i >> 8U);
    attributes.descriptor = std::make_shared<const Bytes>(std::move(bytes));
    root.add_subkey(name_of(i), std::move(attributes));
  }
}

void fill_big_value(MutableKey& root, std::size_t count) {
  root.add_value({u"big", kRegBinary, Bytes(16'344 * count)});
}

struct Shape {
  const char* name;
  std::size_t count;
  void (*fill)(MutableKey&, std::size_t);
};

constexpr Shape kShapes[] = {
    {"keys of a key", 300, fill_keys},
    {"values of a key", 300, fill_values},
    {"depth of keys", 50, fill_depth},
    {"security descriptors", 300, fill_descriptors},
    {"segments of a big value", 20, fill_big_value},
};

Bytes hive(const Shape& shape, std::size_t count, bool layered = false) {
  MutableTree model(u"ROOT");
  shape.fill(model.root(), count);
  BuildOptions options;
  options.layered = layered;
  options.minor_version = layered ? 6 : 5;
  return model.to_bytes(options);
}

struct Work {
  const char* name;
  void (*run)(const Bytes& hive, const Bytes& delta);
};

void walk(const Key& root) {
  std::vector<Key> keys = {root};
  while (!keys.empty()) {
    const Key key = keys.back();
    keys.pop_back();
    for (const Value value : key.values()) {
      static_cast<void>(value.data());
    }
    for (const Key subkey : key.subkeys()) {
      static_cast<void>(key.subkey(subkey.name()));
      keys.push_back(subkey);
    }
  }
}

constexpr Work kWorks[] = {
    {"read", [](const Bytes& bytes, const Bytes&) { walk(Hive::from_bytes(bytes, "h").root()); }},
    {"checked", [](const Bytes& bytes, const Bytes&) { static_cast<void>(check(bytes)); }},
    {"merged",
     [](const Bytes& bytes, const Bytes& delta) {
       static_cast<void>(
           merge(Hive::from_bytes(bytes, "h"), Hive::from_bytes(delta, "d"), {}, "m"));
     }},
    {"edited",
     [](const Bytes& bytes, const Bytes&) {
       HiveEditor editor(Hive::from_bytes(bytes, "h"));
       editor.add_key("other", {});
       static_cast<void>(editor.to_bytes());
     }},
    {"written as text",
     [](const Bytes& bytes, const Bytes&) {
       static_cast<void>(write_reg_file(Hive::from_bytes(bytes, "h"), "", {.comments = true},
                                        [](std::span<const std::byte>) {}));
     }},
    {"compared",
     [](const Bytes& bytes, const Bytes& delta) {
       const Hive hive = Hive::from_bytes(bytes, "h");
       const auto ignore = [](const KeyDifference&) { return true; };
       diff(hive, Hive::from_bytes(delta, "d"), {}, ignore);
       diff(hive, Hive::from_bytes(MutableTree(u"ROOT").to_bytes({}), "empty"), {}, ignore);
     }},
};

Bytes edited_key_by_key(std::size_t count) {
  HiveEditor editor;
  for (std::size_t i = 0; i < count; ++i) {
    editor.add_key(fmt::format("key {}", i), {});
  }
  for (std::size_t i = 0; i < count; ++i) {
    editor.remove_key(fmt::format("key {}", i), {});
  }
  return editor.to_bytes();
}

Bytes edited_value_by_value(std::size_t count) {
  HiveEditor editor;
  for (std::size_t i = 0; i < count; ++i) {
    editor.set_value("", fmt::format("{}", i), kRegNone, {}, {});
  }
  for (std::size_t i = 0; i < count; ++i) {
    editor.remove_value("", fmt::format("{}", i), {});
  }
  return editor.to_bytes();
}

Bytes store_with(std::size_t objects, std::size_t elements) {
  HiveEditor editor = sample_store_editor();
  for (std::size_t i = 0; i < objects; ++i) {
    const std::string object =
        fmt::format("Objects\\{{9dea862c-5cdd-4e70-acc1-{:012x}}}", 0x100 + i);
    editor.add_key(object + "\\Elements", {});
    editor.add_key(object + "\\Description", {});
    editor.set_dword(object + "\\Description", "Type", 0x10200003, {});
  }
  for (std::size_t i = 0; i < elements; ++i) {
    const std::string key = sample_element(kSampleEntry, fmt::format("{:08x}", 0x26100000 + i));
    editor.add_key(key, {});
    editor.set_value(key, "Element", kRegBinary, Bytes(1), {});
  }
  return editor.to_bytes();
}

Countable boot_store(std::string name, bool counts_objects) {
  return {std::move(name), 100, [=](std::size_t n) {
            return [hive = std::make_shared<Hive>(
                        hive_of(counts_objects ? store_with(n, 0) : store_with(0, n)))] {
              static_cast<void>(bcd::edit_for_cim_boot(*hive, "store", sample_boot_options()));
            };
          }};
}

// Returns a log whose entries all write the same page.
Bytes log_of(const Bytes& hive, std::size_t entries) {
  Bytes log;
  BaseBlock head = load<BaseBlock>(hive, 0);
  head.file_type = 6;
  head.primary_sequence = 4;
  head.secondary_sequence = 4;
  head.checksum = checksum_of(head);
  append(log, head);
  const ByteView page = ByteView(hive).subspan(kBaseBlockSize, 4096);
  for (std::size_t i = 0; i < entries; ++i) {
    Bytes entry(sizeof(LogEntryHeader));
    append(entry, LogPage{0, 4096});
    append(entry, page);
    entry.resize((entry.size() + 511) / 512 * 512);
    LogEntryHeader first{};
    first.signature = kLogEntrySignature;
    first.size = static_cast<std::uint32_t>(entry.size());
    first.sequence = static_cast<std::uint32_t>(4 + i);
    first.bins_size = 4096;
    first.page_count = 1;
    first.content_hash = log_hash(ByteView(entry).subspan(sizeof(first)));
    std::memcpy(entry.data(), &first, sizeof(first));
    first.head_hash = log_hash(ByteView(entry).first(32));
    std::memcpy(entry.data(), &first, sizeof(first));
    append(log, entry);
  }
  return log;
}

Bytes torn_hive() {
  HiveFile file(MutableTree(u"ROOT"));
  file.set_u32(4, 5).set_u32(8, 4).fix_checksum();
  return file.bytes();
}

}  // namespace

std::vector<Countable> hive_countables() {
  std::vector<Countable> all = {
      {"hive: keys made and deleted", 200,
       [](std::size_t n) { return [n] { static_cast<void>(edited_key_by_key(n)); }; }},
      {"hive: values set and deleted", 1000,
       [](std::size_t n) { return [n] { static_cast<void>(edited_value_by_value(n)); }; }},
      {"hive: entries of a log", 50,
       [](std::size_t n) {
         return [hive = torn_hive(), log = LogFile{"hive.LOG1", log_of(torn_hive(), n + 1)}] {
           static_cast<void>(recover_from_logs(hive, "hive", std::span(&log, 1), {}));
         };
       }},
      boot_store("boot store: objects", true),
      boot_store("boot store: elements of an object", false),
  };
  for (const Shape& shape : kShapes) {
    for (const Work& work : kWorks) {
      all.push_back({fmt::format("hive: {}, {}", shape.name, work.name), shape.count,
                     [shape, run = work.run](std::size_t n) {
                       return [run, base = hive(shape, n), delta = hive(shape, n, true)] {
                         run(base, delta);
                       };
                     }});
    }
  }
  return all;
}

}  // namespace cim::test
