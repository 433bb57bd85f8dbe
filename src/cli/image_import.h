// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the verbs that import or push container images: names of images, progress, reports.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/oci.h"

#include "cli/console.h"
#include "cli/progress_bar.h"

namespace cim::cli {

/// An image in a layout, as OCI_DIR[:REF][@DIGEST] names it.
struct LayoutName {
  std::filesystem::path directory;
  std::string reference;
  std::string digest;
};

/// The name of an image can contain colons, and so can that of a directory; the part that is a
/// directory decides.
LayoutName parse_layout_name(const std::string& text);

/// Throws UsageError.
oci::Platform parse_platform(const std::string& text);

/// Returns the first digits of a digest, as other tools show it.
std::string short_id(std::string_view digest);

/// Shows each step of each layer with its own progress bar.
class ImportSteps {
 public:
  explicit ImportSteps(Console& console) : console_(console) {}

  /// Makes an import report to this object, which must outlive it.
  void show(oci::ImportOptions& options);

  void begin(std::string_view doing, const oci::LayerDescription& layer, std::size_t place);
  void update(const Progress& progress);
  void end() { bar_.reset(); }

 private:
  Console& console_;
  std::optional<ProgressBar> bar_;
};

/// Prints the result of an import, as text or JSON.
void report_import(const oci::ImportResult& result, Console& console);

}  // namespace cim::cli
