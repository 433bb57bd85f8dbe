// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Three rules come from the readers of such files. hivexregedit ends a key at the first comment, so
// comments precede the key that they are about. A comment must not end with a backslash, which
// would make the next line a part of it. And both hivexregedit and the registry editor read values
// of a file in UTF-8 byte by byte, which is why text outside ASCII is written as bytes there.
#include "cimlib/hive_text.h"

#include <algorithm>
#include <compare>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"

#include "base/utf16.h"
#include "registry/format/name.h"
#include "registry/read/hive_data.h"

namespace cim::registry {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kChunkSize = std::size_t{64} << 10;
constexpr std::string_view kLineEnd = "\r\n";
constexpr const char* kNameIsNotExpressible = "this format cannot express its name";

bool is_control(char16_t unit) {
  return unit < 0x20 || (unit >= 0x7F && unit < 0xA0);
}

bool has_lone_surrogate(std::u16string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool high = text[i] >= 0xD800 && text[i] < 0xDC00;
    if (high && i + 1 < text.size() && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000) {
      ++i;
    } else if (text[i] >= 0xD800 && text[i] < 0xE000) {
      return true;
    }
  }
  return false;
}

/// Escapes everything that a comment cannot have.
std::string comment_text(std::u16string_view text) {
  std::string result;
  const bool escapes_surrogates = has_lone_surrogate(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool surrogate = text[i] >= 0xD800 && text[i] < 0xE000;
    if (is_control(text[i]) || (surrogate && escapes_surrogates)) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(text[i]));
    } else {
      const std::size_t units = surrogate ? 2 : 1;
      append_wtf8(result, text.substr(i, units));
      i += units - 1;
    }
  }
  return result;
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result + '"';
}

/// Collects lines and passes them on in the encoding of the file.
class LineWriter {
 public:
  LineWriter(RegFileEncoding encoding, const ByteSink& sink) : encoding_(encoding), sink_(sink) {
    if (encoding == RegFileEncoding::kUtf16) {
      text_ = "\uFEFF";  // the byte order mark
    }
  }

  void line(std::string_view text) {
    text_ += text;
    text_ += kLineEnd;
    if (text_.size() >= kChunkSize) {
      flush();
    }
  }

  void flush() {
    if (encoding_ == RegFileEncoding::kUtf8) {
      sink_(as_bytes(text_));
    } else {
      Bytes bytes;
      append_utf16_le(bytes, to_utf16(text_).value());
      sink_(bytes);
    }
    text_.clear();
  }

 private:
  RegFileEncoding encoding_;
  const ByteSink& sink_;
  std::string text_;
};

class RegFileWriter {
 public:
  RegFileWriter(const RegFileOptions& options, const ByteSink& sink)
      : options_(options), lines_(options.encoding, sink) {}

  RegFileSummary write(const KeyView& top, const std::string& path) {
    path_ = options_.root;
    if (!path.empty() || path_.empty()) {
      path_ += '\\' + path;
    }
    lines_.line("Windows Registry Editor Version 5.00");
    lines_.line("");
    visit(top, path.empty());
    while (!open_.empty()) {
      Level& level = open_.back();
      path_.resize(level.path_size);
      if (level.subkeys.done()) {
        open_.pop_back();
        continue;
      }
      const KeyView key = level.subkeys.key();
      level.subkeys.next();
      enter(key);
    }
    lines_.flush();
    return summary_;
  }

 private:
  /// A key of which subkeys remain.
  struct Level {
    SubkeyCursor subkeys;
    std::size_t path_size;
  };

  void enter(const KeyView& key) {
    const std::u16string name = key.name().to_utf16();
    path_ += path_.ends_with('\\') ? "" : "\\";
    if (!is_expressible(name)) {
      ++summary_.omitted_keys;
      lines_.line(fmt::format("; omitted key {}{} and all keys below it: {}", path_,
                              comment_text(name), kNameIsNotExpressible));
      lines_.line("");
      return;
    }
    append_wtf8(path_, name);
    visit(key);
  }

  bool is_expressible(std::u16string_view name) const {
    constexpr std::u16string_view kEnds = {u"\0\r\n", 3};
    return name.find_first_of(kEnds) == name.npos &&
           (options_.encoding == RegFileEncoding::kUtf16 || !has_lone_surrogate(name));
  }

  /// The root of a hive cannot be deleted.
  void visit(const KeyView& key, bool is_root = false) {
    const auto layer = static_cast<LayerSemantics>(key.layer() & kLayerSemanticsMask);
    const std::vector<ValueView> values = expressible_values(key);
    if (options_.comments) {
      comment_on(key);
    }
    ++summary_.keys;
    open_.push_back({SubkeyCursor(key), path_.size()});
    const bool is_deleted =
        layer == LayerSemantics::kTombstone || layer == LayerSemantics::kSupersedeTree;
    if (is_deleted && !is_root) {
      lines_.line(fmt::format("[-{}]", path_));
      lines_.line("");
      if (layer == LayerSemantics::kTombstone) {
        return;
      }
    } else if (layer == LayerSemantics::kSupersedeLocal) {
      lines_.line("; replaces all values of the key in the layer below");
    }
    lines_.line(fmt::format("[{}]", path_));
    for (const ValueView& value : values) {
      write_value(value);
    }
    lines_.line("");
  }

