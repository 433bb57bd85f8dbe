// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace cim {
namespace {

constexpr std::string_view kLineBreaks = "\r\n";
// The libraries count in int; this is a multiple of three.
constexpr std::size_t kMostBytesAtOnce = std::size_t{3} << 20;

constexpr auto kIsDigit = [] {
  std::array<bool, 256> table{};
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_digit(char c) noexcept {
  return kIsDigit[static_cast<unsigned char>(c)];
}

std::string without_line_breaks(std::string_view text) {
  std::string joined(text);
  std::erase_if(joined, [](char c) { return kLineBreaks.find(c) != kLineBreaks.npos; });
  return joined;
}

std::optional<Bytes> decode(std::string_view text) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string_view digits = text.substr(0, text.size() - padding);
  if (text.size() % 4 != 0 || !std::ranges::all_of(digits, is_digit)) {
    return std::nullopt;
  }
  Bytes bytes(text.size() / 4 * 3);
  const std::span<std::byte> all(bytes);
  std::size_t at = 0;
  while (digits.size() >= 4) {
    const std::size_t size = std::min(digits.size() / 4 * 3, kMostBytesAtOnce);
    base64::decode_groups(digits.substr(0, size / 3 * 4), all.subspan(at, size));
    digits.remove_prefix(size / 3 * 4);
    at += size;
  }
  if (!digits.empty()) {
    // The last group is decoded as if it had zeros, and the bytes made of them are removed.
    const std::string whole = std::string(digits) + std::string(padding, 'A');
    base64::decode_groups(whole, all.subspan(at, 3));
    bytes.resize(bytes.size() - padding);
  }
  return bytes;
}

}  // namespace

std::optional<Bytes> decode_base64(std::string_view text) {
  // Line breaks are rare, and looking for them costs as much as decoding does.
  auto decoded = decode(text);
  return decoded ? std::move(decoded) : decode(without_line_breaks(text));
}

void append_base64(std::string& text, ByteView bytes) {
  std::size_t at = text.size();
  text.resize(at + (bytes.size() + 2) / 3 * 4);
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min(bytes.size(), kMostBytesAtOnce));
    base64::encode(piece, text.data() + at);
    at += (piece.size() + 2) / 3 * 4;
    bytes = bytes.subspan(piece.size());
  }
}

}  // namespace cim
