// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <windows.h>
// Needs the types of windows.h.
#include <wincrypt.h>

#include "cimlib/error.h"

#include "os/base64.h"

namespace cim::base64 {
namespace {

void require(BOOL result) {
  if (result == FALSE) {
    throw Error(ErrorCode::kUnsupported, "base64", "the cryptography of the system failed");
  }
}

}  // namespace

void decode_groups(std::string_view digits, std::span<std::byte> bytes) {
  auto size = static_cast<DWORD>(bytes.size());
  require(::CryptStringToBinaryA(digits.data(), static_cast<DWORD>(digits.size()),
                                 CRYPT_STRING_BASE64, reinterpret_cast<BYTE*>(bytes.data()), &size,
                                 nullptr, nullptr));
}

void encode(ByteView bytes, char* text) {
  auto size = static_cast<DWORD>((bytes.size() + 2) / 3 * 4 + 1);
  require(::CryptBinaryToStringA(reinterpret_cast<const BYTE*>(bytes.data()),
                                 static_cast<DWORD>(bytes.size()),
                                 CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF, text, &size));
}

}  // namespace cim::base64
