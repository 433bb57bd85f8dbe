// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/listing.h"

#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/reparse.h"
#include "cimlib/wtf8.h"

namespace cim::cli {
namespace {

// "readonly|hidden" as a list.
Json attribute_names(std::uint32_t attributes) {
  Json names = Json::array();
  const std::string text = attributes_to_string(attributes);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('|'), rest.size());
    names.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return names;
}

}  // namespace

std::string joined(const ImagePath& path, const ImagePath& base) {
  std::string text;
  for (const std::u16string& name : std::span(path.names()).subspan(base.names().size())) {
    text += text.empty() ? "" : "/";
    text += to_wtf8(name);
  }
  return text;
}

FileId find_or_fail(const Image& image, const ImagePath& path) {
  const auto id = image.find(path);
  if (!id) {
    throw Error(ErrorCode::kNotFound, image.path().string(), path.to_string() + " does not exist");
  }
  return *id;
}

std::string attribute_letters(const FileInfo& info) {
  constexpr std::array<std::pair<char, std::uint32_t>, 7> kLetters = {{
      {'d', attribute::kDirectory},
      {'a', attribute::kArchive},
      {'r', attribute::kReadOnly},
      {'h', attribute::kHidden},
      {'s', attribute::kSystem},
      {'l', attribute::kReparsePoint},
      {'p', attribute::kSparseFile},
  }};
  std::string letters;
  for (const auto& [letter, bit] : kLetters) {
    letters += (info.attributes & bit) != 0 ? letter : '-';
  }
  return letters;
}

std::string short_time(FileTime time) {
  std::string text = time.to_string();
  text.resize(text.find('.'));
  text.replace(text.find('T'), 1, " ");
  return text;
}

std::u16string link_text(const Image& image, const FileInfo& info) {
  if (!info.is_reparse_point()) {
    return {};
  }
  const auto point = ReparsePoint::parse(image.reparse_data(info.id));
  if (point.has_names()) {
    return point.target();
  }
  return *to_utf16(fmt::format("[reparse tag 0x{:08x}]", info.reparse_tag));
}

std::string_view storage_name(Storage storage) {
  switch (storage) {
    case Storage::kData:
      return "data";
    case Storage::kSparse:
      return "sparse";
    case Storage::kPeImage:
      return "pe-image";
  }
  return "unknown";
}

Json file_json(const Image& image, const FileInfo& info, Json names) {
  Json json = std::move(names);
  json["id"] = info.id;
  json["parent"] = info.parent;
  json["type"] = info.is_directory() ? "directory" : "file";
  json["attributes"] = attribute_names(info.attributes);
  json["created"] = info.times.creation.to_string();
  json["written"] = info.times.last_write.to_string();
  json["changed"] = info.times.change.to_string();
  json["accessed"] = info.times.last_access.to_string();
  json["size"] = info.size;
  json["storage"] = storage_name(info.storage);
  json["has_streams"] = info.has_streams;
  if (info.is_reparse_point()) {
    json["reparse_tag"] = info.reparse_tag;
    const auto point = ReparsePoint::parse(image.reparse_data(info.id));
    if (point.has_names()) {
      put_text(json, "target", point.target());
    }
  }
  return json;
}

}  // namespace cim::cli
