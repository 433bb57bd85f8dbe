// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Neither names nor paths are matched by recursion. Within a name only the last asterisk is ever
// retried, since an earlier one that took fewer characters leaves the later one more to skip.
// Across names, all positions of the pattern that can be reached are followed at once.
#include "cimlib/glob.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/printable.h"
#include "base/upcase.h"
#include "base/utf16.h"

namespace cim {
namespace {

/// A character outside the basic plane is one, although it takes two units.
struct Character {
  char32_t code = 0;
  std::size_t units = 1;
};

Character character_at(std::u16string_view text, std::size_t at) {
  const char32_t first = text[at];
  if (first >= 0xD800 && first < 0xDC00 && at + 1 < text.size()) {
    const char32_t second = text[at + 1];
    if (second >= 0xDC00 && second < 0xE000) {
      return {0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), 2};
    }
  }
  return {first, 1};
}

char32_t upper(char32_t code) {
  return code < 0x10000 ? upcase(static_cast<char16_t>(code)) : code;
}

}  // namespace

// Not private to this file for the compiler, since a public class has a member of these types.
namespace glob {

struct CharacterRange {
  char32_t first;
  char32_t last;

  // [a-z] also contains "Q", and [A-z] also "_".
  bool contains(char32_t code) const {
    const char32_t high = upper(code);
    return (first <= code && code <= last) || (first <= high && high <= last) ||
           (upper(first) <= high && high <= upper(last));
  }
};

enum class TokenKind { kCharacter, kAny, kList, kAsterisk };

/// One element of a name.
struct Token {
  TokenKind kind;
  char32_t upper_case = 0;
  bool is_negated = false;
  std::vector<CharacterRange> ranges{};

  bool matches(char32_t code) const {
    switch (kind) {
      case TokenKind::kCharacter:
        return upper(code) == upper_case;
      case TokenKind::kAny:
        return true;
      case TokenKind::kList:
        return is_negated != std::ranges::any_of(ranges, [code](const CharacterRange& range) {
                 return range.contains(code);
               });
      case TokenKind::kAsterisk:
        break;
    }
    return false;
  }
};

/// One name of a pattern, or the "**" that stands for any number of names.
struct NamePattern {
  bool is_any_path = false;
  std::vector<Token> tokens{};

  bool matches(std::u16string_view name) const;
};

bool NamePattern::matches(std::u16string_view name) const {
  std::size_t next = 0;
  std::size_t at = 0;
  std::optional<std::size_t> asterisk;  // the token after the last asterisk
  std::size_t retry = 0;                // where that token is tried next
  while (at < name.size()) {
    const Character character = character_at(name, at);
    if (next < tokens.size() && tokens[next].kind == TokenKind::kAsterisk) {
      asterisk = ++next;
      retry = at;
    } else if (next < tokens.size() && tokens[next].matches(character.code)) {
      ++next;
      at += character.units;
    } else if (asterisk) {
      retry += character_at(name, retry).units;
      at = retry;
      next = *asterisk;
    } else {
      return false;
    }
  }
  while (next < tokens.size() && tokens[next].kind == TokenKind::kAsterisk) {
    ++next;
  }
  return next == tokens.size();
}

}  // namespace glob

namespace {

using glob::CharacterRange;
using glob::NamePattern;
using glob::Token;
using glob::TokenKind;

/// Parses one pattern.
class GlobParser {
 public:
  GlobParser(std::string_view pattern, std::string_view separators)
      : shown_(printable(pattern)), separators_(separators) {
    const auto units = to_utf16(pattern);
    if (!units) {
      fail("it is not valid UTF-8");
    }
    text_ = *units;
  }

  std::vector<NamePattern> parse() {
    std::vector<NamePattern> names;
    while (at_ < text_.size()) {
      if (is_separator(text_[at_])) {
        ++at_;
        continue;
      }
      NamePattern name = parse_name();
      // Two in a row match what one does.
      if (!name.is_any_path || names.empty() || !names.back().is_any_path) {
        names.push_back(std::move(name));
      }
    }
    return names;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw Error(ErrorCode::kInvalidArgument, shown_, "not a pattern: " + why);
  }

