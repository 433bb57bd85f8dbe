// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The data of a report as the page's JSON.

#include <string>

#include "report/report_data.h"

namespace cim::report {

std::string to_json(const Data& data);

}  // namespace cim::report
