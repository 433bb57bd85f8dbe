// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/hive_listing.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"
#include "cimlib/wtf8.h"

#include "cli/text_output.h"

namespace cim::cli {
namespace {

using registry::Key;
using registry::LayerSemantics;
using registry::Value;

// Shown of a value in a line with others, in bytes.
constexpr std::size_t kSummarySize = 120;

// Returns nullopt if SDDL cannot express the descriptor.
std::optional<std::string> sddl_of(std::span<const std::byte> descriptor) {
  try {
    return SecurityDescriptor::parse(descriptor).to_sddl();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported && error.code() != ErrorCode::kCorrupt) {
      throw;
    }
    return std::nullopt;
  }
}

// Cuts at a character, so that the text remains WTF-8.
std::string cut(std::string text) {
  if (text.size() <= kSummarySize) {
    return text;
  }
  std::size_t size = kSummarySize;
  while ((static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  return text.substr(0, size) + "...";
}

// Returns nullopt for data that is neither text nor a number.
std::optional<std::string> decoded_text(const Value& value) {
  if (auto text = value.text()) {
    return text;
  }
  if (const auto number = value.number()) {
    return std::to_string(*number);
  }
  if (const auto strings = value.strings()) {
    return fmt::format("{}", fmt::join(*strings, "\\0"));
  }
  return std::nullopt;
}

void put_decoded(Json& object, const Value& value) {
  if (const auto text = value.text()) {
    object["text"] = *text;
  } else if (const auto number = value.number()) {
    object["number"] = *number;
  } else if (const auto strings = value.strings()) {
    object["strings"] = *strings;
  }
}

}  // namespace

std::string key_path(std::string_view path, std::string_view name) {
  std::string joined(path);
  joined += path.empty() ? "" : "\\";
  joined += name;
  return joined;
}

// A hive has at most 512 levels.
void for_each_key(const Key& key, const std::string& path,
                  const std::function<void(const Key&, const std::string&)>& visit) {
  visit(key, path);
  for (const Key subkey : key.subkeys()) {
    for_each_key(subkey, key_path(path, subkey.name()), visit);
  }
}

std::string type_text(std::uint32_t type) {
  const std::string_view name = registry::type_name(type);
  return name.empty() ? fmt::format("type 0x{:x}", type) : std::string(name);
}

std::string value_name_text(const Value& value) {
  std::string name = value.name();
  return name.empty() ? "(default)" : name;
}

std::string data_text(const Value& value) {
  auto text = decoded_text(value);
  return text ? std::move(*text) : to_hex_digits(value.data());
}

std::string value_summary(const Value& value) {
  if (value.is_tombstone()) {
    return "(deleted)";
  }
  auto text = decoded_text(value);
  if (!text) {
    const std::vector<std::byte> data = value.data();
    text = to_hex_digits(std::span(data).first(std::min(data.size(), kSummarySize)));
  }
  return fmt::format("{}  {}", type_text(value.type()), cut(escape_controls(*text)));
}

std::string_view layer_name(LayerSemantics layer) {
  switch (layer) {
    case LayerSemantics::kMerge:
      return "merge";
    case LayerSemantics::kTombstone:
      return "tombstone";
    case LayerSemantics::kSupersedeLocal:
      return "supersede-local";
    case LayerSemantics::kSupersedeTree:
      return "supersede-tree";
  }
  return "unknown";
}

// put_text() adds the exact form where that is needed.
void put_hive_text(Json& object, const std::string& member, std::string_view text) {
  put_text(object, member, to_utf16(text).value_or(u""));
}

Json value_json(const Value& value) {
  Json object;
  put_hive_text(object, "name", value.name());
  if (value.is_tombstone()) {
    object["tombstone"] = true;
    return object;
  }
  object["type"] = value.type();
  if (const std::string_view name = registry::type_name(value.type()); !name.empty()) {
    object["type_name"] = name;
  }
  put_decoded(object, value);
  object["data"] = to_hex_digits(value.data());
  return object;
}

Json key_json(const Key& key, const std::string& path, bool is_layered) {
  Json object;
  put_hive_text(object, "key", path);
  put_attributes(object, key, is_layered);
  return object;
}

void put_attributes(Json& object, const Key& key, bool is_layered) {
  object["time"] = key.time().to_string();
  object["flags"] = key.flags();
  object["control"] = key.control();
  object["debug"] = key.debug();
  if (const auto name = key.class_name()) {
    put_hive_text(object, "class", *name);
  }
  if (is_layered) {
    object["layer"] = layer_name(key.layer());
    object["inherits_class"] = key.inherits_class();
  }
}

void put_security(Json& object, const Key& key) {
  const auto sddl = sddl_of(key.descriptor());
  object["security"] = {{"sddl", sddl ? Json(*sddl) : Json(nullptr)},
                        {"hex", to_hex_digits(key.descriptor())}};
}

void put_values(Json& object, const Key& key) {
  object["values"] = Json::array();
  for (const Value value : key.values()) {
    object["values"].push_back(value_json(value));
  }
}

}  // namespace cim::cli
