// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/import_report.h"

#include <fmt/format.h>

#include "cli/text_output.h"

namespace cim::cli {

std::string content_text(const layer::ImportResult& result) {
  return fmt::format("{} with {}", counted(result.entries, "entry", "entries"),
                     readable_size(result.size));
}

std::string storage_text(const CommitSummary& image) {
  return fmt::format("{} stored, {} saved", readable_size(image.stored_bytes),
                     readable_size(image.deduplicated_bytes));
}

void put_import(Json& object, const layer::ImportResult& result) {
  object["entries"] = result.entries;
  object["size"] = result.size;
  object["files"] = result.image.files;
  put_storage(object, result.image);
}

void put_storage(Json& object, const CommitSummary& image) {
  object["stored_bytes"] = image.stored_bytes;
  object["deduplicated_bytes"] = image.deduplicated_bytes;
}

}  // namespace cim::cli
