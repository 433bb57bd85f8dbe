// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Every verb that reads an image is run on every damaged image: it succeeds or fails with one of
// its documented exit statuses.

#include "image/damage.h"

#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "cli/run_cim.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using cim::test::Damage;
using cim::test::Specimen;
using cim::test::TemporaryDirectory;

const std::vector<std::string> kCommands[] = {
    {"info", "--executables", "IMAGE"},
    {"ls", "-l", "-R", "IMAGE"},
    {"tree", "IMAGE"},
    {"stat", "--json", "IMAGE", "Files/small.txt"},
    {"cat", "IMAGE", "Files/program.exe"},
    {"cat", "IMAGE", "Files/small.txt:big"},
    {"extract", "IMAGE", "DEST"},
    {"check", "IMAGE"},
    {"check", "--deep", "--json", "IMAGE"},
    {"diff", "IMAGE", "IMAGE"},
    {"files", "-l", "IMAGE"},
    {"gc", "--dry-run", "DIR"},
};

// Replaces the placeholders for paths.
std::vector<std::string> words_of(std::vector<std::string> command,
                                  const std::filesystem::path& directory, std::string_view image) {
  for (std::string& word : command) {
    if (word == "IMAGE") {
      word = (directory / image).string();
    } else if (word == "DIR") {
      word = directory.string();
    } else if (word == "DEST") {
      word = (directory / "extracted").string();
    }
  }
  return command;
}

void expect_answers(std::span<const Damage> damages) {
  const Specimen sound;
  for (const Damage& damage : damages) {
    const TemporaryDirectory directory;
    Specimen specimen = sound;
    damage.apply(specimen);
    specimen.write(directory.path());
    for (const std::vector<std::string>& command : kCommands) {
      const Outcome outcome = run_cim(words_of(command, directory.path(), damage.image));
      EXPECT_LE(outcome.status, 2) << damage.name << ", " << command.front();
      EXPECT_EQ(outcome.errors.find("unexpected error: "), std::string::npos)
          << damage.name << ", " << command.front() << ": " << outcome.errors;
    }
  }
}

TEST(EveryVerb, ReadsOrRefusesDamagedHeaders) {
  expect_answers(cim::test::header_damages());
}
TEST(EveryVerb, ReadsOrRefusesDamagedMetadata) {
  expect_answers(cim::test::metadata_damages());
}
TEST(EveryVerb, ReadsOrRefusesDamagedNames) {
  expect_answers(cim::test::name_damages());
}
TEST(EveryVerb, ReadsOrRefusesDamagedObjects) {
  expect_answers(cim::test::object_damages());
}

}  // namespace
}  // namespace cim::cli::test
