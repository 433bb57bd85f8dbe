// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the verbs that import or push container images: names of images, progress, reports.

#include <optional>
#include <string>
#include <string_view>

#include "cimlib/oci.h"

#include "cli/console.h"
#include "cli/image_writing.h"
#include "cli/progress_bar.h"
#include "cli/verb.h"

namespace cim::cli {

/// An image in a file or directory, as [FORM:]PATH[:REF][@DIGEST] names it.
struct SourceName {
  oci::ImageForm form = oci::ImageForm::kLayout;
  std::string path;
  std::string reference;
  std::string digest;
};

/// The name of an image can contain colons, and so can that of a directory; the part that exists
/// decides.
SourceName parse_source_name(const std::string& text);

/// Returns the source to read; the path "-" is standard input. Throws UsageError for a directory
/// there.
oci::ImageSource image_source(const SourceName& file);

/// Throws UsageError.
oci::Platform parse_platform(const std::string& text);

/// The options of all verbs that import images into a store.
struct ImageImportOptions {
  std::optional<std::string> platform;
  std::optional<std::string> name;
  bool no_keep_tar = false;
  std::optional<std::string> prefer;
  WritingOptions writing;
  std::optional<std::string> made_times;
  ImportLimitOptions limits;
};

/// Adds the options; `name_help` is the help of --name and has static storage duration.
void image_import_options(Parameters& parameters, std::string_view name_help,
                          ImageImportOptions& options);

/// Throws UsageError.
void apply(const ImageImportOptions& options, oci::ImportOptions& how);

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
