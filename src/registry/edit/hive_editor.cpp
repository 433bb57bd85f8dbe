// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The editor changes a mutable tree and builds a new hive from it. Checks that cannot leave the
// tree half changed come before guard.run(), so that after them the editor can still be used.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "base/endian.h"
#include "base/operation_guard.h"
#include "base/utf16.h"
#include "os/file.h"
#include "registry/edit/assumptions.h"
#include "registry/edit/mutable_tree.h"
#include "registry/format/name.h"

namespace cim::registry {

// Keeps the tree and all private headers out of the public one.
class HiveEditor::Impl {
 public:
  Impl(MutableTree start, std::uint32_t version, bool is_layered)
      : tree(std::move(start)), minor_version(version), layered(is_layered) {}

  // Keys are read on first use.
  MutableKey* find(std::string_view path) {
    const auto names = names_of(path);
    return guard.run([&] { return tree.find(names); });
  }

  MutableKey& key_at(std::string_view path) {
    MutableKey* const key = find(path);
    if (key == nullptr) {
      throw Error(ErrorCode::kNotFound, std::string(path), "no such key");
    }
    return *key;
  }

  static std::vector<std::u16string> names_of(std::string_view path) {
    std::vector<std::u16string> names;
    for (const std::string_view name : split_path(path)) {
      names.push_back(utf16_name(name));
    }
    return names;
  }

  MutableTree tree;
  std::uint32_t minor_version;
  bool layered;
  OperationGuard guard{"hive", "it is closed"};
};

HiveEditor::HiveEditor(const Hive& source)
    : impl_(std::make_unique<Impl>(MutableTree(data_of(source)), source.minor_version(),
                                   source.is_layered())) {
  if (source.is_dirty()) {
    throw Error(ErrorCode::kCorrupt, data_of(source)->subject(), "a torn hive cannot be edited");
  }
}

HiveEditor::HiveEditor(std::string_view root_name, FileTime time)
    : impl_(std::make_unique<Impl>(MutableTree(utf16_name(root_name), time), 5, false)) {}

HiveEditor::HiveEditor(HiveEditor&&) noexcept = default;
HiveEditor& HiveEditor::operator=(HiveEditor&&) noexcept = default;
HiveEditor::~HiveEditor() = default;

bool HiveEditor::exists(std::string_view path) {
  return impl_->find(path) != nullptr;
}

// Finds how much of the path exists before anything is added, and checks the names of the rest.
bool HiveEditor::add_key(std::string_view path, FileTime time) {
  const auto names = Impl::names_of(path);
  MutableKey* key = &impl_->tree.root();
  auto missing = names.begin();
  impl_->guard.run([&] {
    while (missing != names.end()) {
      MutableKey* const present = key->find_subkey(*missing);
      if (present == nullptr) {
        break;
      }
      key = present;
      ++missing;
    }
  });
  std::for_each(missing, names.end(), check_key_name);
  key->check_depth_below(static_cast<std::size_t>(names.end() - missing));
  impl_->guard.run([&] {
    for (auto name = missing; name != names.end(); ++name) {
      MutableKey& added = key->add_subkey(*name, assumed_attributes_of_new_key(*key, time));
      assumed_time_of_change(*key, time);
      key = &added;
    }
  });
  return missing != names.end();
}

void HiveEditor::set_value(std::string_view path, std::string_view name, std::uint32_t type,
                           std::span<const std::byte> data, FileTime time) {
  MutableKey& key = impl_->key_at(path);
  const std::u16string wanted = utf16_name(name);
  impl_->guard.run([&] {
    key.set_value({wanted, type, Bytes(data.begin(), data.end())});
    assumed_time_of_change(key, time);
  });
}

void HiveEditor::set_text(std::string_view path, std::string_view name, std::string_view text,
                          FileTime time) {
  std::u16string units = utf16_name(text);
  units.push_back(u'\0');
  Bytes data;
  append_utf16_le(data, units);
  set_value(path, name, kRegSz, data, time);
}

void HiveEditor::set_dword(std::string_view path, std::string_view name, std::uint32_t number,
                           FileTime time) {
  const Le32 stored = number;
  set_value(path, name, kRegDword, std::as_bytes(std::span(&stored, 1)), time);
}

bool HiveEditor::remove_value(std::string_view path, std::string_view name, FileTime time) {
  MutableKey& key = impl_->key_at(path);
  const std::u16string wanted = utf16_name(name);
  return impl_->guard.run([&] {
    if (!key.remove_value(wanted)) {
      return false;
    }
    assumed_time_of_change(key, time);
    return true;
  });
}

// Removing a key from its parent removes all below it, opened or not.
bool HiveEditor::remove_key(std::string_view path, FileTime time) {
  const auto names = Impl::names_of(path);
  if (names.empty()) {
    throw Error(ErrorCode::kInvalidArgument, std::string(path), "the root cannot be removed");
  }
  return impl_->guard.run([&] {
    MutableKey* parent = &impl_->tree.root();
    for (std::size_t i = 0; i + 1 < names.size() && parent != nullptr; ++i) {
      parent = parent->find_subkey(names[i]);
    }
    if (parent == nullptr || !parent->remove_subkey(names.back())) {
      return false;
    }
    assumed_time_of_change(*parent, time);
    return true;
  });
}

std::vector<std::byte> HiveEditor::to_bytes(const SaveOptions& options) const {
  impl_->guard.require_open();
  BuildOptions build;
  build.subject = "hive";
  build.minor_version = impl_->minor_version;
  build.layered = impl_->layered;
  build.last_written = options.last_written;
  if (options.os_version) {
    const auto minor = assumed_minor_version_for(*options.os_version);
    if (!minor) {
      throw Error(ErrorCode::kUnsupported, build.subject,
                  fmt::format("unsupported OS version {}.{}", options.os_version->major,
                              options.os_version->minor));
    }
    // Only version 1.6 supports layers.
    build.minor_version = impl_->layered ? impl_->minor_version : *minor;
  }
  return impl_->tree.to_bytes(std::move(build));
}

void HiveEditor::save(const std::filesystem::path& path, const SaveOptions& options) const {
  const Bytes bytes = to_bytes(options);
  AtomicFile file(path);
  file.file().write_at(0, bytes);
  file.publish(options.existing == ExistingFile::kReplace ? Publish::kReplace
                                                          : Publish::kFailIfThere);
}

}  // namespace cim::registry
