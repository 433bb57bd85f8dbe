// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Loads offreg.dll by name, as programs for Windows do, and calls each of its functions with the
// signature of the reference. Includes nothing of cimlib.
//
//   call_offreg PATH_OF_DLL DIRECTORY
//
// The directory is created if it is missing.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <windows.h>

namespace {

using Handle = PVOID;

struct Functions {
  DWORD(WINAPI* close_hive)(Handle);
  DWORD(WINAPI* close_key)(Handle);
  DWORD(WINAPI* create_hive)(Handle*);
  DWORD(WINAPI* create_key)(Handle, PCWSTR, PWSTR, DWORD, PSECURITY_DESCRIPTOR, Handle*, PDWORD);
  DWORD(WINAPI* delete_key)(Handle, PCWSTR);
  DWORD(WINAPI* delete_value)(Handle, PCWSTR);
  DWORD(WINAPI* enum_key)(Handle, DWORD, PWSTR, PDWORD, PWSTR, PDWORD, PFILETIME);
  DWORD(WINAPI* enum_value)(Handle, DWORD, PWSTR, PDWORD, PDWORD, PBYTE, PDWORD);
  DWORD(WINAPI* get_security)(Handle, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PDWORD);
  DWORD(WINAPI* get_value)(Handle, PCWSTR, PCWSTR, PDWORD, PVOID, PDWORD);
  VOID(WINAPI* get_version)(PDWORD, PDWORD);
  DWORD(WINAPI* get_virtual_flags)(Handle, PDWORD);
  DWORD(WINAPI* merge_hives)(Handle*, DWORD, Handle*);
  DWORD(WINAPI* open_hive)(PCWSTR, Handle*);
  DWORD(WINAPI* open_hive_by_handle)(HANDLE, Handle*);
  DWORD(WINAPI* open_key)(Handle, PCWSTR, Handle*);
  DWORD(WINAPI* query_info)
  (Handle, PWSTR, PDWORD, PDWORD, PDWORD, PDWORD, PDWORD, PDWORD, PDWORD, PDWORD, PFILETIME);
  DWORD(WINAPI* rename_key)(Handle, PCWSTR);
  DWORD(WINAPI* save_hive)(Handle, PCWSTR, DWORD, DWORD);
  DWORD(WINAPI* set_security)(Handle, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR);
  DWORD(WINAPI* set_value)(Handle, PCWSTR, DWORD, const BYTE*, DWORD);
  DWORD(WINAPI* set_virtual_flags)(Handle, DWORD);
  DWORD(WINAPI* shutdown)();
  DWORD(WINAPI* start)();
};

Functions offreg;

[[noreturn]] void stop(const char* what, DWORD result) {
  std::printf("%s: %lu\n", what, result);
  std::exit(1);
}

void expect(bool condition, const char* what) {
  if (!condition) {
    stop(what, ::GetLastError());
  }
}

void expect_result(DWORD result, DWORD due, const char* what) {
  if (result != due) {
    stop(what, result);
  }
}

#define EXPECT_RESULT(call, due) expect_result(call, due, #call)
#define EXPECT_OK(call) EXPECT_RESULT(call, ERROR_SUCCESS)

template <typename Function>
void find(HMODULE module, const char* name, Function& function) {
  const FARPROC found = ::GetProcAddress(module, name);
  expect(found != nullptr, name);
  // Cast through the one function type that is compatible with all others.
  function = reinterpret_cast<Function>(reinterpret_cast<void (*)()>(found));
}

void find_all(HMODULE module) {
  find(module, "ORCloseHive", offreg.close_hive);
  find(module, "ORCloseKey", offreg.close_key);
  find(module, "ORCreateHive", offreg.create_hive);
  find(module, "ORCreateKey", offreg.create_key);
  find(module, "ORDeleteKey", offreg.delete_key);
  find(module, "ORDeleteValue", offreg.delete_value);
  find(module, "OREnumKey", offreg.enum_key);
  find(module, "OREnumValue", offreg.enum_value);
  find(module, "ORGetKeySecurity", offreg.get_security);
  find(module, "ORGetValue", offreg.get_value);
  find(module, "ORGetVersion", offreg.get_version);
  find(module, "ORGetVirtualFlags", offreg.get_virtual_flags);
  find(module, "ORMergeHives", offreg.merge_hives);
  find(module, "OROpenHive", offreg.open_hive);
  find(module, "OROpenHiveByHandle", offreg.open_hive_by_handle);
  find(module, "OROpenKey", offreg.open_key);
  find(module, "ORQueryInfoKey", offreg.query_info);
  find(module, "ORRenameKey", offreg.rename_key);
  find(module, "ORSaveHive", offreg.save_hive);
  find(module, "ORSetKeySecurity", offreg.set_security);
  find(module, "ORSetValue", offreg.set_value);
  find(module, "ORSetVirtualFlags", offreg.set_virtual_flags);
  find(module, "ORShutdown", offreg.shutdown);
  find(module, "ORStart", offreg.start);
}

void set_dword(Handle key, PCWSTR name, DWORD number) {
  EXPECT_OK(offreg.set_value(key, name, REG_DWORD, reinterpret_cast<const BYTE*>(&number),
                             sizeof number));
}

DWORD dword(Handle key, PCWSTR subkey, PCWSTR name) {
  DWORD number = 0;
  DWORD size = sizeof number;
  DWORD type = 0;
  EXPECT_OK(offreg.get_value(key, subkey, name, &type, &number, &size));
  expect(type == REG_DWORD && size == sizeof number, "a number");
  return number;
}

void use_keys(Handle hive) {
  std::array<WCHAR, 6> class_name{L'C', L'l', L'a', L's', L's', 0};
  Handle key = nullptr;
  DWORD disposition = 0;
  EXPECT_OK(offreg.create_key(hive, L"A\\B", class_name.data(), REG_OPTION_NON_VOLATILE, nullptr,
                              &key, &disposition));
  expect(disposition == REG_CREATED_NEW_KEY, "a new key");
  set_dword(key, L"number", 20348);
  expect(dword(hive, L"a\\b", L"NUMBER") == 20348, "the number");
  EXPECT_OK(offreg.rename_key(key, L"\u0416"));

  std::array<WCHAR, 10> name{};
  DWORD name_size = name.size();
  DWORD class_size = class_name.size();
  FILETIME time{};
  Handle parent = nullptr;
  EXPECT_OK(offreg.open_key(hive, L"A", &parent));
  EXPECT_OK(
      offreg.enum_key(parent, 0, name.data(), &name_size, class_name.data(), &class_size, &time));
  expect(std::wstring(name.data(), name_size) == L"\u0416" && time.dwHighDateTime != 0, "the key");
  EXPECT_RESULT(offreg.enum_key(parent, 1, name.data(), &name_size, nullptr, nullptr, nullptr),
                ERROR_NO_MORE_ITEMS);
  EXPECT_RESULT(offreg.delete_key(hive, L"A"), ERROR_KEY_HAS_CHILDREN);
  EXPECT_OK(offreg.close_key(parent));
  EXPECT_RESULT(offreg.close_key(parent), ERROR_INVALID_HANDLE);
  EXPECT_OK(offreg.create_key(hive, L"Gone", nullptr, 0, nullptr, &key, nullptr));
  EXPECT_OK(offreg.delete_key(key, nullptr));
  EXPECT_RESULT(offreg.open_key(hive, L"Gone", &key), ERROR_FILE_NOT_FOUND);
}

void use_values(Handle hive) {
  set_dword(hive, L"a", 1);
  set_dword(hive, L"b", 2);
  EXPECT_OK(offreg.delete_value(hive, L"a"));
  std::array<WCHAR, 10> name{};
  DWORD name_size = name.size();
  DWORD type = 0;
  std::array<BYTE, 4> data{};
  DWORD size = data.size();
  EXPECT_OK(offreg.enum_value(hive, 0, name.data(), &name_size, &type, data.data(), &size));
  expect(std::wstring(name.data(), name_size) == L"b" && type == REG_DWORD && data[0] == 2, "b");
  DWORD keys = 0;
  DWORD values = 0;
  EXPECT_OK(offreg.query_info(hive, nullptr, nullptr, &keys, nullptr, nullptr, &values, nullptr,
                              nullptr, nullptr, nullptr));
  expect(keys == 1 && values == 1, "the counts");
}

// Windows converts the descriptors here, and compares them.
void use_attributes(Handle hive) {
  SECURITY_DESCRIPTOR absolute{};
  std::array<BYTE, SECURITY_MAX_SID_SIZE> owner{};
  DWORD sid_size = owner.size();
  expect(::CreateWellKnownSid(WinLocalSystemSid, nullptr, owner.data(), &sid_size) != 0, "a SID");
  expect(::InitializeSecurityDescriptor(&absolute, SECURITY_DESCRIPTOR_REVISION) != 0, "absolute");
  expect(::SetSecurityDescriptorOwner(&absolute, owner.data(), FALSE) != 0, "an owner");
  EXPECT_OK(offreg.set_security(hive, OWNER_SECURITY_INFORMATION, &absolute));
  DWORD size = 0;
  EXPECT_RESULT(offreg.get_security(hive, OWNER_SECURITY_INFORMATION, nullptr, &size),
                ERROR_INSUFFICIENT_BUFFER);
  std::vector<BYTE> relative(size);
  EXPECT_OK(offreg.get_security(hive, OWNER_SECURITY_INFORMATION, relative.data(), &size));
  PSID found = nullptr;
  BOOL is_defaulted = FALSE;
  expect(::IsValidSecurityDescriptor(relative.data()) != 0, "a valid descriptor");
  expect(::GetSecurityDescriptorOwner(relative.data(), &found, &is_defaulted) != 0, "the owner");
  expect(::EqualSid(found, owner.data()) != 0, "the same owner");
  DWORD flags = 0;
  EXPECT_OK(offreg.set_virtual_flags(hive, 2));
  EXPECT_OK(offreg.get_virtual_flags(hive, &flags));
  expect(flags == 2, "the flags");
}

void use_files(Handle hive, const std::wstring& directory) {
  const std::wstring file = directory + L"\\hive";
  EXPECT_OK(offreg.save_hive(hive, file.c_str(), 10, 0));
  EXPECT_RESULT(offreg.save_hive(hive, file.c_str(), 10, 0), ERROR_ALREADY_EXISTS);
  EXPECT_OK(offreg.close_hive(hive));
  EXPECT_RESULT(offreg.close_hive(hive), ERROR_INVALID_HANDLE);

  std::array<Handle, 2> hives{};
  EXPECT_OK(offreg.open_hive(file.c_str(), hives.data()));
  HANDLE const open = ::CreateFileW(file.c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr,
                                    OPEN_EXISTING, 0, nullptr);
  expect(open != INVALID_HANDLE_VALUE, "the file");
  EXPECT_OK(offreg.open_hive_by_handle(open, &hives[1]));
  ::CloseHandle(open);
  expect(dword(hives[1], L"A\\\u0416", L"number") == 20348, "the number, by handle");
  set_dword(hives[1], L"b", 3);
  Handle merged = nullptr;
  EXPECT_OK(offreg.merge_hives(hives.data(), 2, &merged));
  expect(dword(merged, L"", L"b") == 3 && dword(merged, L"A\\\u0416", L"number") == 20348,
         "the merged values");
  EXPECT_OK(offreg.save_hive(merged, (directory + L"\\merged").c_str(), 6, 1));
}

void use_version(const std::wstring& dll) {
  DWORD major = 0;
  DWORD minor = 9;
  offreg.get_version(&major, &minor);
  expect(major == 1 && minor == 0, "version 1.0");
  std::vector<BYTE> resource(::GetFileVersionInfoSizeW(dll.c_str(), nullptr));
  expect(::GetFileVersionInfoW(dll.c_str(), 0, static_cast<DWORD>(resource.size()),
                               resource.data()) != 0,
         "a version resource");
  VS_FIXEDFILEINFO* fixed = nullptr;
  WCHAR* name = nullptr;
  UINT size = 0;
  expect(::VerQueryValueW(resource.data(), L"\\", reinterpret_cast<void**>(&fixed), &size) != 0 &&
             (fixed->dwFileVersionMS | fixed->dwFileVersionLS) != 0,
         "a version");
  expect(::VerQueryValueW(resource.data(), L"\\StringFileInfo\\040904B0\\OriginalFilename",
                          reinterpret_cast<void**>(&name), &size) != 0 &&
             std::wstring(name) == L"offreg.dll",
         "a name");
}

std::wstring wide(const char* text) {
  std::array<WCHAR, 4 * MAX_PATH> buffer{};
  const int size = ::MultiByteToWideChar(CP_ACP, 0, text, -1, buffer.data(), buffer.size());
  expect(size > 0, text);
  return {buffer.data(), static_cast<std::size_t>(size) - 1};
}

}  // namespace

int main(int count, char** arguments) {
  expect(count == 3, "usage: call_offreg PATH_OF_DLL DIRECTORY");
  const std::wstring dll = wide(arguments[1]);
  const std::wstring directory = wide(arguments[2]);
  HMODULE const module = ::LoadLibraryW(dll.c_str());
  expect(module != nullptr, "the DLL");
  find_all(module);
  ::DeleteFileW((directory + L"\\hive").c_str());
  ::DeleteFileW((directory + L"\\merged").c_str());
  ::CreateDirectoryW(directory.c_str(), nullptr);
  EXPECT_OK(offreg.start());
  Handle hive = nullptr;
  EXPECT_OK(offreg.create_hive(&hive));
  use_keys(hive);
  use_values(hive);
  use_attributes(hive);
  use_files(hive, directory);
  use_version(dll);
  EXPECT_OK(offreg.shutdown());
  std::puts("all functions of offreg.dll work");
  return 0;
}
