// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "report/page_data.h"

#include <initializer_list>
#include <utility>

#include "cimlib/version.h"

#include "report/json_text.h"

namespace cim::report {
namespace {

using Figures = std::initializer_list<std::pair<std::string_view, std::uint64_t>>;

void append_figures(std::string& json, const Figures& figures) {
  for (const auto& [name, value] : figures) {
    append_member(json, name);
    append_value(json, value);
    json += ',';
  }
}

void append_text(std::string& json, std::string_view name, std::string_view text) {
  append_member(json, name);
  append_string(json, text);
  json += ',';
}

// Ends an object or array whose last member was followed by a comma.
void end_with(std::string& json, char end) {
  if (json.back() == ',') {
    json.back() = end;
  } else {
    json += end;
  }
}

// The names of `cim info --json`.
void append_summary(std::string& json, const ImageSummary& summary) {
  append_member(json, "summary");
  json += '{';
  for (const SummaryFigure& figure : summary_figures()) {
    append_figures(json, {{figure.name, summary.*figure.value}});
  }
  append_member(json, "plain_executables");
  json += '{';
  for (const auto& [reason, count] : summary.plain_executables) {
    append_string(json, reason);
    json += ':';
    append_value(json, count);
    json += ',';
  }
  end_with(json, '}');
  json += "},";
}

void append_finding(std::string& json, const Finding& finding) {
  json += '{';
  append_text(json, "severity", to_string(finding.severity));
  append_text(json, "kind", finding.kind == nullptr ? "" : finding.kind->id);
  append_text(json, "file", finding.file.filename().string());
  append_text(json, "path", finding.path);
  append_text(json, "stream", finding.stream);
  append_text(json, "text", finding.text);
  if (finding.offset) {
    append_figures(json, {{"offset", *finding.offset}});
  }
  end_with(json, '}');
}

void append_layer(std::string& json, const Layer& layer) {
  json += '{';
  append_text(json, "image", layer.image.filename().string());
  append_text(json, "version", layer.version);
  append_member(json, "parent");
  append_value(json, layer.parent);
  json += ',';
  append_summary(json, layer.summary);
  append_figures(json, {{"faults", layer.check.faults},
                        {"warnings", layer.check.warnings},
                        {"notes", layer.check.notes}});
  append_member(json, "findings");
  append_array(json, layer.check.findings, append_finding);
  json += '}';
}

void append_entries(std::string& json, const Entries& entries) {
  append_member(json, "directories");
  json += '{';
  append_column(json, "parent", entries.directory_parents);
  json += ',';
  append_column(json, "name", entries.directory_names);
  json += "},";
  append_member(json, "entries");
  json += '{';
  const auto column = [&](std::string_view name, const auto& values) {
    append_column(json, name, values);
    json += ',';
  };
  column("layer", entries.layers);
  column("change", entries.changes);
  column("directory", entries.directories);
  column("name", entries.names);
  column("kind", entries.kinds);
  column("id", entries.ids);
  column("size", entries.sizes);
  column("streams", entries.stream_sizes);
  column("cost", entries.costs);
  column("time", entries.times);
  column("object", entries.objects);
  column("executable", entries.executables);
  end_with(json, '}');
}

void append_hive(std::string& json, const HiveRow& hive) {
  json += '{';
  append_figures(json, {{"entry", hive.entry},
                        {"keys", hive.keys},
                        {"values", hive.values},
                        {"version", hive.minor_version},
                        {"delta", hive.is_delta ? 1U : 0U}});
  append_text(json, "error", hive.error);
  end_with(json, '}');
}

void append_stream(std::string& json, const StreamRow& stream) {
  json += '[';
  append_value(json, stream.entry);
  json += ',';
  append_string(json, stream.name);
  json += ',';
  append_value(json, stream.size);
  json += ']';
}

void append_file(std::string& json, const RegionFile& file) {
  json += '{';
  append_text(json, "name", file.name);
  append_text(json, "kind", file.kind);
  append_text(json, "set", file.region_set);
  append_figures(json, {{"size", file.size}, {"missing", file.is_missing ? 1U : 0U}});
  append_column(json, "users", file.users);
  json += '}';
}

void append_garbage(std::string& json, const GarbageFile& file) {
  json += '{';
  append_text(json, "name", file.path.filename().string());
  append_figures(json, {{"size", file.size}});
  end_with(json, '}');
}

void append_image(std::string& json, const NamedImage& image) {
  json += '{';
  append_text(json, "name", image.name);
  append_figures(json, {{"layer", image.layer}});
  end_with(json, '}');
}

template <typename Row>
void append_rows(std::string& json, std::string_view name, const std::vector<Row>& rows,
                 void (*append)(std::string&, const Row&)) {
  json += ',';
  append_member(json, name);
  append_array(json, rows, append);
}

}  // namespace

std::string to_json(const Data& data) {
  std::string json = "{";
  append_text(json, "source", data.source);
  append_text(json, "program", kVersion);
  append_figures(json, {{"store", data.is_store ? 1U : 0U}, {"unreadable", data.unreadable}});
  append_entries(json, data.entries);
  append_rows(json, "layers", data.layers, append_layer);
  append_rows(json, "images", data.images, append_image);
  json += ',';
  append_column(json, "reasons", data.reasons);
  append_rows(json, "streams", data.streams, append_stream);
  append_rows(json, "hives", data.hives, append_hive);
  append_rows(json, "files", data.files, append_file);
  append_rows(json, "garbage", data.garbage, append_garbage);
  json += '}';
  return json;
}

}  // namespace cim::report
