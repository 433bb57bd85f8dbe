// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reading XML as a stream of elements, by expat. Declarations of document types, and with them all
// entities, are refused.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace cim::appx {

/// The start of an element. Valid during the call only.
class XmlElement {
 public:
  XmlElement(std::string_view name, const char* const* attributes,
             const std::string& source) noexcept
      : name_(name), attributes_(attributes), source_(source) {}

  /// The name without its namespace.
  std::string_view name() const noexcept { return name_; }
  /// Returns an attribute without a namespace.
  std::optional<std::string_view> attribute(std::string_view name) const noexcept;
  /// Throws kCorrupt if the element does not have it.
  std::string_view required(std::string_view name) const;
  /// Throws kCorrupt if the element does not have it or it is not a decimal number.
  std::uint64_t number(std::string_view name) const;
  /// Throws kCorrupt, naming document and element.
  [[noreturn]] void fail(std::string_view reason) const;

 private:
  std::string_view name_;
  const char* const* attributes_;  // names and values in turn, then null
  const std::string& source_;
};

/// Receives the elements of a document in order.
class XmlHandler {
 public:
  XmlHandler() = default;
  XmlHandler(const XmlHandler&) = delete;
  XmlHandler& operator=(const XmlHandler&) = delete;
  virtual ~XmlHandler() = default;

  /// `path` has the names of the elements around this one and its own.
  virtual void start(const std::vector<std::string>& path, const XmlElement& element) = 0;
  virtual void end(const std::vector<std::string>& /*path*/) {}
  /// Text between tags, in any number of pieces.
  virtual void text(const std::vector<std::string>& /*path*/, std::string_view /*text*/) {}
};

/// Parses a document that arrives in pieces.
class XmlParser {
 public:
  /// `source` names the document in errors.
  XmlParser(std::string source, XmlHandler& handler);
  XmlParser(const XmlParser&) = delete;
  XmlParser& operator=(const XmlParser&) = delete;
  ~XmlParser();

  /// Throws kCorrupt for malformed documents, kLimit for deeply nested ones, and what the handler
  /// throws.
  void feed(ByteView bytes) { parse(bytes, false); }
  void finish() { parse({}, true); }

 private:
  struct State;

  void parse(ByteView bytes, bool is_last);

  std::unique_ptr<State> state_;
};

/// Parses a whole document.
void parse_xml(ByteView document, const std::string& source, XmlHandler& handler);

/// Returns true if the names are those of the path, from the root down.
bool is_path(const std::vector<std::string>& path, std::initializer_list<std::string_view> names);

}  // namespace cim::appx
