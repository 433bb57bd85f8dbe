// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/report.h"

#include <span>
#include <string>
#include <string_view>

#include "cimlib/error.h"

#include "os/base64.h"
#include "os/crypto.h"
#include "os/file.h"
#include "report/page_data.h"
#include "report/page_parts.h"
#include "report/report_collector.h"

namespace cim {
namespace {

ByteView bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// As a content security policy names an inline style or script.
std::string policy_hash(std::string_view text) {
  std::string hash = "'sha256-";
  append_base64(hash, Sha256::of(bytes_of(text)));
  return hash + "'";
}

std::string_view part_named(std::string_view name, std::string_view data) {
  if (name == "style") {
    return report::kPageStyle;
  }
  return name == "script" ? report::kPageScript : data;
}

// Each {{name}} of the page is replaced once; the data are not searched for more of them.
std::string page_with(std::string_view data) {
  std::string page;
  std::string_view rest = report::kPageHtml;
  for (std::size_t open = 0; (open = rest.find("{{")) != rest.npos;) {
    const std::size_t close = rest.find("}}", open);
    const std::string_view name = rest.substr(open + 2, close - open - 2);
    page += rest.substr(0, open);
    constexpr std::string_view kHash = "-hash";
    if (name.ends_with(kHash)) {
      page += policy_hash(part_named(name.substr(0, name.size() - kHash.size()), data));
    } else {
      page += part_named(name, data);
    }
    rest.remove_prefix(close + 2);
  }
  page += rest;
  return page;
}

// Anything else, such as the image itself by a slip of the hand, is kept.
void require_replaceable(const std::filesystem::path& page) {
  constexpr std::string_view kStart = "<!DOCTYPE html>";
  std::error_code error;
  const auto type = std::filesystem::symlink_status(page, error).type();
  if (type == std::filesystem::file_type::not_found) {
    return;
  }
  if (type == std::filesystem::file_type::regular) {
    const File file = File::open_read(page);
    Bytes start(kStart.size());
    if (file.size() >= start.size()) {
      file.read_at(0, start);
      if (as_text(start) == kStart) {
        return;
      }
    }
  }
  throw Error(ErrorCode::kExists, page.string(), "exists and is not an HTML page");
}

}  // namespace

ReportSummary write_report(const std::filesystem::path& source, const std::filesystem::path& page,
                           const ReportOptions& options) {
  require_replaceable(page);
  const report::Data data = report::collect(source, options);
  const std::string html = page_with(report::to_json(data));
  AtomicFile file(page);
  file.file().write_at(0, bytes_of(html));
  if (options.stop.stop_requested()) {
    throw Error(ErrorCode::kCancelled, page.string(), "stopped");
  }
  file.publish(Publish::kReplace);
  return {.images = data.layers.size(),
          .entries = data.entries.size(),
          .unreadable = data.unreadable,
          .bytes = html.size()};
}

}  // namespace cim
