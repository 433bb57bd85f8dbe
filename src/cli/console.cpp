// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/console.h"

#include <utility>

#include "cli/json_output.h"
#include "cli/text_output.h"

namespace cim::cli {
namespace {

constexpr std::size_t kBufferSize = std::size_t{64} << 10;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

// Whatever was printed comes first.
void Console::write(std::span<const std::byte> bytes) {
  flush();
  environment_.output.write(bytes);
}

void Console::print(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferSize) {
    flush();
  }
}

void Console::flush() {
  if (buffer_.empty()) {
    return;
  }
  // Cleared first, so that a failed write is not repeated.
  const std::string text = std::exchange(buffer_, {});
  environment_.output.write(bytes_of(text));
}

void Console::error(std::string_view text) {
  if (json_) {
    clear_status();
    to_errors(json_line({{"error", {{"message", text}}}}));
  } else {
    error_line("cim: ", text);
  }
}

void Console::error(const Error& failure) {
  this->failure({}, failure);
}

void Console::failure(std::string_view path, const Error& failure) {
  const std::string text = fmt::format("{}{}{}", path, path.empty() ? "" : ": ", failure.what());
  if (!json_) {
    error(std::string_view(text));
    return;
  }
  Json json = Json::object();
  if (!path.empty()) {
    json["path"] = path;
  }
  json["code"] = to_string(failure.code());
  json["subject"] = failure.subject();
  if (failure.offset()) {
    json["offset"] = *failure.offset();
  }
  json["reason"] = failure.reason();
  json["message"] = text;
  clear_status();
  to_errors(json_line({{"error", std::move(json)}}));
}

void Console::error(const UsageError& usage) {
  const std::string help =
      usage.topic.empty() ? "cim --help" : fmt::format("cim {} --help", usage.topic);
  if (!json_) {
    error(fmt::format("{} (see '{}')", usage.text, help));
    return;
  }
  clear_status();
  to_errors(json_line(
      {{"error",
        {{"code", "usage"}, {"reason", usage.text}, {"message", usage.text}, {"help", help}}}}));
}

void Console::warn(std::string_view text) {
  if (json_) {
    warnings_.emplace_back(text);
  }
  if (verbosity_ != Verbosity::kQuiet) {
    error_line("cim: warning: ", text);
  }
}

void Console::inform(std::string_view text) {
  if (verbosity_ != Verbosity::kQuiet) {
    error_line("", text);
  }
}

void Console::explain(std::string_view text) {
  if (verbosity_ == Verbosity::kVerbose) {
    error_line("", text);
  }
}

void Console::show_status(std::string_view line) {
  if (!shows_status()) {
    return;
  }
  const std::size_t columns = columns_of(line);
  // The line is overwritten from its start; what remains of a longer one is cleared with spaces,
  // which works on every terminal.
  std::string text = "\r";
  text += line;
  if (columns < status_columns_) {
    text.append(status_columns_ - columns, ' ');
  }
  status_columns_ = columns;
  to_errors(text);
}

void Console::clear_status() {
  if (status_columns_ == 0) {
    return;
  }
  to_errors("\r" + std::string(status_columns_, ' ') + "\r");
  status_columns_ = 0;
}

void Console::error_line(std::string_view prefix, std::string_view text) {
  clear_status();
  to_errors(std::string(prefix) + escape_controls(text) + "\n");
}

// A message that cannot be written must not hide the failure that it is about.
void Console::to_errors(std::string_view text) {
  try {
    environment_.errors.write(bytes_of(text));
  } catch (...) {  // NOLINT(bugprone-empty-catch): the failure cannot be reported
  }
}

}  // namespace cim::cli
