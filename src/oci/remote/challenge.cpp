// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The header is a comma-separated list in which a challenge is a scheme followed by a
// comma-separated list of its own, so a name is a parameter only if "=" and a value follow it.
#include "oci/remote/challenge.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "oci/remote/ascii.h"

namespace cim::oci {
namespace {

// More than any server sends.
constexpr std::size_t kMostChallenges = 16;
constexpr std::size_t kMostParameters = 32;

bool is_token_character(char c) noexcept {
  return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string::npos;
}

bool is_token68_character(char c) noexcept {
  return is_alphanumeric(c) || std::string_view("-._~+/").find(c) != std::string::npos;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::vector<Challenge> run() {
    bool is_sound = true;
    while (is_sound) {
      skip(" \t,");
      is_sound = !rest_.empty() && step();
    }
    return std::move(found_);
  }

 private:
  // Reads a scheme or a parameter; returns false at an error.
  bool step() {
    const std::string_view name = take(is_token_character);
    if (name.empty()) {
      return drop_last();
    }
    const std::string_view after_name = rest_;
    skip(" \t");
    if (rest_.starts_with('=')) {
      rest_.remove_prefix(1);
      return add_parameter(name);
    }
    const bool has_separator =
        rest_.empty() || after_name.size() != rest_.size() || rest_.starts_with(',');
    if (!has_separator || found_.size() == kMostChallenges) {
      return drop_last();
    }
    found_.push_back({.scheme = to_lower(name), .parameters = {}});
    skip_token68();
    return true;
  }

  bool add_parameter(std::string_view name) {
    skip(" \t");
    const auto value = take_value();
    if (found_.empty() || !value || found_.back().parameters.size() == kMostParameters ||
        !found_.back().parameters.emplace(to_lower(name), *value).second) {
      return drop_last();
    }
    skip(" \t");
    return rest_.empty() || rest_.starts_with(',') || drop_last();
  }

  std::optional<std::string> take_value() {
    if (!rest_.starts_with('"')) {
      const std::string_view token = take(is_token_character);
      return token.empty() ? std::nullopt : std::optional<std::string>(token);
    }
    std::string value;
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      if (rest_[at] == '"') {
        rest_.remove_prefix(at + 1);
        return value;
      }
      at += rest_[at] == '\\' && at + 1 < rest_.size() ? std::size_t{1} : 0;
      value += rest_[at];
    }
    return std::nullopt;  // the string does not end
  }

  // Skips the data of a scheme that has no parameters, which is not used.
  void skip_token68() {
    const std::string_view start = rest_;
    take(is_token68_character);
    skip("=");
    skip(" \t");
    if (!rest_.empty() && !rest_.starts_with(',')) {
      rest_ = start;
    }
  }

  bool drop_last() {
    if (!found_.empty()) {
      found_.pop_back();
    }
    return false;
  }

  std::string_view take(bool (*is_wanted)(char)) {
    const auto end = std::ranges::find_if_not(rest_, is_wanted);
    const auto size = static_cast<std::size_t>(std::distance(rest_.begin(), end));
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }

  std::string_view rest_;
  std::vector<Challenge> found_;
};

}  // namespace

std::string Challenge::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

std::vector<Challenge> parse_challenges(std::string_view header) {
  return Parser(header).run();
}

}  // namespace cim::oci
