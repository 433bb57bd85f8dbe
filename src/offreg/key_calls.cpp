// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The functions that open, create, delete, rename and list keys.
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cimlib/filetime.h"
#include "cimlib/wtf8.h"

#include "base/utf16.h"
#include "offreg/arguments.h"
#include "offreg/descriptors.h"
#include "offreg/offline_hive.h"
#include "offreg/offreg.h"
#include "offreg/result.h"
#include "registry/edit/assumptions.h"
#include "registry/format/cells.h"

namespace cim::offreg {
namespace {

using registry::MutableKey;

// Returns the key at a path relative to that of the handle; without a path the handle's own.
MutableKey& existing_key(const KeyAccess& access, PCWSTR path) {
  const auto names = key_names_of(path);
  MutableKey* const key = access.find(names);
  if (key == nullptr) {
    fail(ERROR_FILE_NOT_FOUND);
  }
  return *key;
}

// ---- opening and creating ----

ORHKEY open_key(ORHKEY handle, PCWSTR path) {
  const KeyAccess access(handle);
  return access.handle_to(existing_key(access, path));
}

void close_key(ORHKEY handle) {
  const KeyAccess access(handle, KeyAccess::Deleted::kAccept);
  if (access.is_root()) {
    fail(ERROR_INVALID_PARAMETER);
  }
  OpenKey& open = access.open_key();
  if (--open.uses == 0) {
    access.hive().close_key(open);
  }
}

// Attributes of a new key that the caller may set.
struct NewKey {
  Bytes class_name;
  bool is_link = false;
  std::shared_ptr<const Bytes> descriptor;  // null for the default
};

NewKey new_key_of(PCWSTR class_name, DWORD options, const void* descriptor) {
  if ((options & ~DWORD{REG_OPTION_CREATE_LINK}) != 0) {
    fail(ERROR_INVALID_PARAMETER);
  }
  NewKey key;
  key.is_link = (options & REG_OPTION_CREATE_LINK) != 0;
  if (class_name != nullptr) {
    append_utf16_le(key.class_name, text_of(class_name, kMaxClassLength));
  }
  if (descriptor != nullptr) {
    key.descriptor = std::make_shared<const Bytes>(read_descriptor(descriptor).encode());
  }
  return key;
}

MutableKey& add_keys(MutableKey& parent, std::span<const std::u16string> names,
                     const NewKey& wanted) {
  const FileTime now = FileTime::now();
  MutableKey* key = &parent;
  for (const std::u16string& name : names) {
    registry::MutableAttributes attributes = registry::assumed_attributes_of_new_key(*key, now);
    if (&name == &names.back()) {
      attributes.class_name = wanted.class_name;
      attributes.flags = wanted.is_link ? registry::kKeySymbolicLink : std::uint16_t{0};
      attributes.descriptor =
          wanted.descriptor != nullptr ? wanted.descriptor : attributes.descriptor;
    }
    MutableKey& added = key->add_subkey(name, std::move(attributes));
    registry::assumed_time_of_change(*key, now);
    key = &added;
  }
  return *key;
}

struct Created {
  ORHKEY handle;
  DWORD disposition;
};

Created create_key(ORHKEY handle, const std::vector<std::u16string>& names, const NewKey& wanted) {
  constexpr std::size_t kMaxNames = 32;  // in one call
  const KeyAccess access(handle);
  MutableKey* key = &access.key();
  std::span<const std::u16string> missing = names;
  while (!missing.empty()) {
    MutableKey* const next = access.hive().read([&] { return key->find_subkey(missing.front()); });
    if (next == nullptr) {
      break;
    }
    key = next;
    missing = missing.subspan(1);
  }
  if (names.size() > kMaxNames) {
    fail(ERROR_INVALID_PARAMETER);
  }
  if (missing.empty()) {
    const bool is_link = access.hive().read([&] {
      return key->attributes().flags & registry::kKeySymbolicLink;
    }) != 0;
    if (wanted.is_link && !is_link) {
      fail(ERROR_INVALID_PARAMETER);
    }
    return {access.handle_to(*key), REG_OPENED_EXISTING_KEY};
  }
  argument([&] {
    std::for_each(missing.begin(), missing.end(), registry::check_key_name);
    key->check_depth_below(missing.size());
  });
  MutableKey& added =
      access.hive().change([&]() -> MutableKey& { return add_keys(*key, missing, wanted); });
  return {access.handle_to(added), REG_CREATED_NEW_KEY};
}

// ---- deleting and renaming ----

void delete_key(ORHKEY handle, PCWSTR path) {
  const KeyAccess access(handle);
  MutableKey& key = existing_key(access, path);
  if (&key == &access.hive().root()) {
    fail(ERROR_INVALID_PARAMETER);
  }
  if (access.hive().read([&] { return key.subkey_count(); }) != 0) {
    fail(ERROR_KEY_HAS_CHILDREN);
  }
  access.hive().change([&] {
    MutableKey& parent = *key.parent();
    registry::assumed_time_of_change(parent, FileTime::now());
    const std::u16string name = key.name().to_utf16();
    access.hive().mark_deleted(key);
    parent.remove_subkey(name);
  });
}

void rename_key(ORHKEY handle, PCWSTR new_name) {
  const std::u16string name = text_of(new_name, kMaxPathLength);
  argument([&] { registry::check_key_name(name); });
  const KeyAccess access(handle);
  if (access.is_root()) {
    fail(ERROR_INVALID_PARAMETER);
  }
  MutableKey& key = access.key();
  MutableKey& parent = *key.parent();
  const MutableKey* const taken = access.hive().read([&] { return parent.find_subkey(name); });
  if (taken != nullptr && taken != &key) {
    fail(ERROR_ALREADY_EXISTS);
  }
  access.hive().change([&] {
    const FileTime now = FileTime::now();
    key.rename(name);
    registry::assumed_time_of_change(key, now);
    registry::assumed_time_of_change(parent, now);
  });
}

// ---- listing ----

struct Listed {
  std::u16string name;
  std::u16string class_name;
  FileTime time;
};

Listed subkey_at(ORHKEY handle, DWORD index) {
  const KeyAccess access(handle);
  MutableKey& key = access.key();
  MutableKey* const subkey = access.hive().read(
      [&] { return index < key.subkey_count() ? &key.subkey_at(index) : nullptr; });
  if (subkey == nullptr) {
    fail(ERROR_NO_MORE_ITEMS);
  }
  return {subkey->name().to_utf16(), utf16_from_le(subkey->class_name()), subkey->time()};
}

struct KeyFacts {
  std::u16string class_name;
  FileTime time;
  std::size_t descriptor_size = 0;
  std::size_t subkeys = 0;
  std::size_t longest_subkey = 0;
  std::size_t longest_class = 0;
  std::size_t values = 0;
  std::size_t longest_value_name = 0;
  std::size_t largest_value = 0;
};

KeyFacts facts_of(MutableKey& key) {
  KeyFacts facts;
  facts.class_name = utf16_from_le(key.class_name());
  facts.time = key.time();
  facts.descriptor_size = key.attributes().descriptor->size();
  facts.subkeys = key.subkey_count();
  for (std::size_t i = 0; i < facts.subkeys; ++i) {
    const MutableKey& subkey = key.subkey_at(i);
    facts.longest_subkey = std::max(facts.longest_subkey, subkey.name().units());
    facts.longest_class =
        std::max(facts.longest_class, subkey.class_name().size() / sizeof(char16_t));
  }
  facts.values = key.value_count();
  for (std::size_t i = 0; i < facts.values; ++i) {
    const registry::MutableValue& value = key.value_at(i);
    facts.longest_value_name = std::max(facts.longest_value_name, value.name.size());
    facts.largest_value = std::max(facts.largest_value, value.data.size());
  }
  return facts;
}

KeyFacts facts_of(ORHKEY handle) {
  const KeyAccess access(handle);
  return access.hive().read([&] { return facts_of(access.key()); });
}

}  // namespace
}  // namespace cim::offreg

