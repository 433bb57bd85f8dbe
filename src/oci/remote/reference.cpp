// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The grammar of the reference specification of the distribution project, which Docker and
// containerd share. Digests are limited to SHA-256, as everywhere in oci/.
#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/remote.h"

#include "base/printable.h"
#include "oci/documents.h"
#include "oci/remote/ascii.h"

namespace cim::oci {
namespace {

constexpr std::string_view kDefaultRegistry = "docker.io";
constexpr std::string_view kDefaultNamespace = "library/";
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestTag = 128;

bool is_name_character(char c) noexcept {
  return is_digit(c) || is_lower(c);
}

// A component consists of lower-case letters and digits, with single separators between them: a
// dot, one or two underscores, any number of hyphens.
bool is_path_component(std::string_view text) {
  if (text.empty() || !is_name_character(text.front()) || !is_name_character(text.back())) {
    return false;
  }
  for (std::size_t at = 0; at < text.size();) {
    if (is_name_character(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (!is_name_character(text[end])) {  // the last character is one
      ++end;
    }
    const std::string_view separator = text.substr(at, end - at);
    const bool is_separator = separator == "." || separator == "_" || separator == "__" ||
                              separator.find_first_not_of('-') == std::string_view::npos;
    if (!is_separator) {
      return false;
    }
    at = end;
  }
  return true;
}

bool is_path(std::string_view text) {
  while (true) {
    const std::size_t slash = text.find('/');
    if (!is_path_component(text.substr(0, slash))) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(slash + 1);
  }
}

bool is_port(std::string_view text) {
  constexpr std::size_t kMostDigits = 5;
  return !text.empty() && text.size() <= kMostDigits && std::ranges::all_of(text, is_digit);
}

bool is_host_name(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.front() == '-' || label.back() == '-' ||
        !std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; })) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(dot + 1);
  }
}

bool is_ipv6(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':';
  });
}

// HOST[:PORT], where an IPv6 address is in brackets.
bool is_registry(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_ipv6(text.substr(1, end - 1))) {
      return false;
    }
    text.remove_prefix(end + 1);
    return text.empty() || (text.front() == ':' && is_port(text.substr(1)));
  }
  const std::size_t colon = text.find(':');
  return is_host_name(text.substr(0, colon)) &&
         (colon == std::string_view::npos || is_port(text.substr(colon + 1)));
}

bool is_tag(std::string_view text) {
  const auto is_word = [](char c) { return is_alphanumeric(c) || c == '_'; };
  return !text.empty() && text.size() <= kLongestTag && is_word(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_word(c) || c == '.' || c == '-'; });
}

[[noreturn]] void fail(std::string_view text, std::string_view reason) {
  throw Error(
      ErrorCode::kInvalidArgument, printable(text),
      fmt::format("is not an image reference ([HOST[:PORT]/]NAME[:TAG][@DIGEST]): {}", reason));
}

// A first component with a dot, a port or upper-case letters is a host; "localhost" is one as well.
bool is_host_component(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:[") != std::string_view::npos ||
         std::ranges::any_of(text, is_upper);
}

// Splits the name into registry and repository and adds the defaults.
void set_name(Reference& reference, std::string_view text, std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash != std::string_view::npos && is_host_component(name.substr(0, slash))) {
    reference.registry = name.substr(0, slash);
    name.remove_prefix(slash + 1);
  } else {
    reference.registry = kDefaultRegistry;
  }
  if (reference.registry == "index.docker.io" || reference.registry == "registry-1.docker.io") {
    reference.registry = kDefaultRegistry;
  }
  if (!is_registry(reference.registry)) {
    fail(text, "the host is invalid");
  }
  if (!is_path(name)) {
    fail(text, "the name of the repository is invalid");
  }
  const bool is_short =
      reference.registry == kDefaultRegistry && name.find('/') == std::string_view::npos;
  if (is_short && Digest::parse(fmt::format("sha256:{}", name))) {
    fail(text, "64 hexadecimal digits are not the name of a repository");
  }
  reference.repository = fmt::format("{}{}", is_short ? kDefaultNamespace : "", name);
  if (reference.registry.size() + 1 + reference.repository.size() > kLongestName) {
    fail(text, "the name is too long");
  }
}

}  // namespace

Reference Reference::parse(std::string_view text) {
  Reference reference;
  std::string_view rest = text;
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    reference.digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
    if (!Digest::parse(reference.digest)) {
      fail(text, "the digest is not sha256: with 64 hexadecimal digits");
    }
  }
  const std::size_t slash = rest.rfind('/');
  const std::size_t colon = rest.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon != std::string_view::npos) {
    reference.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    if (!is_tag(reference.tag)) {
      fail(text, "the tag is invalid");
    }
  }
  if (reference.tag.empty() && reference.digest.empty()) {
    reference.tag = "latest";
  }
  set_name(reference, text, rest);
  return reference;
}

Reference Reference::parse_repository(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  if (text.find_first_of(":@", slash == std::string_view::npos ? 0 : slash) !=
      std::string_view::npos) {
    throw Error(ErrorCode::kInvalidArgument, printable(text),
                "is not a repository ([HOST[:PORT]/]NAME): it has a tag or digest");
  }
  Reference reference = parse(text);
  reference.tag.clear();
  return reference;
}

std::string Reference::to_string() const {
  return fmt::format("{}/{}{}{}{}{}", registry, repository, tag.empty() ? "" : ":", tag,
                     digest.empty() ? "" : "@", digest);
}

}  // namespace cim::oci
