// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/file_uses.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/glob.h"
#include "cimlib/image_transfer.h"
#include "cimlib/wtf8.h"

#include "cli/json_output.h"
#include "cli/text_output.h"

namespace cim::cli {
namespace {

// Patterns ignore case, as it is ignored in such names.
bool is_named_like_part(const std::string& name) {
  const std::u16string utf16 = to_utf16(name).value_or(u"");
  return Glob("region_*").matches(utf16) || Glob("objectid_*").matches(utf16);
}

// A name alone is in the current directory.
std::filesystem::path directory_with(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : ".";
}

std::vector<FileUse> uses_at(const std::filesystem::path& path) {
  std::error_code none;
  if (std::filesystem::is_directory(path, none)) {
    return file_uses(path);
  }
  std::vector<FileUse> uses = file_uses(directory_with(path));
  std::erase_if(uses,
                [&](const FileUse& use) { return use.file.path.filename() != path.filename(); });
  if (uses.empty()) {
    throw Error(ErrorCode::kNotFound, path.string(), "there is no such file of an image");
  }
  return uses;
}

Json uses_json(const FileUse& use) {
  Json json = {{"file", use.file.path.string()}, {"kind", to_string(use.file.kind)}};
  json["missing"] = !use.file.size.has_value();
  if (use.file.size) {
    json["size"] = *use.file.size;
  }
  json["owner"] = use.owner ? Json(use.owner->string()) : Json(nullptr);
  json["images"] = Json::array();
  for (const std::filesystem::path& image : use.images) {
    json["images"].push_back(image.string());
  }
  return json;
}

// "a.cim (owner), b.cim".
std::string images_text(const FileUse& use) {
  std::string text;
  for (const std::filesystem::path& image : use.images) {
    text += text.empty() ? "" : ", ";
    text += image.filename().string();
    text += use.owner == image && use.images.size() > 1 ? " (owner)" : "";
  }
  if (text.empty()) {
    return "no image (garbage)";
  }
  return use.owner ? text : text + "; its own image was removed";
}

// Names are escaped everywhere, since a line has several of them.
void print_use(const FileUse& use, Console& console) {
  console.print("{:>10}  {}: {}\n", use.file.size ? readable_size(*use.file.size) : "missing",
                escape_controls(use.file.path.filename().string()),
                escape_controls(images_text(use)));
}

}  // namespace

bool has_file_uses(const std::filesystem::path& path) {
  std::error_code none;
  return std::filesystem::is_directory(path, none) || is_named_like_part(path.filename().string());
}

int show_file_uses(const std::filesystem::path& path, Console& console) {
  const std::vector<FileUse> uses = uses_at(path);
  if (console.json()) {
    JsonList list(console);
    for (const FileUse& use : uses) {
      list.add(uses_json(use));
    }
    list.end();
  } else {
    for (const FileUse& use : uses) {
      print_use(use, console);
    }
  }
  const auto missing =
      std::ranges::count_if(uses, [](const FileUse& use) { return !use.file.size; });
  if (missing != 0) {
    console.error(
        fmt::format("{}: {} missing", path.string(),
                    counted(static_cast<std::uint64_t>(missing), "file is", "files are")));
  }
  return missing == 0 ? kSuccess : kFailure;
}

}  // namespace cim::cli