// NOLINTBEGIN(readability-identifier-naming): the names of Windows.
using namespace cim::offreg;

DWORD WINAPI OROpenKey(ORHKEY Handle, PCWSTR lpSubKeyName, PORHKEY phkResult) {
  return guarded([&] {
    auto& result = out_param(phkResult);
    result = open_key(Handle, lpSubKeyName);
  });
}

DWORD WINAPI ORCloseKey(ORHKEY Handle) {
  return guarded([&] { close_key(Handle); });
}

DWORD WINAPI ORCreateKey(ORHKEY Handle, PCWSTR lpSubKey, PWSTR lpClass, DWORD dwOptions,
                         PSECURITY_DESCRIPTOR pSecurityDescriptor, PORHKEY phkResult,
                         PDWORD pdwDisposition) {
  return guarded([&] {
    auto& result = out_param(phkResult);
    if (lpSubKey == nullptr) {
      fail(ERROR_INVALID_PARAMETER);
    }
    const NewKey wanted = new_key_of(lpClass, dwOptions, pSecurityDescriptor);
    const Created created = create_key(Handle, key_names_of(lpSubKey), wanted);
    result = created.handle;
    put(pdwDisposition, created.disposition);
  });
}

DWORD WINAPI ORDeleteKey(ORHKEY Handle, PCWSTR lpSubKey) {
  return guarded([&] { delete_key(Handle, lpSubKey); });
}