  bool is_separator(char16_t unit) const {
    return unit < 0x80 && separators_.find(static_cast<char>(unit)) != separators_.npos;
  }
  bool is_end() const { return at_ == text_.size() || is_separator(text_[at_]); }

  NamePattern parse_name() {
    NamePattern name;
    const std::size_t start = at_;
    while (!is_end()) {
      add_token(name.tokens);
    }
    name.is_any_path = std::u16string_view(text_).substr(start, at_ - start) == u"**";
    return name;
  }

  void add_token(std::vector<Token>& tokens) {
    const Character character = take();
    if (character.code == U'*') {
      if (tokens.empty() || tokens.back().kind != TokenKind::kAsterisk) {
        tokens.push_back({TokenKind::kAsterisk});
      }
    } else if (character.code == U'?') {
      tokens.push_back({TokenKind::kAny});
    } else if (character.code == U'[') {
      tokens.push_back(parse_list());
    } else {
      tokens.push_back({TokenKind::kCharacter, upper(character.code)});
    }
  }

  Token parse_list() {
    const std::size_t start = at_;
    Token list{TokenKind::kList};
    if (!is_end() && (text_[at_] == u'!' || text_[at_] == u'^')) {
      list.is_negated = true;
      ++at_;
    }
    for (bool is_first = true;; is_first = false) {
      if (is_end()) {
        fail(fmt::format("the '[' at position {} has no ']'", start));
      }
      if (text_[at_] == u']' && !is_first) {
        ++at_;
        return list;
      }
      list.ranges.push_back(parse_range());
    }
  }

  // A hyphen that no end of a range follows is a character like others.
  CharacterRange parse_range() {
    const char32_t first = take().code;
    const bool has_hyphen = !is_end() && text_[at_] == u'-' && at_ + 1 < text_.size();
    if (!has_hyphen || text_[at_ + 1] == u']' || is_separator(text_[at_ + 1])) {
      return {first, first};
    }
    ++at_;
    const char32_t last = take().code;
    if (last < first) {
      fail(fmt::format("the range that ends at position {} ends before it begins", at_));
    }
    return {first, last};
  }

  Character take() {
    const Character character = character_at(text_, at_);
    at_ += character.units;
    return character;
  }

  std::string shown_;
  std::string_view separators_;
  std::u16string text_;
  std::size_t at_ = 0;
};

}  // namespace

class GlobPattern {
 public:
  explicit GlobPattern(std::vector<glob::NamePattern> parsed) : names(std::move(parsed)) {}

  const std::vector<glob::NamePattern> names;
};

GlobState::GlobState(std::shared_ptr<const GlobPattern> pattern) : pattern_(std::move(pattern)) {}

// A "**" may also stand for nothing, so the name after it may match next as well.
void GlobState::add(std::size_t position) {
  if (positions_.empty() || positions_.back() < position) {
    positions_.push_back(position);
  }
  if (position < pattern_->names.size() && pattern_->names[position].is_any_path) {
    add(position + 1);  // not another "**"
  }
}

bool GlobState::is_match() const noexcept {
  return !positions_.empty() && positions_.back() == pattern_->names.size();
}

bool GlobState::may_match_below() const noexcept {
  return !positions_.empty() && positions_.front() < pattern_->names.size();
}

GlobState GlobState::enter(std::u16string_view name) const {
  GlobState next(pattern_);
  for (const std::size_t position : positions_) {
    if (position == pattern_->names.size()) {
      continue;
    }
    const glob::NamePattern& pattern = pattern_->names[position];
    if (pattern.is_any_path) {
      next.add(position);
    } else if (pattern.matches(name)) {
      next.add(position + 1);
    }
  }
  return next;
}

Glob::Glob(std::string_view pattern, std::string_view separators)
    : pattern_(std::make_shared<const GlobPattern>(GlobParser(pattern, separators).parse())) {}

std::size_t Glob::size() const noexcept {
  return pattern_->names.size();
}

GlobState Glob::start() const {
  GlobState state(pattern_);
  state.add(0);
  return state;
}

bool Glob::matches(std::span<const std::u16string> names) const {
  GlobState state = start();
  for (const std::u16string& name : names) {
    state = state.enter(name);
  }
  return state.is_match();
}

bool Glob::matches(std::u16string_view name) const {
  return start().enter(name).is_match();
}

}  // namespace cim
