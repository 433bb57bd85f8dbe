// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <openssl/evp.h>

#include "os/base64.h"

namespace cim::base64 {

void decode_groups(std::string_view digits, std::span<std::byte> bytes) {
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                  reinterpret_cast<const unsigned char*>(digits.data()),
                  static_cast<int>(digits.size()));
}

void encode(ByteView bytes, char* text) {
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
}

}  // namespace cim::base64
