// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the verbs that show keys and values of registry hives.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "cimlib/hive.h"

#include "cli/json_output.h"

namespace cim::cli {

/// Joins the path of a key and the name of a subkey.
std::string key_path(std::string_view path, std::string_view name);

/// Calls `visit` for the key at `path` and everything below it, a key before its subkeys.
void for_each_key(const registry::Key& key, const std::string& path,
                  const std::function<void(const registry::Key&, const std::string&)>& visit);

/// Returns "REG_SZ", or "type 0x2a" for a type without a name.
std::string type_text(std::uint32_t type);

/// Returns the name of a value; "(default)" for the unnamed one.
std::string value_name_text(const registry::Value& value);

/// Returns the data as people read it: text, a decimal number, strings separated by "\0" as in the
/// listings of Windows, or else hexadecimal digits.
std::string data_text(const registry::Value& value);

/// "REG_SZ  text" on one line of limited length; "(deleted)" for a tombstone.
std::string value_summary(const registry::Value& value);

/// "merge", "tombstone", "supersede-local" or "supersede-tree".
std::string_view layer_name(registry::LayerSemantics layer);

/// Adds a member with a name or text of a hive, which is WTF-8.
void put_hive_text(Json& object, const std::string& member, std::string_view text);

/// Returns name, type, data in hexadecimal digits, and where they apply `text`, `number` or
/// `strings`.
Json value_json(const registry::Value& value);

/// Returns path, time, class and flags of a key. Layer semantics are only shown for delta hives.
Json key_json(const registry::Key& key, const std::string& path, bool is_layered);
/// Adds the same members except the path.
void put_attributes(Json& object, const registry::Key& key, bool is_layered);
/// Adds the security descriptor, in SDDL if that can express it, and in hexadecimal digits.
void put_security(Json& object, const registry::Key& key);
/// Adds all values of a key.
void put_values(Json& object, const registry::Key& key);

}  // namespace cim::cli
