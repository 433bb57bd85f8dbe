// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/find_output.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/reparse.h"
#include "cimlib/wtf8.h"

#include "cli/json_output.h"
#include "cli/listing.h"
#include "cli/text_output.h"

namespace cim::cli {
namespace {

// "Files/a.txt:stream".
std::u16string full_name(const FoundEntry& entry) {
  std::u16string name;
  for (const std::u16string& part : entry.path.names()) {
    name += name.empty() ? u"" : u"/";
    name += part;
  }
  if (entry.stream != nullptr) {
    name += u":" + entry.stream->name;
  }
  return name;
}

std::string_view type_of(const FoundEntry& entry) {
  if (entry.stream != nullptr) {
    return "stream";
  }
  if (entry.info.reparse_tag == reparse_tag::kSymlink) {
    return "symlink";
  }
  if (entry.info.reparse_tag == reparse_tag::kMountPoint) {
    return "junction";
  }
  return entry.info.is_directory() ? "directory" : "file";
}

// A link whose reparse data cannot be read has no target here; `cim check` names the fault.
std::u16string target_of(const Image& image, const FoundEntry& entry) {
  if (entry.stream != nullptr) {
    return {};
  }
  try {
    return link_text(image, entry.info);
  } catch (const Error&) {
    return {};
  }
}

class PathOutput final : public FindOutput {
 public:
  PathOutput(const FindOutputOptions& options, Console& console)
      : options_(options), console_(console) {}

  void add(const Image& image, const FoundEntry& entry) override {
    std::string line;
    if (options_.hash) {
      const std::string digest = to_hex_digits(entry.digest);
      line = (digest.empty() ? "-" : digest) + "  ";
    }
    if (options_.shows_images) {
      line += image.path().string() + ":";
    }
    line += to_wtf8(full_name(entry));
    if (options_.format == FindFormat::kNulls) {
      console_.print(line + '\0');
    } else {
      console_.print(shown(line, console_.output_terminal()) + "\n");
    }
  }

 private:
  FindOutputOptions options_;
  Console& console_;
};

Json json_of(const Image& image, const FoundEntry& entry, const FindOutputOptions& options) {
  Json json;
  if (options.shows_images) {
    json["image"] = image.path().string();
  }
  if (entry.stream == nullptr) {
    put_text(json, "path", full_name(entry));
    json = file_json(image, entry.info, std::move(json));
  } else {
    put_text(json, "path", *to_utf16(joined(entry.path)));
    put_text(json, "stream", entry.stream->name);
    json["size"] = entry.size;
    json["storage"] = storage_name(entry.stream->storage);
  }
  if (options.hash && !entry.digest.empty()) {
    json[std::string(to_string(*options.hash))] = to_hex_digits(entry.digest);
  }
  return json;
}

class JsonOutputOfFind final : public FindOutput {
 public:
  JsonOutputOfFind(const FindOutputOptions& options, Console& console)
      : options_(options), list_(console) {}

  void add(const Image& image, const FoundEntry& entry) override {
    list_.add(json_of(image, entry, options_));
  }
  void end() override { list_.end(); }

 private:
  FindOutputOptions options_;
  JsonList list_;
};

class JsonLines final : public FindOutput {
 public:
  JsonLines(const FindOutputOptions& options, Console& console)
      : options_(options), console_(console) {}

  void add(const Image& image, const FoundEntry& entry) override {
    console_.print(json_line(json_of(image, entry, options_)));
  }

 private:
  FindOutputOptions options_;
  Console& console_;
};

// MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime, times in seconds since 1970. Fields
// cannot be quoted, so a separator in a name becomes %7C.
class Bodyfile final : public FindOutput {
 public:
  Bodyfile(const FindOutputOptions& options, Console& console)
      : options_(options), console_(console) {}

