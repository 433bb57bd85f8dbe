// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The functions of hives.h.
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/hive.h"
#include "cimlib/hives.h"

#include "capi/handles.h"
#include "capi/result.h"
#include "layerapi/utf8_arguments.h"

namespace cim::capi {
namespace {

struct OpenHive {
  static constexpr HandleKind kKind = HandleKind::kHive;
  registry::Hive hive;
};

// The subkeys and values by number, since a hive can only be read in order.
struct OpenKey {
  static constexpr HandleKind kKind = HandleKind::kHiveKey;
  registry::Key key;
  std::vector<registry::Key> subkeys;
  std::vector<registry::Value> values;
};

CIMLIB_HIVE_HANDLE hive_handle(registry::Hive hive) {
  return open_handle<OpenHive, CIMLIB_HIVE_HANDLE>(
      std::make_shared<OpenHive>(OpenHive{std::move(hive)}));
}

std::shared_ptr<OpenKey> open_key(const registry::Key& key) {
  auto opened = std::make_shared<OpenKey>(OpenKey{key, {}, {}});
  opened->subkeys.reserve(key.subkey_count());
  for (const registry::Key& subkey : key.subkeys()) {
    opened->subkeys.push_back(subkey);
  }
  opened->values.reserve(key.values().size());
  for (const registry::Value& value : key.values()) {
    opened->values.push_back(value);
  }
  return opened;
}

std::shared_ptr<const OpenKey> key_of(CIMLIB_KEY_HANDLE handle) {
  return require_handle(find_handle<OpenKey>(handle));
}

template <typename Item>
const Item& item_at(const std::vector<Item>& items, UINT32 index) {
  if (index >= items.size()) {
    fail(from_win32(ERROR_FILE_NOT_FOUND));
  }
  return items[index];
}

CIMLIB_VALUE_INFORMATION information_of(const registry::Value& value) {
  CIMLIB_VALUE_INFORMATION result{};
  result.Type = value.type();
  result.DataSize = value.size();
  result.IsTombstone = value.is_tombstone() ? 1 : 0;
  return result;
}

void copy_data(const registry::Value& value, void* buffer, UINT32 buffer_size, UINT32& size) {
  size = value.size();
  if (size > buffer_size) {
    fail(from_win32(ERROR_INSUFFICIENT_BUFFER));
  }
  if (size == 0) {
    return;
  }
  if (buffer == nullptr) {
    fail(E_POINTER);
  }
  const auto data = value.data();
  std::memcpy(buffer, data.data(), data.size());
}

}  // namespace
}  // namespace cim::capi

// NOLINTBEGIN(readability-identifier-naming): the names of cimfs.h.
using namespace cim;
using namespace cim::capi;

HRESULT WINAPI CimlibOpenHive(const char* path, CIMLIB_HIVE_HANDLE* hive) {
  return guarded([&] {
    auto& handle = out_param(hive);
    handle = hive_handle(registry::Hive::open(path_of(path)));
  });
}

HRESULT WINAPI CimlibOpenHiveBytes(const void* bytes, size_t size, const char* name,
                                   CIMLIB_HIVE_HANDLE* hive) {
  return guarded([&] {
    auto& handle = out_param(hive);
    if (bytes == nullptr) {
      fail(E_POINTER);
    }
    const auto* const first = static_cast<const std::byte*>(bytes);
    std::vector<std::byte> copy(first, first + size);
    handle = hive_handle(registry::Hive::from_bytes(std::move(copy), std::string(utf8_of(name))));
  });
}

HRESULT WINAPI CimlibCloseHive(CIMLIB_HIVE_HANDLE hive) {
  return guarded([&] { require_handle(take_handle<OpenHive>(hive)); });
}

HRESULT WINAPI CimlibOpenKey(CIMLIB_HIVE_HANDLE hive, const char* path, CIMLIB_KEY_HANDLE* key) {
  return guarded([&] {
    auto& handle = out_param(key);
    const auto opened = require_handle(find_handle<OpenHive>(hive));
    const auto found = opened->hive.find(utf8_or_empty(path));
    if (!found) {
      fail(from_win32(ERROR_FILE_NOT_FOUND));
    }
    handle = open_handle<OpenKey, CIMLIB_KEY_HANDLE>(open_key(*found));
  });
}

HRESULT WINAPI CimlibCloseKey(CIMLIB_KEY_HANDLE key) {
  return guarded([&] { require_handle(take_handle<OpenKey>(key)); });
}

HRESULT WINAPI CimlibGetKeyInformation(CIMLIB_KEY_HANDLE key, CIMLIB_KEY_INFORMATION* information) {
  return guarded([&] {
    auto& out = out_param(information);
    const auto opened = key_of(key);
    out.LastWriteTime.QuadPart = static_cast<INT64>(opened->key.time().ticks);
    out.SubkeyCount = static_cast<UINT32>(opened->subkeys.size());
    out.ValueCount = static_cast<UINT32>(opened->values.size());
    out.LayerSemantics = static_cast<UINT32>(opened->key.layer());
    out.IsSymbolicLink = opened->key.is_symbolic_link() ? 1 : 0;
  });
}

HRESULT WINAPI CimlibGetSubkeyName(CIMLIB_KEY_HANDLE key, UINT32 index, char* buffer,
                                   size_t bufferSize, size_t* length) {
  return guarded([&] {
    if (length != nullptr) {
      *length = 0;
    }
    copy_utf8(item_at(key_of(key)->subkeys, index).name(), buffer, bufferSize, length);
  });
}

HRESULT WINAPI CimlibGetValueName(CIMLIB_KEY_HANDLE key, UINT32 index, char* buffer,
                                  size_t bufferSize, size_t* length,
                                  CIMLIB_VALUE_INFORMATION* information) {
  return guarded([&] {
    if (length != nullptr) {
      *length = 0;
    }
    const auto opened = key_of(key);
    const registry::Value& value = item_at(opened->values, index);
    if (information != nullptr) {
      *information = information_of(value);
    }
    copy_utf8(value.name(), buffer, bufferSize, length);
  });
}

HRESULT WINAPI CimlibGetValue(CIMLIB_KEY_HANDLE key, const char* name, UINT32* type, void* buffer,
                              UINT32 bufferSize, UINT32* size) {
  return guarded([&] {
    auto& out = out_param(size);
    if (type != nullptr) {
      *type = 0;
    }
    const auto value = key_of(key)->key.value(utf8_or_empty(name));
    if (!value) {
      fail(from_win32(ERROR_FILE_NOT_FOUND));
    }
    if (type != nullptr) {
      *type = value->type();
    }
    copy_data(*value, buffer, bufferSize, out);
  });
}
// NOLINTEND(readability-identifier-naming)
