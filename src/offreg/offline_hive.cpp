// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "offreg/offline_hive.h"

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "base/handle_table.h"
#include "offreg/result.h"
#include "registry/edit/assumptions.h"
#include "registry/read/hive_data.h"

namespace cim::offreg {
namespace {

constexpr unsigned kKeyHandle = 1;  // the only kind

// Never destroyed, since a thread may be in a call when the process ends.
HandleTable& handle_table() {
  static HandleTable& table = *std::make_unique<HandleTable>().release();
  return table;
}

std::shared_ptr<OpenKey> find_open_key(ORHKEY handle) {
  auto object = handle_table().find(reinterpret_cast<std::uintptr_t>(handle), kKeyHandle);
  if (object == nullptr) {
    fail(ERROR_INVALID_HANDLE);
  }
  return std::static_pointer_cast<OpenKey>(std::move(object));
}

ORHKEY to_pointer(std::uintptr_t handle) noexcept {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number in a pointer type.
  return reinterpret_cast<ORHKEY>(handle);
}

}  // namespace

OfflineHive::OfflineHive(FileTime now) : tree_(u"ROOT", now), is_changed_(true) {}

OfflineHive::OfflineHive(registry::Hive source)
    : source_(std::make_shared<const registry::Hive>(std::move(source))),
      tree_(registry::data_of(*source_)) {}

ORHKEY OfflineHive::open(const std::shared_ptr<OfflineHive>& hive, registry::MutableKey& key) {
  const auto open = std::make_shared<OpenKey>(OpenKey{hive, &key});
  open->place = hive->open_keys_.emplace(&key, open.get());
  try {
    open->handle = handle_table().add(open, kKeyHandle);
  } catch (...) {
    hive->open_keys_.erase(open->place);
    throw;
  }
  return to_pointer(open->handle);
}

void OfflineHive::close_key(OpenKey& open) noexcept {
  open_keys_.erase(open.place);
  handle_table().remove(open.handle, kKeyHandle);
}

void OfflineHive::close() noexcept {
  closed_ = true;
  for (const auto& [key, open] : open_keys_) {
    handle_table().remove(open->handle, kKeyHandle);
  }
  open_keys_.clear();
}

// A later key may have the address of this one, so its handles are filed under another.
void OfflineHive::mark_deleted(const registry::MutableKey& key) noexcept {
  for (auto found = open_keys_.find(&key); found != open_keys_.end();
       found = open_keys_.find(&key)) {
    auto entry = open_keys_.extract(found);
    entry.key() = nullptr;
    OpenKey& open = *entry.mapped();
    open.key = nullptr;
    open.place = open_keys_.insert(std::move(entry));
  }
}

registry::BuildOptions OfflineHive::build_options() const {
  registry::BuildOptions build;
  build.subject = "hive";
  if (source_ != nullptr) {
    build.minor_version = source_->minor_version();
    build.layered = source_->is_layered();
    build.expected_size = source_->bytes().size();
  }
  return build;
}

// Only version 1.6 supports layers, so a delta keeps its version.
Bytes OfflineHive::file_of(const registry::MutableKey& key, registry::OsVersion version,
                           const std::filesystem::path& name) const {
  const auto minor = registry::assumed_minor_version_for(version);
  if (!minor) {
    fail(ERROR_INVALID_PARAMETER);
  }
  guard_.require_open();
  registry::BuildOptions build = build_options();
  build.minor_version = build.layered ? build.minor_version : *minor;
  build.file_name = to_utf16(name.string()).value_or(u"");
  return registry::MutableTree::to_bytes(std::move(build), key);
}

std::shared_ptr<const registry::Hive> OfflineHive::snapshot() const {
  guard_.require_open();
  if (!is_changed_) {
    return source_;
  }
  Bytes bytes = tree_.to_bytes(build_options());
  return std::make_shared<const registry::Hive>(
      registry::Hive::from_bytes(std::move(bytes), "changed hive"));
}

ORHKEY open_hive_in_memory(Bytes file, const std::string& name) {
  std::shared_ptr<OfflineHive> hive;
  try {
    hive = std::make_shared<OfflineHive>(registry::Hive::from_bytes(std::move(file), name));
  } catch (const Error&) {
    fail(ERROR_NOT_REGISTRY_FILE);
  }
  return OfflineHive::open(hive, hive->root());
}

// ---- access ----

// Another thread may have closed the handle or the hive since the lookup.
KeyAccess::KeyAccess(ORHKEY handle, Deleted deleted)
    : open_(find_open_key(handle)), lock_(open_->hive->mutex()) {
  if (hive().is_closed() || open_->uses == 0) {
    fail(ERROR_INVALID_HANDLE);
  }
  if (open_->key == nullptr && deleted == Deleted::kRefuse) {
    fail(ERROR_KEY_DELETED);
  }
}

registry::MutableKey* KeyAccess::find(std::span<const std::u16string> names) const {
  return hive().read([&] {
    registry::MutableKey* found = &key();
    for (auto name = names.begin(); name != names.end() && found != nullptr; ++name) {
      found = found->find_subkey(*name);
    }
    return found;
  });
}

ORHKEY KeyAccess::handle_to(registry::MutableKey& key) const {
  if (&key == &hive().root()) {
    fail(ERROR_INVALID_PARAMETER);
  }
  if (&key != open_->key) {
    return OfflineHive::open(open_->hive, key);
  }
  ++open_->uses;
  return to_pointer(open_->handle);
}

}  // namespace cim::offreg
