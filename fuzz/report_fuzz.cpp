// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is damage to an image (damaged_image.h). The page of a report on it, if one is written,
// must contain JSON that nothing in the image can end before its end.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/report.h"

#include "damaged_image.h"

namespace {

void examine(std::string_view page) {
  constexpr std::string_view kStart = "id=\"data\">";
  const std::size_t start = page.find(kStart);
  if (start == page.npos) {
    std::abort();
  }
  const std::string_view rest = page.substr(start + kStart.size());
  const std::string_view json = rest.substr(0, rest.find('<'));
  if (!rest.substr(json.size()).starts_with("</script>") || !nlohmann::json::accept(json)) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static cim::fuzz::DamagedImage image(cim::fuzz::Damages::kWhatIsRead);
  const auto damaged = image.damage({data, size});
  const auto page = damaged.parent_path() / "page.html";
  try {
    cim::write_report(damaged, page);
  } catch (const cim::Error&) {
    return 0;  // the image cannot be opened
  }
  examine(cim::as_text(cim::read_whole_file(page, 1U << 24)));
  return 0;
}
