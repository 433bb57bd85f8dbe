// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Access to the members of JSON objects from untrusted documents, which base/strict_json.h parsed.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "base/printable.h"
#include "oci/documents.h"

namespace cim::oci {

/// Reads members of one object; reports those that are missing or of another type with their
/// location.
class Members {
 public:
  Members(const nlohmann::json& object, const std::string& subject, std::string way)
      : object_(object), subject_(subject), way_(std::move(way)) {
    if (!object_.is_object()) {
      fail("is not an object");
    }
  }

  /// Returns nullptr if the member is missing, or is null itself. Rejects a name spelled in another
  /// case: some readers see that member, others do not.
  const nlohmann::json* find(std::string_view name) const {
    for (auto member = object_.begin(); member != object_.end(); ++member) {
      if (member.key() != name && folded_member(member.key()) == folded_member(name)) {
        fail(fmt::format("has a member \"{}\" instead of \"{}\"", printable(member.key()), name));
      }
    }
    return find_exactly(name);
  }

  /// Returns a member of a map, whose names no reader folds; empty if it is missing or not a
  /// string.
  std::string annotation(std::string_view name) const {
    const nlohmann::json* const value = find_exactly(name);
    return value == nullptr || !value->is_string() ? std::string() : value->get<std::string>();
  }

  std::string text(std::string_view name) const {
    const nlohmann::json* const value = find(name);
    return value == nullptr ? std::string() : text_of(*value, name);
  }
  std::string required_text(std::string_view name) const { return text_of(required(name), name); }

  std::uint64_t required_size(std::string_view name) const {
    const nlohmann::json& value = required(name);
    if (!value.is_number_unsigned()) {
      fail(fmt::format("has a member \"{}\" that is not a size", name));
    }
    return value.get<std::uint64_t>();
  }

  Digest digest_of(const nlohmann::json& value, std::string_view name) const {
    const std::string text = text_of(value, name);
    if (auto digest = Digest::parse(text)) {
      return *std::move(digest);
    }
    if (text.find(':') != std::string::npos && !text.starts_with("sha256:")) {
      throw Error(
          ErrorCode::kUnsupported, subject_,
          fmt::format("{} has the digest {}; only SHA-256 is supported", way_, printable(text)));
    }
    fail(fmt::format("has a member \"{}\" that is not a digest: {}", name, printable(text)));
  }

  /// Fails if the member is missing.
  const nlohmann::json& required(std::string_view name) const {
    const nlohmann::json* const value = find(name);
    if (value == nullptr) {
      fail(fmt::format("has no member \"{}\"", name));
    }
    return *value;
  }

  /// Returns the elements of a list; none if it is missing.
  const nlohmann::json& list(std::string_view name, std::size_t most) const {
    static const nlohmann::json none = nlohmann::json::array();
    const nlohmann::json* const value = find(name);
    if (value == nullptr) {
      return none;
    }
    if (!value->is_array()) {
      fail(fmt::format("has a member \"{}\" that is not an array", name));
    }
    if (value->size() > most) {
      throw Error(ErrorCode::kLimit, subject_,
                  fmt::format("{} has {} elements in \"{}\"; the limit is {}", way_, value->size(),
                              name, most));
    }
    return *value;
  }

  /// Returns a member that is an object itself; its location extends this one's.
  Members object(std::string_view name) const {
    return {required(name), subject_, fmt::format("{}.{}", way_, name)};
  }

  [[noreturn]] void fail(std::string_view reason) const {
    throw Error(ErrorCode::kCorrupt, subject_, fmt::format("{} {}", way_, reason));
  }

  std::string text_of(const nlohmann::json& value, std::string_view name) const {
    if (!value.is_string()) {
      fail(fmt::format("has a member \"{}\" that is not a string", name));
    }
    return value.get<std::string>();
  }

 private:
  const nlohmann::json* find_exactly(std::string_view name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  const nlohmann::json& object_;
  const std::string& subject_;
  std::string way_;
};

}  // namespace cim::oci