DWORD WINAPI ORRenameKey(ORHKEY Handle, PCWSTR lpNewName) {
  return guarded([&] { rename_key(Handle, lpNewName); });
}

DWORD WINAPI OREnumKey(ORHKEY Handle, DWORD dwIndex, PWSTR lpName, PDWORD lpcName, PWSTR lpClass,
                       PDWORD lpcClass, PFILETIME lpftLastWriteTime) {
  return guarded([&] {
    if (lpName == nullptr) {
      fail(ERROR_INVALID_PARAMETER);
    }
    const TextBuffer name(lpName, lpcName);
    const TextBuffer class_name(lpClass, lpcClass);
    const Listed listed = subkey_at(Handle, dwIndex);
    if (!name.fits(listed.name) || !class_name.fits(listed.class_name)) {
      fail(ERROR_MORE_DATA);
    }
    name.put(listed.name);
    class_name.put(listed.class_name);
    put(lpftLastWriteTime, to_filetime(listed.time));
  });
}

DWORD WINAPI ORQueryInfoKey(ORHKEY Handle, PWSTR lpClass, PDWORD lpcClass, PDWORD lpcSubKeys,
                            PDWORD lpcMaxSubKeyLen, PDWORD lpcMaxClassLen, PDWORD lpcValues,
                            PDWORD lpcMaxValueNameLen, PDWORD lpcMaxValueLen,
                            PDWORD lpcbSecurityDescriptor, PFILETIME lpftLastWriteTime) {
  return guarded([&] {
    const TextBuffer class_name(lpClass, lpcClass);
    const KeyFacts facts = facts_of(Handle);
    put(lpcSubKeys, facts.subkeys);
    put(lpcMaxSubKeyLen, facts.longest_subkey);
    put(lpcMaxClassLen, facts.longest_class);
    put(lpcValues, facts.values);
    put(lpcMaxValueNameLen, facts.longest_value_name);
    put(lpcMaxValueLen, facts.largest_value);
    put(lpcbSecurityDescriptor, facts.descriptor_size);
    put(lpftLastWriteTime, to_filetime(facts.time));
    if (!class_name.fits(facts.class_name)) {
      class_name.put_size(facts.class_name);
      fail(ERROR_MORE_DATA);
    }
    class_name.put(facts.class_name);
  });
}
// NOLINTEND(readability-identifier-naming)