  /// Returns the values in their order. Writes a comment for each of the others: it is too late for
  /// that once the key has begun.
  std::vector<ValueView> expressible_values(const KeyView& key) {
    const ValueListView list = key.values();
    const std::vector<bool> repeated = repeated_names(list);
    std::vector<ValueView> values;
    values.reserve(list.size());
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      const ValueView value = list[i];
      const std::u16string name = value.name().to_utf16();
      if (!repeated[i] && is_expressible(name)) {
        values.push_back(value);
        continue;
      }
      ++summary_.omitted_values;
      lines_.line(
          fmt::format("; omitted value \"{}\" of {}: {}", comment_text(name), path_,
                      repeated[i] ? "an earlier one has the same name" : kNameIsNotExpressible));
    }
    summary_.values += values.size();
    return values;
  }

  /// Returns true for each value with the name of an earlier one.
  static std::vector<bool> repeated_names(const ValueListView& list) {
    std::vector<std::uint32_t> order(list.size());
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      order[i] = i;
    }
    std::ranges::stable_sort(order, [&list](std::uint32_t a, std::uint32_t b) {
      return std::is_lt(compare(list[a].name(), list[b].name()));
    });
    std::vector<bool> repeated(list.size());
    for (std::size_t i = 1; i < order.size(); ++i) {
      repeated[order[i]] = std::is_eq(compare(list[order[i - 1]].name(), list[order[i]].name()));
    }
    return repeated;
  }

  void write_value(const ValueView& value) {
    const Name name = value.name();
    std::string line = name.empty() ? "@" : in_quotes(name.to_wtf8());
    line += '=';
    if (value.is_tombstone()) {
      lines_.line(line + '-');
    } else if (value.type() == kRegDword && value.size() == sizeof(Le32)) {
      const std::uint32_t number = load<Le32>(value.data().copy(), 0);
      lines_.line(fmt::format("{}dword:{:08x}", line, number));
    } else if (const auto text = plain_text(value)) {
      lines_.line(line + in_quotes(*text));
    } else if (value.type() == kRegBinary) {
      write_bytes(line + "hex:", value.data());
    } else {
      write_bytes(fmt::format("{}hex({:x}):", line, value.type()), value.data());
    }
  }

  /// Returns the text of a value that can be written as text; nullopt if it cannot.
  std::optional<std::string> plain_text(const ValueView& value) const {
    if (value.type() != kRegSz || value.size() % 2 != 0) {
      return std::nullopt;
    }
    std::u16string text = utf16_from_le(value.data().copy());
    if (text.empty() || text.back() != u'\0') {
      return std::nullopt;
    }
    text.pop_back();
    const bool is_ascii_only =
        options_.encoding == RegFileEncoding::kUtf8 && !options_.unicode_text;
    const bool is_plain = std::ranges::none_of(text, [is_ascii_only](char16_t unit) {
      return is_control(unit) || (is_ascii_only && unit >= 0x80);
    });
    return is_plain && !has_lone_surrogate(text) ? std::optional(to_wtf8(text)) : std::nullopt;
  }

  /// "01,02,ff", with a backslash at the end of each line but the last. As regedit does, leaves
  /// room for a comma and a backslash after the last byte too.
  void write_bytes(std::string line, const DataView& data) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    constexpr std::size_t kByteColumns = 4;
    std::size_t column = to_utf16(line)->size();
    std::size_t left = data.size();
    bool is_first = true;
    data.for_each_piece([&](ByteView piece) {
      for (const std::byte byte : piece) {
        --left;
        if (!is_first && column + kByteColumns > kColumns) {
          lines_.line(line + '\\');
          line = "  ";
          column = line.size();
        }
        is_first = false;
        line += kDigits[std::to_integer<std::size_t>(byte >> 4)];
        line += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
        line += left == 0 ? "" : ",";
        column += 3;
      }
    });
    lines_.line(line);
  }

  void comment_on(const KeyView& key) {
    lines_.line("; last written " + key.time().to_string());
    if (const ByteView name = key.class_name(); !name.empty()) {
      lines_.line(fmt::format("; class \"{}\"", comment_text(utf16_from_le(name))));
    }
    lines_.line("; security " + sddl_of(key.descriptor()));
    const unsigned flags = key.flags() & kKeyKeptFlags;
    if (flags != 0 || key.control() != 0 || key.debug() != 0) {
      lines_.line(fmt::format("; flags 0x{:04x}, control 0x{:02x}, debug 0x{:02x}", flags,
                              key.control(), key.debug()));
    }
  }

  static std::string sddl_of(ByteView descriptor) {
    try {
      return SecurityDescriptor::parse(descriptor).to_sddl();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnsupported && error.code() != ErrorCode::kCorrupt) {
        throw;
      }
      return fmt::format("descriptor of {} bytes that SDDL cannot express", descriptor.size());
    }
  }

  const RegFileOptions& options_;
  LineWriter lines_;
  RegFileSummary summary_;
  std::vector<Level> open_;  // at most as many as a hive has levels
  std::string path_;         // of the current key, with the root
};

}  // namespace

RegFileSummary write_reg_file(const Hive& hive, std::string_view path,
                              const RegFileOptions& options, const ByteSink& sink) {
  const auto root = to_utf16(options.root);
  if (!root || has_lone_surrogate(*root) || std::ranges::any_of(*root, is_control)) {
    throw Error(ErrorCode::kInvalidArgument, "root", "it must be UTF-8 without control characters");
  }
  const auto top = hive.find(path);
  if (!top) {
    throw Error(ErrorCode::kNotFound, std::string(path), "no such key in the hive");
  }
  return RegFileWriter(options, sink).write(HandleAccess::view(*top), *hive.spelled_path(path));
}

}  // namespace cim::registry
