// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Gathers what a report shows.

#include <filesystem>

#include "cimlib/report.h"

#include "report/report_data.h"

namespace cim::report {

/// Throws as write_report().
Data collect(const std::filesystem::path& source, const ReportOptions& options);

}  // namespace cim::report
