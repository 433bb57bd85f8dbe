// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/base64.h"

#include <algorithm>
#include <array>
#include <limits>

#include <openssl/evp.h>

namespace cim::tar {
namespace {

constexpr auto kIsDigit = [] {
  std::array<bool, 256> table{};
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

// libcrypto passes over white space and takes padding anywhere, so what it gets is checked before.
bool is_well_formed(std::string_view text, std::size_t padding) {
  const std::string_view digits = text.substr(0, text.size() - padding);
  return text.size() % 4 == 0 && std::all_of(digits.begin(), digits.end(), [](char c) {
           return kIsDigit[static_cast<unsigned char>(c)];
         });
}

}  // namespace

std::optional<Bytes> decode_base64(std::string_view text) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (!is_well_formed(text, padding) || text.size() > std::numeric_limits<int>::max()) {
    return std::nullopt;
  }
  Bytes bytes(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0 || static_cast<std::size_t>(size) != bytes.size()) {
    return std::nullopt;
  }
  bytes.resize(bytes.size() - padding);
  return bytes;
}

void append_base64(std::string& text, ByteView bytes) {
  // What libcrypto takes at a time must fit an int, and be whole groups but for the last.
  constexpr std::size_t kPiece = std::size_t{3} << 20;
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min(kPiece, bytes.size()));
    const std::size_t start = text.size();
    const std::size_t size = (piece.size() + 2) / 3 * 4;
    text.resize(start + size + 1);  // it ends its text with a NUL
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data() + start),
                    reinterpret_cast<const unsigned char*>(piece.data()),
                    static_cast<int>(piece.size()));
    text.resize(start + size);
    bytes = bytes.subspan(piece.size());
  }
}

}  // namespace cim::tar
