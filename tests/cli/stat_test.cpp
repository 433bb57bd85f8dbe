// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cimlib/security_descriptor.h"

#include "cli/run_cim.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class StatVerb : public testing::Test {
 protected:
  StatVerb() { cim::test::write_sample_image(image_); }

  json answer(const std::string& path) const {
    return json::parse(run_cim({"stat", "--json", image_, path}).output);
  }

  cim::test::TemporaryDirectory directory_;
  std::string image_ = (directory_.path() / "sample.cim").string();
};

TEST_F(StatVerb, ShowsAFile) {
  const Outcome outcome = run_cim({"stat", image_, "Files/small.txt"});
  EXPECT_EQ(outcome.status, kSuccess);
  EXPECT_THAT(outcome.output, HasSubstr("path        Files/small.txt\ntype        file\n"));
  EXPECT_THAT(outcome.output, HasSubstr("\nattributes  readonly|hidden\n"));
  EXPECT_THAT(outcome.output, HasSubstr("\nsize        5 B, stored as data\n"));
  EXPECT_THAT(outcome.output, HasSubstr("\ncreated     1601-01-01T00:00:00.0000001Z\n"
                                        "written     1601-01-01T00:00:00.0000002Z\n"
                                        "changed     1601-01-01T00:00:00.0000003Z\n"
                                        "accessed    1601-01-01T00:00:00.0000004Z\n"));
  EXPECT_THAT(outcome.output, HasSubstr("\nstream      Zone.Identifier, 3 B, stored as data\n"));
}

TEST_F(StatVerb, ShowsTheRootByDefault) {
  EXPECT_THAT(run_cim({"stat", image_}).output,
              HasSubstr("path        /\ntype        directory\n"));
}

TEST_F(StatVerb, ShowsDescriptorsStreamsAndAttributes) {
  const json small = answer("Files/small.txt");
  EXPECT_EQ(small["security"]["hex"], "0100048000000000000000000000000000000000");
  EXPECT_EQ(small["streams"][0]["name"], "big");
  EXPECT_EQ(small["streams"][0]["size"], 4096);
  const json eas = answer("Files/eas");
  EXPECT_EQ(eas["extended_attributes"],
            json::parse(R"([{"name": "A", "needed": false, "hex": "78797a"}])"));
}

TEST_F(StatVerb, ShowsTheTargetOfALink) {
  const json link = answer("Files/symlink");
  EXPECT_EQ(link["target"], "\\b");
  EXPECT_EQ(link["reparse_tag"], 0xA000000C);
  EXPECT_THAT(std::string(link["reparse_data"]), testing::StartsWith("0c0000a0"));
  EXPECT_THAT(run_cim({"stat", image_, "Files/symlink"}).output,
              HasSubstr("\nreparse     0xa000000c -> \\b\n"));
}

TEST_F(StatVerb, ShowsAllNamesOnRequest) {
  const Outcome outcome = run_cim({"stat", "--links", "--json", image_, "Files/link.txt"});
  EXPECT_EQ(json::parse(outcome.output)["links"],
            json::parse(R"(["Files/link.txt", "Files/small.txt"])"));
  EXPECT_FALSE(answer("Files/link.txt").contains("links"));
}

TEST_F(StatVerb, ShowsDescriptorsAsSddlIfPossible) {
  const std::string image = (directory_.path() / "secured.cim").string();
  const auto descriptor = SecurityDescriptor::from_sddl("O:BAG:SYD:(A;;FA;;;BA)").encode();
  const Bytes broken = {std::byte{1}, std::byte{2}};
  ImageWriter writer(image);
  writer.add(ImagePath::parse("good"), {.security_descriptor = descriptor});
  writer.add(ImagePath::parse("broken"), {.security_descriptor = broken});
  writer.commit();
  EXPECT_THAT(run_cim({"stat", image, "good"}).output,
              HasSubstr("\nsecurity    O:BAG:SYD:(A;;FA;;;BA)\n"));
  EXPECT_THAT(run_cim({"stat", image, "broken"}).output, HasSubstr("\nsecurity    0102\n"));
  const json answer = json::parse(run_cim({"stat", "--json", image, "broken"}).output);
  EXPECT_EQ(answer["security"]["sddl"], nullptr);
}

}  // namespace
}  // namespace cim::cli::test
