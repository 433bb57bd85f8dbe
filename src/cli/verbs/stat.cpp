// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/image.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"
#include "cimlib/wtf8.h"

#include "cli/image_reading.h"
#include "cli/json_output.h"
#include "cli/listing.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace stat_verb {
namespace {

struct Options {
  std::string image;
  std::vector<std::string> paths;
  bool finds_links = false;
  std::vector<std::string> regions;
};

// All metadata of a file.
struct Facts {
  ImagePath path;
  FileInfo info;
  std::vector<std::byte> descriptor{};
  std::vector<std::byte> reparse_data{};
  std::vector<ExtendedAttribute> attributes{};
  std::vector<StreamInfo> streams{};
  std::vector<std::string> links{};
};

// Returns all paths of a file; searches the whole image.
std::vector<std::string> links_of(const Image& image, FileId id) {
  std::vector<std::string> links;
  image.walk({}, [&](const WalkEntry& entry) {
    if (entry.info.id == id) {
      links.push_back(joined(entry.path));
    }
    return true;
  });
  return links;
}

// Reads everything first, so that a damaged file yields an error and no partial page.
Facts gather(const Image& image, const ImagePath& path, const Options& options) {
  const FileId id = find_or_fail(image, path);
  Facts facts{path, image.info(id)};
  facts.descriptor = image.security_descriptor(id);
  facts.reparse_data = image.reparse_data(id);
  facts.attributes = parse_extended_attributes(image.extended_attributes(id));
  facts.streams = image.streams(id);
  if (options.finds_links) {
    facts.links = links_of(image, id);
  }
  return facts;
}

// Returns nullopt if SDDL cannot express it; the bytes are shown instead.
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

Json security_json(const Facts& facts) {
  Json json;
  const auto sddl = sddl_of(facts.descriptor);
  json["sddl"] = sddl ? Json(*sddl) : Json(nullptr);
  json["hex"] = to_hex_digits(facts.descriptor);
  return json;
}

Json attributes_json(const Facts& facts) {
  Json list = Json::array();
  for (const ExtendedAttribute& attribute : facts.attributes) {
    list.push_back({{"name", attribute.name},
                    {"needed", (attribute.flags & ExtendedAttribute::kNeeded) != 0},
                    {"hex", to_hex_digits(attribute.value)}});
  }
  return list;
}

Json streams_json(const Facts& facts) {
  Json list = Json::array();
  for (const StreamInfo& stream : facts.streams) {
    Json json;
    put_text(json, "name", stream.name);
    json["size"] = stream.size;
    json["storage"] = storage_name(stream.storage);
    list.push_back(std::move(json));
  }
  return list;
}

Json to_json(const Image& image, const Facts& facts, const Options& options) {
  Json names;
  put_text(names, "path", *to_utf16(joined(facts.path)));
  Json json = file_json(image, facts.info, std::move(names));
  json["security"] = security_json(facts);
  json["extended_attributes"] = attributes_json(facts);
  if (facts.info.is_reparse_point()) {
    json["reparse_data"] = to_hex_digits(facts.reparse_data);
  }
  json["streams"] = streams_json(facts);
  if (options.finds_links) {
    json["links"] = facts.links;
  }
  return json;
}

// A page of lines of two columns.
class Page {
 public:
  explicit Page(Console& console) : console_(console) {}

  void line(std::string_view name, std::string_view value) {
    console_.print("{:<12}{}\n", name, shown(value, console_.output_terminal()));
  }

 private:
  Console& console_;
};

void print_record(Page& page, const Facts& facts) {
  const FileInfo& info = facts.info;
  page.line("path", facts.path.is_root() ? "/" : joined(facts.path));
  page.line("type", info.is_directory() ? "directory" : "file");
  page.line("id", fmt::format("{}, of the directory {}", info.id, info.parent));
  page.line("attributes", attributes_to_string(info.attributes));
  page.line("size",
            fmt::format("{} B, stored as {}", grouped(info.size), storage_name(info.storage)));
  page.line("created", info.times.creation.to_string());
  page.line("written", info.times.last_write.to_string());
  page.line("changed", info.times.change.to_string());
  page.line("accessed", info.times.last_access.to_string());
}

void print_rest(Page& page, const Image& image, const Facts& facts) {
  page.line("security", sddl_of(facts.descriptor).value_or(to_hex_digits(facts.descriptor)));
  if (facts.info.is_reparse_point()) {
    page.line("reparse", fmt::format("0x{:08x} -> {}", facts.info.reparse_tag,
                                     to_wtf8(link_text(image, facts.info))));
  }
  for (const ExtendedAttribute& attribute : facts.attributes) {
    page.line("attribute", fmt::format("{} = {}", attribute.name, to_hex_digits(attribute.value)));
  }
  for (const StreamInfo& stream : facts.streams) {
    page.line("stream", fmt::format("{}, {} B, stored as {}", to_wtf8(stream.name),
                                    grouped(stream.size), storage_name(stream.storage)));
  }
  for (const std::string& link : facts.links) {
    page.line("link", link);
  }
}

void print_page(Console& console, const Image& image, const Facts& facts) {
  Page page(console);
  print_record(page, facts);
  print_rest(page, image, facts);
}

// Pages are separated by empty lines; JSON is an array.
void print_list(Console& console, const Image& image, const Selection& selection,
                const Options& options, Failures& failures) {
  std::optional<JsonList> json;
  if (console.json()) {
    json.emplace(console);
  }
  bool is_first = true;
  for (const ImagePath& path : selection.paths) {
    try {
      const Facts facts = gather(image, path, options);
      if (json) {
        json->add(to_json(image, facts, options));
        continue;
      }
      console.print(std::exchange(is_first, false) ? "" : "\n");
      print_page(console, image, facts);
    } catch (const Error& error) {
      failures.add(path.to_string(), error);
    }
  }
  if (json) {
    json->end();
  }
}

int run(const Options& options, Console& console) {
  const Image image = open_image(options.image, options.regions);
  Failures failures(console, false);
  const Selection selection = select(image, options.paths, failures);
  if (selection.is_list) {
    print_list(console, image, selection, options, failures);
    return failures.finish();
  }
  const Facts facts = gather(image, selection.paths.front(), options);
  if (console.json()) {
    print_json(console, to_json(image, facts, options));
  } else {
    print_page(console, image, facts);
  }
  return failures.finish();
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image file", options->image, Completes::kImages);
  parameters.repeated("PATH", "a file or directory, or a pattern (default: the root)",
                      options->paths);
  parameters.flag("--links",
                  "show all hard links of the file; reads the metadata of the whole image",
                  options->finds_links);
  regions_option(parameters, options->regions);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim stat layers/7.cim Files/Windows/win.ini", "show all metadata of a file"},
    {"cim stat --links --json layers/7.cim Files/a.dll",
     "show it as JSON, with all hard links of the file"},
}};

}  // namespace
}  // namespace stat_verb

constinit const Verb kStatVerb = {
    .name = "stat",
    .summary = "show metadata of a file or directory in an image",
    .description =
        "Shows the ID of a file, its attributes, times (UTC, to 100 ns), size and storage, its "
        "security descriptor as SDDL (in hexadecimal if SDDL cannot express it), extended "
        "attributes, streams, and the target of a reparse point. The JSON output also has the "
        "descriptor and the reparse data byte for byte.\n\n"
        "If PATH is not the path of a file and has one of the characters *?[, it is a pattern for "
        "whole paths, as in 'cim find'. For a pattern or several paths, the JSON output is an "
        "array.",
    .examples = stat_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = stat_verb::prepare,
};

}  // namespace cim::cli
