// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The functions that handle values.
#include <cstddef>
#include <string>
#include <utility>

#include "cimlib/filetime.h"
#include "cimlib/hive.h"

#include "offreg/arguments.h"
#include "offreg/offline_hive.h"
#include "offreg/offreg.h"
#include "offreg/result.h"
#include "registry/edit/assumptions.h"
#include "registry/format/cells.h"

namespace cim::offreg {
namespace {

using registry::MutableKey;
using registry::MutableValue;

// Appends the NUL that text should end with. An odd last byte is taken as half a character.
Bytes terminated(const MutableValue& value) {
  constexpr std::size_t kUnit = sizeof(char16_t);
  Bytes data = value.data;
  const bool is_text = value.type == registry::kRegSz || value.type == registry::kRegExpandSz ||
                       value.type == registry::kRegMultiSz;
  const std::size_t size = data.size();
  const bool ends_with_nul = size >= kUnit && size % kUnit == 0 && data[size - 1] == std::byte{0} &&
                             data[size - 2] == std::byte{0};
  if (is_text && !ends_with_nul) {
    data.resize(size + size % kUnit + kUnit);
  }
  return data;
}

// Returns a copy, since the hive is locked only meanwhile.
MutableValue value_of(ORHKEY handle, PCWSTR path, PCWSTR value_name) {
  const auto names = key_names_of(path);
  const std::u16string name = value_name_of(value_name);
  const KeyAccess access(handle);
  MutableKey* const key = access.find(names);
  const MutableValue* const value =
      key == nullptr ? nullptr : access.hive().read([&] { return key->value(name); });
  if (value == nullptr) {
    fail(ERROR_FILE_NOT_FOUND);
  }
  return *value;
}

MutableValue value_at(ORHKEY handle, DWORD index) {
  const KeyAccess access(handle);
  MutableKey& key = access.key();
  const MutableValue* const value = access.hive().read(
      [&] { return index < key.value_count() ? &key.value_at(index) : nullptr; });
  if (value == nullptr) {
    fail(ERROR_NO_MORE_ITEMS);
  }
  return *value;
}

void set_value(ORHKEY handle, PCWSTR value_name, DWORD type, ByteView data) {
  constexpr std::size_t kMaxSize = std::size_t{registry::kMaxSegments} * registry::kSegmentSize;
  MutableValue value{value_name_of(value_name), type, {}};
  if (data.size() > kMaxSize) {
    fail(ERROR_INVALID_PARAMETER);
  }
  value.data.assign(data.begin(), data.end());
  const KeyAccess access(handle);
  access.hive().change([&] {
    access.key().set_value(std::move(value));
    registry::assumed_time_of_change(access.key(), FileTime::now());
  });
}

void delete_value(ORHKEY handle, PCWSTR value_name) {
  const std::u16string name = value_name_of(value_name);
  const KeyAccess access(handle);
  if (access.hive().read([&] { return access.key().value(name); }) == nullptr) {
    fail(ERROR_FILE_NOT_FOUND);
  }
  access.hive().change([&] {
    access.key().remove_value(name);
    registry::assumed_time_of_change(access.key(), FileTime::now());
  });
}

}  // namespace
}  // namespace cim::offreg

// NOLINTBEGIN(readability-identifier-naming): the names of Windows.
using namespace cim::offreg;

DWORD WINAPI ORGetValue(ORHKEY Handle, PCWSTR lpSubKey, PCWSTR lpValue, PDWORD pdwType,
                        PVOID pvData, PDWORD pcbData) {
  return guarded([&] {
    const auto value = value_of(Handle, lpSubKey, lpValue);
    put(pdwType, value.type);
    put_data(terminated(value), pvData, pcbData, ERROR_MORE_DATA);
  });
}

DWORD WINAPI ORSetValue(ORHKEY Handle, PCWSTR lpValueName, DWORD dwType, const BYTE* lpData,
                        DWORD cbData) {
  return guarded([&] {
    if (lpData == nullptr && cbData != 0) {
      fail(ERROR_INVALID_PARAMETER);
    }
    set_value(Handle, lpValueName, dwType, {reinterpret_cast<const std::byte*>(lpData), cbData});
  });
}

DWORD WINAPI ORDeleteValue(ORHKEY Handle, PCWSTR lpValueName) {
  return guarded([&] { delete_value(Handle, lpValueName); });
}

DWORD WINAPI OREnumValue(ORHKEY Handle, DWORD dwIndex, PWSTR lpValueName, PDWORD lpcValueName,
                         PDWORD lpType, PBYTE lpData, PDWORD lpcbData) {
  return guarded([&] {
    if (lpValueName == nullptr) {
      fail(ERROR_INVALID_PARAMETER);
    }
    const TextBuffer name(lpValueName, lpcValueName);
    const auto value = value_at(Handle, dwIndex);
    if (!name.fits(value.name)) {
      fail(ERROR_MORE_DATA);
    }
    put_data(value.data, lpData, lpcbData, ERROR_MORE_DATA);
    name.put(value.name);
    put(lpType, value.type);
  });
}
// NOLINTEND(readability-identifier-naming)