  void add(const Image& image, const FoundEntry& entry) override {
    const FileInfo& info = entry.info;
    const std::string digest = to_hex_digits(entry.digest);
    console_.print("{}|{}|{}|{}|0|0|{}|{}|{}|{}|{}\n", digest.empty() ? "0" : digest,
                   name_of(image, entry), info.id, mode_of(entry), entry.size,
                   info.times.last_access.to_unix().seconds,
                   info.times.last_write.to_unix().seconds, info.times.change.to_unix().seconds,
                   info.times.creation.to_unix().seconds);
  }

 private:
  std::string name_of(const Image& image, const FoundEntry& entry) const {
    std::string name = options_.shows_images ? image.path().string() + ":/" : "/";
    name += to_wtf8(full_name(entry));
    if (const auto target = target_of(image, entry); !target.empty()) {
      name += " -> " + to_wtf8(target);
    }
    std::string safe;
    for (const char c : escape_controls(name)) {
      safe += c == '|' ? std::string("%7C") : std::string(1, c);
    }
    return safe;
  }

  static std::string_view mode_of(const FoundEntry& entry) {
    const bool is_read_only = (entry.info.attributes & attribute::kReadOnly) != 0;
    if (entry.stream == nullptr && entry.info.reparse_tag == reparse_tag::kSymlink) {
      return "l/lrwxrwxrwx";
    }
    if (entry.stream == nullptr && entry.info.is_directory()) {
      return "d/drwxrwxrwx";
    }
    return is_read_only ? "r/rr-xr-xr-x" : "r/rrwxrwxrwx";
  }

  FindOutputOptions options_;
  Console& console_;
};

// As RFC 4180 describes it. Names begin with a slash or colon, so that spreadsheets take none for a
// formula.
class Csv final : public FindOutput {
 public:
  Csv(const FindOutputOptions& options, Console& console) : options_(options), console_(console) {
    console_.print(
        "{}path,stream,type,size,created,written,changed,accessed,attributes,target{}\r\n",
        options.shows_images ? "image," : "",
        options.hash ? fmt::format(",{}", to_string(*options.hash)) : "");
  }

  void add(const Image& image, const FoundEntry& entry) override {
    const FileInfo& info = entry.info;
    const auto target = target_of(image, entry);
    const std::string path = "/" + joined(entry.path);
    const std::string stream = entry.stream != nullptr ? ":" + to_wtf8(entry.stream->name) : "";
    const std::string shown_target = target.empty() ? "" : "-> " + to_wtf8(target);
    console_.print("{}{},{},{},{},{},{},{},{},{},{}{}\r\n",
                   options_.shows_images ? field(image.path().string()) + "," : "", field(path),
                   field(stream), type_of(entry), entry.size, info.times.creation.to_string(),
                   info.times.last_write.to_string(), info.times.change.to_string(),
                   info.times.last_access.to_string(), attributes_to_string(info.attributes),
                   field(shown_target),
                   options_.hash ? "," + to_hex_digits(entry.digest) : std::string());
  }

 private:
  static std::string field(std::string_view text) {
    std::string safe = escape_controls(text);
    if (safe.find_first_of(",\"") == std::string::npos) {
      return safe;
    }
    std::string quoted = "\"";
    for (const char c : safe) {
      quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    }
    return quoted + "\"";
  }

  FindOutputOptions options_;
  Console& console_;
};

}  // namespace

std::unique_ptr<FindOutput> make_find_output(const FindOutputOptions& options, Console& console) {
  switch (options.format) {
    case FindFormat::kJson:
      return std::make_unique<JsonOutputOfFind>(options, console);
    case FindFormat::kJsonLines:
      return std::make_unique<JsonLines>(options, console);
    case FindFormat::kBodyfile:
      return std::make_unique<Bodyfile>(options, console);
    case FindFormat::kCsv:
      return std::make_unique<Csv>(options, console);
    case FindFormat::kPaths:
    case FindFormat::kNulls:
      break;
  }
  return std::make_unique<PathOutput>(options, console);
}

}  // namespace cim::cli
