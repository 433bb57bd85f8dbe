// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Gives boot_store_tools.py access to library functions that no verb of cim calls:
//   boot_store empty HIVE                          writes an empty hive
//   boot_store edit STORE DISK PARTITION IMAGE     makes the edits for booting from a CIM
// The second prints its report, one word and its value per line.

#include <iostream>
#include <span>
#include <string_view>
#include <vector>

#include "cimlib/bcd.h"
#include "cimlib/error.h"
#include "cimlib/hive.h"

namespace {

int edit(std::span<const std::string_view> arguments) {
  const auto disk = cim::Guid::parse(arguments[2]);
  const auto partition = cim::Guid::parse(arguments[3]);
  cim::bcd::CimBootOptions options;
  options.scratch = {disk.value_or(cim::Guid{}), partition.value_or(cim::Guid{})};
  options.cim = arguments[4];
  options.unverified = cim::bcd::Unverified::kAccept;
  const auto report = cim::bcd::edit_for_cim_boot(arguments[1], options);
  std::cout << "entry " << report.entry << "\nvmbus " << to_string(report.vmbus) << '\n';
  for (const std::string& element : report.kept_elements) {
    std::cout << "kept " << element << '\n';
  }
  for (const cim::bcd::OpenQuestion& fact : report.unverified) {
    std::cout << "unverified " << fact.id << '\n';
  }
  return 0;
}

int run(std::span<const std::string_view> arguments) {
  if (arguments.size() == 2 && arguments[0] == "empty") {
    cim::registry::HiveEditor().save(arguments[1]);
    return 0;
  }
  if (arguments.size() == 5 && arguments[0] == "edit") {
    return edit(arguments);
  }
  std::cerr << "usage: boot_store empty HIVE | edit STORE DISK PARTITION IMAGE\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  try {
    return run(arguments);
  } catch (const cim::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
