// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "base/endian.h"
#include "base/file.h"
#include "base/utf16.h"
#include "registry/edit_inference.h"
#include "registry/model.h"
#include "registry/path.h"

namespace cim::registry {

class HiveEditor::Impl {
 public:
  Impl(Model start, std::uint32_t version, bool is_layered)
      : model(std::move(start)), minor_version(version), layered(is_layered) {}

  ModelKey& key_at(std::string_view path) {
    ModelKey* const key = model.find(path);
    if (key == nullptr) {
      throw Error(ErrorCode::kNotFound, std::string(path), "no such key");
    }
    return *key;
  }

  Model model;
  std::uint32_t minor_version;
  bool layered;
};

HiveEditor::HiveEditor(const Hive& source)
    : impl_(std::make_unique<Impl>(Model(source.image()), source.minor_version(),
                                   source.is_layered())) {
  if (source.is_dirty()) {
    throw Error(ErrorCode::kCorrupt, source.image()->subject(), "a torn hive is not edited");
  }
}

HiveEditor::HiveEditor(std::string_view root_name, FileTime time)
    : impl_(std::make_unique<Impl>(Model(utf16_name(root_name), time), 5, false)) {}

HiveEditor::HiveEditor(HiveEditor&&) noexcept = default;
HiveEditor& HiveEditor::operator=(HiveEditor&&) noexcept = default;
HiveEditor::~HiveEditor() = default;

bool HiveEditor::has_key(std::string_view path) {
  return impl_->model.find(path) != nullptr;
}

bool HiveEditor::create_key(std::string_view path, FileTime time) {
  ModelKey* key = &impl_->model.root();
  bool made = false;
  for (const std::string_view name : split_path(path)) {
    const std::u16string wanted = utf16_name(name);
    ModelKey* const present = key->find_subkey(wanted);
    if (present == nullptr) {
      ModelKey& added = key->add_subkey(wanted, inferred_attributes_of_new_key(*key, time));
      inferred_time_of_change(*key, time);
      made = true;
      key = &added;
    } else {
      key = present;
    }
  }
  return made;
}

void HiveEditor::set_value(std::string_view path, std::string_view name, std::uint32_t type,
                           std::span<const std::byte> data, FileTime time) {
  ModelKey& key = impl_->key_at(path);
  key.set_value({utf16_name(name), type, Bytes(data.begin(), data.end())});
  inferred_time_of_change(key, time);
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

bool HiveEditor::delete_value(std::string_view path, std::string_view name, FileTime time) {
  ModelKey& key = impl_->key_at(path);
  if (!key.remove_value(utf16_name(name))) {
    return false;
  }
  inferred_time_of_change(key, time);
  return true;
}

bool HiveEditor::delete_tree(std::string_view path, FileTime time) {
  const auto names = split_path(path);
  if (names.empty()) {
    throw Error(ErrorCode::kInvalidArgument, std::string(path), "the root cannot be deleted");
  }
  ModelKey* parent = &impl_->model.root();
  for (std::size_t i = 0; i + 1 < names.size() && parent != nullptr; ++i) {
    parent = parent->find_subkey(utf16_name(names[i]));
  }
  if (parent == nullptr || !parent->remove_subkey(utf16_name(names.back()))) {
    return false;
  }
  inferred_time_of_change(*parent, time);
  return true;
}

std::vector<std::byte> HiveEditor::to_bytes(const SaveOptions& options) const {
  BuildOptions build;
  build.subject = "hive";
  build.minor_version = impl_->minor_version;
  build.layered = impl_->layered;
  build.last_written = options.last_written;
  if (options.os_version) {
    const auto minor = inferred_minor_version_for(*options.os_version);
    if (!minor) {
      throw Error(ErrorCode::kUnsupported, build.subject,
                  fmt::format("unsupported OS version {}.{}", options.os_version->major,
                              options.os_version->minor));
    }
    // Only version 1.6 has layers.
    build.minor_version = impl_->layered ? impl_->minor_version : *minor;
  }
  return impl_->model.to_bytes(std::move(build));
}

void HiveEditor::save(const std::filesystem::path& path, const SaveOptions& options) const {
  const Bytes bytes = to_bytes(options);
  AtomicFile file(path);
  file.file().write_at(0, bytes);
  file.publish(options.existing == ExistingFile::kReplace ? Publish::kReplace
                                                          : Publish::kFailIfThere);
}

}  // namespace cim::registry
