// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_cim.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using cim::test::EntryBytes;
using testing::HasSubstr;
using testing::StartsWith;

class LayerExportVerb : public testing::Test {
 protected:
  LayerExportVerb() {
    std::ofstream(tar_, std::ios::binary)
        << EntryBytes{.name = "Files", .type = '5'}.bytes() +
               EntryBytes{.name = "Files/a.txt", .body = "hello"}.bytes() + cim::test::end_marker();
    EXPECT_EQ(run_cim({"-q", "layer", "import", tar_, layer_}).status, kSuccess);
  }

  static std::string read_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }

  cim::test::TemporaryDirectory directory_;
  std::string tar_ = (directory_.path() / "in.tar").string();
  std::string out_ = (directory_.path() / "out.tar").string();
  std::string layer_ = (directory_.path() / "store/base").string();
  std::string again_ = (directory_.path() / "store/again").string();
};

TEST_F(LayerExportVerb, CreatesATarThatImportsToTheSameLayer) {
  const Outcome outcome = run_cim({"layer", "export", layer_, out_});
  EXPECT_EQ(outcome.status, kSuccess) << outcome.errors;
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, StartsWith("exported 2 entries with 5 B into " + out_ + " ("));
  EXPECT_EQ(run_cim({"layer", "import", out_, again_}).status, kSuccess);
  const std::string images = (directory_.path() / "store/cim-layers/").string();
  EXPECT_EQ(
      run_cim({"diff", images + "base.cim", images + "again.cim", "--ignore", "times"}).status,
      kSuccess);
}

TEST_F(LayerExportVerb, WritesToStandardOutput) {
  EXPECT_EQ(run_cim({"layer", "export", layer_, out_}).status, kSuccess);
  EXPECT_EQ(run_cim({"layer", "export", layer_, "-"}).output, read_file(out_));
}

TEST_F(LayerExportVerb, CompressesByNameOrOption) {
  const std::string packed = out_ + ".gz";
  EXPECT_EQ(run_cim({"layer", "export", layer_, packed}).status, kSuccess);
  EXPECT_THAT(read_file(packed), StartsWith("\x1F\x8B"));
  EXPECT_THAT(run_cim({"layer", "export", layer_, "-", "--compression", "zstd"}).output,
              StartsWith("\x28\xB5\x2F\xFD"));
  EXPECT_EQ(run_cim({"layer", "export", layer_, out_ + ".zst", "--compression", "none"}).status,
            kSuccess);
  EXPECT_THAT(read_file(out_ + ".zst"), StartsWith("Pax"));
}

TEST_F(LayerExportVerb, AsJson) {
  const Outcome outcome = run_cim({"--json", "layer", "export", layer_, out_, "--digest"});
  EXPECT_EQ(outcome.status, kSuccess) << outcome.errors;
  const auto answer = nlohmann::json::parse(outcome.output);
  EXPECT_EQ(answer["entries"], 2);
  EXPECT_EQ(answer["whiteouts"], 0);
  EXPECT_EQ(answer["size"], 5);
  EXPECT_EQ(answer["file_size"], std::filesystem::file_size(out_));
  EXPECT_TRUE(answer["parent"].is_null());
  EXPECT_EQ(answer["diff_id"], answer["digest"]);
  EXPECT_EQ(outcome.errors, "");
}

TEST_F(LayerExportVerb, PrintsDigestsAndTheParent) {
  const Outcome outcome = run_cim({"layer", "export", layer_, out_, "--digest", "-p", layer_});
  EXPECT_THAT(outcome.errors, HasSubstr("exported 0 entries with 0 B into "));
  EXPECT_THAT(outcome.errors, HasSubstr(", without what is in "));
  EXPECT_THAT(outcome.errors, HasSubstr("\ndiff id sha256:"));
  EXPECT_THAT(outcome.errors, HasSubstr("\ndigest sha256:"));
}

TEST_F(LayerExportVerb, RefusesConflictingOptions) {
  EXPECT_EQ(
      run_cim({"layer", "export", layer_, out_, "--flatten", "-p", layer_}).errors,
      "cim: --parent and --flatten cannot be used together (see 'cim layer export --help')\n");
  EXPECT_EQ(run_cim({"layer", "export", layer_, "-", "--json"}).status, kUsage);
  EXPECT_EQ(run_cim({"layer", "export", layer_, "-"}, {.output = {.is_terminal = true}}).status,
            kUsage);
  EXPECT_EQ(run_cim({"layer", "export", layer_, out_, "--compression", "xz"}).status, kUsage);
}

TEST_F(LayerExportVerb, ReplacesAFileOnlyByACompleteTar) {
  std::ofstream(out_) << "an older tar";
  EXPECT_EQ(run_cim({"layer", "export", layer_ + "-absent", out_}).status, kFailure);
  EXPECT_EQ(read_file(out_), "an older tar");
  EXPECT_EQ(run_cim({"layer", "export", layer_, out_}).status, kSuccess);
  EXPECT_EQ(run_cim({"layer", "export", layer_, "-"}).output, read_file(out_));
}

TEST_F(LayerExportVerb, DoesNotReplaceADirectory) {
  const std::string directory = directory_.path().string();
  const Outcome outcome = run_cim({"layer", "export", layer_, directory});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_EQ(outcome.errors, "cim: " + directory + ": already exists\n");
}

TEST_F(LayerExportVerb, AFullDiskIsAFailureAndAClosedPipeIsNot) {
  FailingSink full(FailingSink::Fault::kFullDisk);
  EXPECT_EQ(run_cim_into(full, {"layer", "export", layer_, "-"}).status, kFailure);
  FailingSink closed(FailingSink::Fault::kBrokenPipe);
  EXPECT_EQ(run_cim_into(closed, {"layer", "export", layer_, "-"}).errors, "");
}

TEST_F(LayerExportVerb, AnInterruptionLeavesNothing) {
  StringSink output;
  StringSink errors;
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(
      run({"layer", "export", layer_, out_},
          Environment{.output = output,
                      .errors = errors,
                      .stop_on_interruption = [&](Interruption) { return source.get_token(); }}),
      kFailure);
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(LayerExportVerb, ShowsProgressOnATerminal) {
  EXPECT_THAT(
      run_cim({"layer", "export", layer_, out_}, {.errors = {.is_terminal = true, .width = 100}})
          .errors,
      StartsWith("\rexporting  ["));
}

}  // namespace
}  // namespace cim::cli::test
