// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/report.h"

#include <fstream>
#include <map>
#include <span>
#include <sstream>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/image_summary.h"
#include "cimlib/image_writer.h"

#include "expect_error.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

class WriteReportTest : public testing::Test {
 protected:
  WriteReportTest() {
    ImageWriter base(image("base.cim"));
    base.add(ImagePath::parse("Files"), {.attributes = attribute::kDirectory});
    add(base, "Files/kept", "the same bytes");
    add(base, "Files/replaced", "old");
    add(base, "Files/hidden", "hidden bytes");
    add(base, "Files/<script>window.hacked=1", "x");
    base.add_link(ImagePath::parse("Files/second"), ImagePath::parse("Files/kept"));
    base.commit();
    ImageWriter top(image("top.cim"), {.base = image("base.cim")});
    add(top, "Files/replaced", "new bytes");
    add(top, "Files/copy", "the same bytes");
    top.remove(ImagePath::parse("Files/hidden"));
    top.commit();
  }

  static void add(ImageWriter& writer, std::string_view path, std::string_view data) {
    writer.add(ImagePath::parse(path), {}, ByteSource::memory(std::as_bytes(std::span(data))));
  }
  std::filesystem::path image(std::string_view name) const { return directory_.path() / name; }
  std::filesystem::path page() const { return directory_.path() / "page.html"; }

  std::string text() const {
    std::ifstream file(page(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  nlohmann::json data() const {
    const std::string html = text();
    const std::string start = "id=\"data\">";
    const std::size_t begin = html.find(start) + start.size();
    return nlohmann::json::parse(html.substr(begin, html.find("</script>", begin) - begin));
  }

  TemporaryDirectory directory_;
};

using Names = std::map<std::string, int>;

Names changes_of(const nlohmann::json& data, int layer) {
  Names changes;
  const auto& entries = data["entries"];
  for (std::size_t i = 0; i < entries["name"].size(); ++i) {
    if (entries["layer"][i] == layer) {
      changes[entries["name"][i]] = entries["change"][i];
    }
  }
  return changes;
}

TEST_F(WriteReportTest, DescribesAnImageAndItsParents) {
  const ReportSummary summary = write_report(image("top.cim"), page());
  EXPECT_EQ(summary.images, 2U);
  EXPECT_EQ(summary.unreadable, 0U);
  EXPECT_EQ(summary.bytes, std::filesystem::file_size(page()));
  const auto json = data();
  EXPECT_EQ(summary.entries, json["entries"]["name"].size());
  EXPECT_EQ(json["layers"][0]["image"], "base.cim");
  EXPECT_EQ(json["layers"][1]["parent"], 0);
  EXPECT_EQ(changes_of(json, 1), (Names{{"copy", 0}, {"replaced", 1}, {"hidden", 2}}));
  const ImageSummary figures = summarize(Image(image("top.cim")));
  EXPECT_EQ(json["layers"][1]["summary"]["data_bytes"], figures.data_bytes);
  EXPECT_EQ(json["layers"][1]["summary"]["deduplicated_bytes"], figures.deduplicated_bytes);
}

TEST_F(WriteReportTest, CostsOfALayerAreWhatItStores) {
  write_report(image("top.cim"), page());
  const auto json = data();
  std::uint64_t cost = 0;
  for (std::size_t i = 0; i < json["entries"]["cost"].size(); ++i) {
    if (json["entries"]["layer"][i] == 1) {
      cost += json["entries"]["cost"][i].get<std::uint64_t>();
    }
  }
  EXPECT_EQ(cost, 9U);  // the copy shares the parent's bytes
}

TEST_F(WriteReportTest, DescribesADirectoryOfImages) {
  EXPECT_EQ(write_report(directory_.path(), page()).images, 2U);
  const auto json = data();
  EXPECT_EQ(json["store"], 1);
  for (const auto& file : json["files"]) {
    EXPECT_FALSE(file["users"].empty());
  }
}

TEST_F(WriteReportTest, NamesDoNotBecomeMarkup) {
  write_report(image("top.cim"), page());
  EXPECT_EQ(text().find("<script>window.hacked"), std::string::npos);
}

TEST_F(WriteReportTest, ReplacesPagesOnly) {
  write_report(image("base.cim"), page());
  write_report(image("top.cim"), page());
  expect_error(ErrorCode::kExists, "not an HTML page",
               [&] { write_report(image("top.cim"), image("base.cim")); });
  EXPECT_NO_THROW(Image(image("base.cim")));
}

TEST_F(WriteReportTest, LeavesNothingAfterAFailure) {
  expect_error(ErrorCode::kNotFound, "none.cim", [&] { write_report(image("none.cim"), page()); });
  std::stop_source stop;
  stop.request_stop();
  expect_error(ErrorCode::kCancelled, "",
               [&] { write_report(image("top.cim"), page(), {.stop = stop.get_token()}); });
  EXPECT_FALSE(std::filesystem::exists(page()));
}

TEST_F(WriteReportTest, DescribesWhatCanBeReadOfADamagedStore) {
  std::filesystem::path metadata;
  {
    const Image top(image("top.cim"));
    const std::string own = top.region_sets().back().guid.to_string();
    for (const Region& region : top.regions()) {
      if (region.type == RegionType::kMetadata &&
          region.path.string().find(own) != std::string::npos) {
        metadata = region.path;
      }
    }
  }
  std::filesystem::resize_file(metadata, 100);
  std::vector<std::string> warnings;
  const ReportSummary summary = write_report(
      directory_.path(), page(), {.warning = [&](const std::string& w) { warnings.push_back(w); }});
  EXPECT_GT(summary.unreadable, 0U);
  EXPECT_FALSE(warnings.empty());
  EXPECT_EQ(changes_of(data(), 0).size(), 7U);
}

}  // namespace
}  // namespace cim::test
