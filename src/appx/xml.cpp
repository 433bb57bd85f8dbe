// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/xml.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <functional>
#include <new>
#include <utility>

#include <expat.h>
#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/printable.h"

namespace cim::appx {
namespace {

// Manifests have some eight levels.
constexpr std::size_t kMaxDepth = 64;
// Expat takes lengths as int.
constexpr std::size_t kMaxPiece = std::size_t{1} << 20;
constexpr char kSeparator = '\n';  // cannot be in the URI of a namespace

std::string_view without_namespace(std::string_view name) {
  return name.substr(name.rfind(kSeparator) + 1);
}

}  // namespace

struct XmlParser::State {
  State(std::string source_name, XmlHandler& receiver)
      : source(std::move(source_name)),
        handler(receiver),
        parser(XML_ParserCreateNS(nullptr, kSeparator)) {
    if (parser == nullptr) {
      throw std::bad_alloc();
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { XML_ParserFree(parser); }

  // Exceptions cannot pass through expat, so the parser is stopped and the exception kept.
  template <typename Work>
  void guarded(Work work) {
    if (failure) {
      return;
    }
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
      XML_StopParser(parser, XML_FALSE);
    }
  }

  void start(const char* name, const char** attributes) {
    guarded([&] {
      if (path.size() == kMaxDepth) {
        throw Error(ErrorCode::kLimit, source,
                    fmt::format("elements nest deeper than {} levels", kMaxDepth), position());
      }
      path.emplace_back(without_namespace(name));
      handler.start(path, XmlElement(path.back(), attributes, source));
    });
  }

  void end() {
    guarded([&] {
      handler.end(path);
      path.pop_back();
    });
  }

  void refuse_document_type() {
    guarded([&] {
      throw Error(ErrorCode::kCorrupt, source,
                  "declares a document type; packages do not, and its entities are not expanded",
                  position());
    });
  }

  std::uint64_t position() const {
    return static_cast<std::uint64_t>(std::max<XML_Index>(XML_GetCurrentByteIndex(parser), 0));
  }

  std::string source;
  XmlHandler& handler;
  XML_Parser parser;
  std::vector<std::string> path;
  std::exception_ptr failure;
};

XmlParser::XmlParser(std::string source, XmlHandler& handler)
    : state_(std::make_unique<State>(std::move(source), handler)) {
  XML_SetUserData(state_->parser, state_.get());
  XML_SetElementHandler(
      state_->parser,
      [](void* state, const char* name, const char** attributes) {
        static_cast<State*>(state)->start(name, attributes);
      },
      [](void* state, const char* /*name*/) { static_cast<State*>(state)->end(); });
  XML_SetCharacterDataHandler(state_->parser, [](void* state, const char* text, int size) {
    auto& self = *static_cast<State*>(state);
    self.guarded([&] {
      self.handler.text(self.path, std::string_view(text, static_cast<std::size_t>(size)));
    });
  });
  XML_SetStartDoctypeDeclHandler(
      state_->parser,
      [](void* state, const char* /*name*/, const char* /*system*/, const char* /*pub*/,
         int /*subset*/) { static_cast<State*>(state)->refuse_document_type(); });
}

XmlParser::~XmlParser() = default;

void XmlParser::parse(ByteView bytes, bool is_last) {
  do {
    const ByteView piece = bytes.first(std::min(bytes.size(), kMaxPiece));
    bytes = bytes.subspan(piece.size());
    const XML_Status status =
        XML_Parse(state_->parser, as_text(piece).data(), static_cast<int>(piece.size()),
                  is_last ? XML_TRUE : XML_FALSE);
    if (state_->failure) {
      std::rethrow_exception(state_->failure);
    }
    if (status == XML_STATUS_ERROR) {
      const XML_Error error = XML_GetErrorCode(state_->parser);
      if (error == XML_ERROR_NO_MEMORY) {
        throw std::bad_alloc();
      }
      throw Error(ErrorCode::kCorrupt, state_->source,
                  fmt::format("is not well-formed XML: {}", XML_ErrorString(error)),
                  state_->position());
    }
  } while (!bytes.empty());
}

std::optional<std::string_view> XmlElement::attribute(std::string_view name) const noexcept {
  for (const char* const* each = attributes_; *each != nullptr; each += 2) {
    if (*each == name) {
      return each[1];
    }
  }
  return std::nullopt;
}

std::string_view XmlElement::required(std::string_view name) const {
  const auto value = attribute(name);
  if (!value) {
    fail(fmt::format("has no attribute {}", name));
  }
  return *value;
}

std::uint64_t XmlElement::number(std::string_view name) const {
  const std::string_view text = required(name);
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    fail(fmt::format("has {}=\"{}\", which is not a number", name, printable(text)));
  }
  return value;
}

void XmlElement::fail(std::string_view reason) const {
  throw Error(ErrorCode::kCorrupt, source_,
              fmt::format("the element {} {}", printable(name_), reason));
}

void parse_xml(ByteView document, const std::string& source, XmlHandler& handler) {
  XmlParser parser(source, handler);
  parser.feed(document);
  parser.finish();
}

bool is_path(const std::vector<std::string>& path, std::initializer_list<std::string_view> names) {
  return std::ranges::equal(path, names);
}

}  // namespace cim::appx
