// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Every verb is run on a terminal with names that would clear it, color it or turn the direction of
// its text: they are shown escaped.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/hive.h"
#include "cimlib/reparse.h"

#include "cli/run_cim.h"
#include "image/sample_image.h"
#include "oci/layout_directory.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using cim::test::EntryBytes;
using cim::test::path;
using cim::test::put;
using testing::HasSubstr;

constexpr std::string_view kRightToLeft = "\xe2\x80\xae";
const std::string kName =
    "\x1b[2J\x07\xe2\x80\xae"
    "x";

// A verb, the words after it, and what its output must contain; nothing if it shows no names.
struct Case {
  std::vector<std::string> words;
  std::string shows = "\\x1b[2J";
};

class HostileNames : public testing::Test {
 protected:
  HostileNames() {
    std::filesystem::create_directory(root_);
    write_image(image_, {});
    write_image(fork_, image_);
    write_hive(hive_, "value of " + kName);
    write_hive(other_hive_, "other value of " + kName);
    make_store();
  }

  static void write_image(const std::string& image, std::optional<std::filesystem::path> base) {
    const bool is_fork = base.has_value();
    ImageWriter writer(image, {.base = std::move(base)});
    const std::string directory = "dir" + kName;
    writer.add(path(directory), cim::test::directory_metadata());
    put(writer, directory + "/" + kName, as_bytes(is_fork ? "changed" : "contents"));
    writer.add_alternate_stream(StreamPath::parse(directory + "/" + kName + ":s" + kName), 1);
    writer.write(as_bytes("x"));
    const Bytes target = ReparsePoint::pointing_to(reparse_tag::kSymlink, "to" + kName).encode();
    writer.add(path("link" + kName), {.reparse_data = target});
    writer.commit();
  }

  static void write_hive(const std::string& file, const std::string& value) {
    constexpr FileTime kTime{132'223'104'000'000'000};
    registry::HiveEditor editor("ROOT", kTime);
    editor.add_key("Key" + kName, kTime);
    editor.set_text("Key" + kName, "Value" + kName, value, kTime);
    editor.save(file);
  }

  void make_store() {
    const cim::test::LayoutDirectory layout(layout_);
    const std::string tar = EntryBytes{.name = "Files", .type = '5'}.bytes() +
                            EntryBytes{.name = "Files/" + kName, .body = "x"}.bytes() +
                            cim::test::end_marker();
    std::ofstream(tar_, std::ios::binary) << tar;
    layout.write_index({cim::test::named(layout.add_image({tar}), "name")});
    run_cim({"oci", "import", layout_ + ":name", store_});
    run_cim({"layer", "import", tar_, at("layers/7")});
  }

  std::string at(const std::string& name) const { return (root_ / name).string(); }

  std::vector<Case> cases() const {
    const std::string file = "dir" + kName + "/" + kName;
    const std::string nowhere = at("nowhere");
    return {{{"cat", image_, "no" + kName}},
            {{"check", nowhere}},
            {{"check", "--packages", image_}, ""},
            {{"cp", image_, at("copy" + kName + ".cim"), "--verbose"}},
            {{"create", at("made.cim"), root_.string()}},
            {{"create", at("made2.cim"), tar_, "--verbose"}},
            {{"diff", image_, fork_}},
            {{"export", image_, at("out.tar"), "--verbose"}},
            {{"extract", image_, at("out")}},
            {{"extract", image_, "no" + kName, at("out")}},
            {{"files", image_}},
            {{"files", "-l", image_}},
            {{"files", root_.string()}},
            {{"find", image_}},
            {{"find", root_.string(), "--hash", "md5"}},
            {{"find", "--type", "stream", image_}},
            {{"gc", root_.string()}},
            {{"help", kName}},
            {{"hive", "check", nowhere}},
            {{"hive", "diff", hive_, other_hive_}},
            {{"hive", "dump", nowhere}},
            {{"hive", "find", hive_, "*"}},
            {{"hive", "get", hive_, "Key" + kName}},
            {{"hive", "get", hive_, "no" + kName}},
            {{"hive", "ls", hive_}},
            {{"hive", "ls", hive_, "Key" + kName}, ""},
            {{"hive", "merge", nowhere, hive_, at("merged")}},
            {{"info", "--executables", image_}},
            {{"layer", "commit", nowhere, at("layers/8"), "--parent", nowhere}},
            {{"layer", "destroy", at("layers/none" + kName)}},
            {{"layer", "export", at("layers/7"), at("layer.tar")}},
            {{"layer", "import", tar_, at("layers/9")}},
            {{"layer", "path", at("layers/7")}},
            {{"layer", "usage", at("layers/7")}, ""},
            {{"ls", "-lR", image_}},
            {{"mount", nowhere, at("mnt")}},
            {{"mv", fork_, at("moved" + kName + ".cim"), "--verbose"}},
            {{"oci", "export", store_, "no" + kName, "oci:" + at("exported")}},
            {{"oci", "import", layout_ + ":no" + kName, store_}},
            {{"oci", "pull", kName, store_}},
            {{"oci", "push", store_, "no" + kName, "registry.example/x"}},
            {{"oci", "tags", kName}},
            {{"report", image_, "-o", at("page.html")}},
            {{"stat", image_, file}},
            {{"stat", image_, "link" + kName}},
            {{"store", "check", store_}},
            {{"store", "gc", store_}},
            {{"store", "inspect", store_, "name"}, ""},
            {{"store", "inspect", store_, "no" + kName}},
            {{"store", "ls", store_}, ""},
            {{"store", "ls", nowhere}},
            {{"store", "rm", store_, "no" + kName}},
            {{"store", "usage", store_}, ""},
            {{"tree", image_}},
            {{"umount", nowhere}},
            {{"cleanup", kName}, ""},
            {{"mounts"}, ""}};
  }

  cim::test::TemporaryDirectory directory_;
  std::filesystem::path root_ = directory_.path() / ("root" + kName);
  std::string image_ = at("a" + kName + ".cim");
  std::string fork_ = at("fork" + kName + ".cim");
  std::string hive_ = at("hive");
  std::string other_hive_ = at("other hive");
  std::string layout_ = at("layout");
  std::string store_ = at("store");
  std::string tar_ = at("layer");
};

// A carriage return begins a line of progress.
bool is_raw(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7F;
}

TEST_F(HostileNames, AreEscapedByEveryVerb) {
  const Terminals terminals = {.output = {.is_terminal = true}, .errors = {.is_terminal = true}};
  std::set<std::string> tried;
  for (const Case& one : cases()) {
    const std::string two_words = one.words[0] + (one.words.size() > 1 ? " " + one.words[1] : "");
    tried.insert(find_verb(two_words) != nullptr ? two_words : one.words[0]);
    const Outcome outcome = run_cim(one.words, terminals);
    const std::string all = outcome.output + outcome.errors;
    EXPECT_TRUE(std::ranges::none_of(all, is_raw)) << two_words << ": " << all;
    EXPECT_EQ(all.find(kRightToLeft), std::string::npos) << two_words << ": " << all;
    EXPECT_THAT(all, HasSubstr(one.shows)) << two_words;
  }
  for (const Verb* const verb : all_verbs()) {
    EXPECT_TRUE(tried.contains(std::string(verb->name))) << "no case for " << verb->name;
  }
}

}  // namespace
}  // namespace cim::cli::test
