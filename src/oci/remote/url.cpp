// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/url.h"

#include <algorithm>
#include <memory>
#include <new>

#include <arpa/inet.h>
#include <curl/curl.h>

#include "cimlib/error.h"

#include "oci/remote/ascii.h"

namespace cim::oci {
namespace {

constexpr std::size_t kLongestUrl = 16384;

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { ::curl_url_cleanup(url); }
};
using Handle = std::unique_ptr<CURLU, FreeUrl>;

Handle make_handle() {
  Handle handle(::curl_url());
  if (handle == nullptr) {
    throw std::bad_alloc();
  }
  return handle;
}

// Returns a part; empty if the URL does not have it.
std::string part(const Handle& handle, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (::curl_url_get(handle.get(), which, &text, flags) != CURLUE_OK) {
    return {};
  }
  const std::unique_ptr<char, decltype(&::curl_free)> owner(text, &::curl_free);
  return text;
}

// libcurl passes control characters on; neither they nor spaces are part of a URL.
bool is_plain(std::string_view text) {
  return text.size() <= kLongestUrl && std::ranges::all_of(text, [](char c) {
           return static_cast<unsigned char>(c) > ' ' && static_cast<unsigned char>(c) != 0x7F;
         });
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      encoded += c;
    } else {
      const auto value = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += kDigits[value >> 4U];
      encoded += kDigits[value & 0xFU];
    }
  }
  return encoded;
}

std::optional<Url> Url::from(const Url* base, std::string_view text) {
  if (text.empty() || !is_plain(text)) {
    return std::nullopt;
  }
  const Handle handle = make_handle();
  if ((base != nullptr &&
       ::curl_url_set(handle.get(), CURLUPART_URL, base->text_.c_str(), 0) != CURLUE_OK) ||
      ::curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  // An explicit user in a redirection would become credentials.
  if (!part(handle, CURLUPART_USER).empty() || !part(handle, CURLUPART_PASSWORD).empty()) {
    return std::nullopt;
  }
  ::curl_url_set(handle.get(), CURLUPART_FRAGMENT, nullptr, 0);
  Url url;
  url.scheme_ = part(handle, CURLUPART_SCHEME);
  url.host_ = to_lower(part(handle, CURLUPART_HOST));
  url.port_ = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  url.text_ = part(handle, CURLUPART_URL);
  const bool is_web = url.scheme_ == "https" || url.scheme_ == "http";
  return is_web && !url.host_.empty() ? std::optional(std::move(url)) : std::nullopt;
}

std::optional<Url> Url::parse(std::string_view text) {
  return from(nullptr, text);
}

std::optional<Url> Url::resolve(std::string_view reference) const {
  return from(this, reference);
}

Url Url::with_parameter(std::string_view name, std::string_view value) const {
  const Handle handle = make_handle();
  const std::string parameter = std::string(name) + "=" + percent_encoded(value);
  Url url = *this;
  if (::curl_url_set(handle.get(), CURLUPART_URL, text_.c_str(), 0) != CURLUE_OK ||
      ::curl_url_set(handle.get(), CURLUPART_QUERY, parameter.c_str(), CURLU_APPENDQUERY) !=
          CURLUE_OK) {
    throw Error(ErrorCode::kInvalidArgument, origin(), "cannot add a parameter to a URL");
  }
  url.text_ = part(handle, CURLUPART_URL);
  return url;
}

bool Url::has_same_origin(const Url& other) const noexcept {
  return scheme_ == other.scheme_ && host_ == other.host_ && port_ == other.port_;
}

// libcurl resolves "localhost" to a loopback address itself, whatever a name server says.
bool Url::is_loopback() const {
  in_addr address{};
  if (::inet_pton(AF_INET, host_.c_str(), &address) == 1) {
    return (ntohl(address.s_addr) >> 24U) == 127;
  }
  return host_ == "localhost" || host_ == "[::1]";
}

}  // namespace cim::oci
