// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Writers that are killed at any point, and disks that fail or are full at any call. Afterwards a
// directory has the old image or the new one, gc finds exactly the leftover files, and the next
// writer works.
//
// CIMLIB_CRASH_KILLS is the number of writers killed at a random moment (10). CIMLIB_CRASH_STRIDE
// selects the calls that fail: every n-th (31); 1 means every call.

#include <array>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cimlib/check.h"
#include "cimlib/error.h"
#include "cimlib/gc.h"
#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "image/faulty_system.h"
#include "image/sample_image.h"
#include "os/crypto.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::Fault;
using test::FaultKind;
using test::path;
using test::put;

unsigned from_environment(const char* name, unsigned otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

// Returns everything that can be read from an image.
std::string fingerprint(const std::filesystem::path& file) {
  const Image image(file);
  Sha256 hash;
  const auto add_stream = [&hash](const Stream& stream) {
    Bytes bytes(static_cast<std::size_t>(stream.size()));
    stream.read(0, bytes);
    hash.update(bytes);
  };
  image.walk({}, [&](const WalkEntry& entry) {
    const FileInfo& info = entry.info;
    hash.update(as_bytes(fmt::format("{} {} {} {} {}\n", entry.path.to_string(), info.id,
                                     info.attributes, info.size, info.times.last_write.ticks)));
    hash.update(image.security_descriptor(info.id));
    if (!info.is_directory()) {
      add_stream(image.open(info.id));
    }
    for (const StreamInfo& stream : image.streams(info.id)) {
      add_stream(image.open_stream(info.id, stream.name).value());
    }
    return true;
  });
  return to_hex(hash.finish());
}

struct Scenario {
  std::string_view name;
  std::string_view image;
  WriterOptions options;
  bool has_base = false;
};

constexpr FileTime kNow = {132'000'000'000'000'000};

const std::array<Scenario, 5>& scenarios() {
  static const std::array<Scenario, 5> all = {{
      {"from scratch", "new.cim", {.now = kNow}},
      {"a fork", "fork.cim", {.now = kNow}, true},
      {"in place", "base.cim", {.now = kNow}, true},
      {"reproducible, from scratch", "new.cim", {.reproducible = true}},
      {"reproducible, in place", "base.cim", {.reproducible = true}, true},
  }};
  return all;
}

// Large enough that regions are also written before the end.
constexpr std::size_t kLarge = 5U << 18;

void fill(ImageWriter& writer, unsigned seed) {
  writer.add(path("dir"), test::directory_metadata());
  put(writer, "dir/large", test::pattern(kLarge, seed));
  put(writer, "dir/same", test::pattern(kLarge, seed));  // a duplicate: written and then removed
                                                         // again
  for (unsigned i = 0; i < 40; ++i) {
    put(writer, fmt::format("dir/{}", i), test::pattern(100 * i, seed + i));
  }
  writer.add_alternate_stream({path("dir/1"), u"stream"}, 0);
  writer.add_link(path("link"), path("dir/2"));
  writer.remove(path("dir/3"));
}

class Crash : public testing::Test {
 protected:
  Crash() {
    make("other.cim", {.now = kNow}, 1);
    make("base.cim", {.now = kNow}, 2);
    for (const char* const name : {"other.cim", "base.cim"}) {
      old_.emplace(name, fingerprint(original_.path() / name));
    }
  }

  void make(const std::string& name, const WriterOptions& options, unsigned seed) {
    ImageWriter writer(original_.path() / name, options);
    fill(writer, seed);
    writer.commit();
  }

  // Starts with a fresh directory. Existing files are never written to, so hard links suffice.
  void start_anew() {
    directory_.emplace();
    for (const auto& file : std::filesystem::directory_iterator(original_.path())) {
      std::filesystem::create_hard_link(file, directory_->path() / file.path().filename());
    }
  }

  static void write(const Scenario& scenario, const std::filesystem::path& directory) {
    WriterOptions options = scenario.options;
    if (scenario.has_base) {
      options.base = directory / "base.cim";
    }
    ImageWriter writer(directory / scenario.image, options);
    fill(writer, 3);
    writer.commit();
  }

  struct Counts {
    std::uint64_t calls = 0;
    std::uint64_t bytes = 0;
  };

  // Runs the scenario in a process of its own, which is killed after `life` if that is given.
  // Returns its exit status, nullopt if it was killed.
  std::optional<int> run(const Scenario& scenario, Fault fault, Counts* counts = nullptr,
                         std::optional<std::chrono::microseconds> life = {}) {
    const std::filesystem::path directory = directory_->path();
    void* const shared =
        ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const pid_t child = ::fork();
    if (child == 0) {
      int status = 0;
      test::arm(fault);
      try {
        write(scenario, directory);
      } catch (const Error&) {
        status = 1;
      }
      *static_cast<Counts*>(shared) = {test::changing_calls(), test::bytes_written()};
      ::_exit(status);
    }
    if (life) {
      std::this_thread::sleep_for(*life);
      ::kill(child, SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (counts != nullptr) {
      *counts = *static_cast<const Counts*>(shared);
    }
    ::munmap(shared, sizeof(Counts));
    return WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
  }

  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_->path())) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  std::set<std::string> needed_files() const {
    std::set<std::string> names;
    for (const std::string& name : files()) {
      if (name.ends_with(".cim")) {
        for (const ImageFile& file : image_files(directory_->path() / name)) {
          names.insert(file.path.filename().string());
        }
      }
    }
    return names;
  }

  // Expects the image that was written to be the old one, the new one, or completely absent.
  void expect_old_or_new(const Scenario& scenario, std::optional<int> status,
                         const std::string& expected) {
    for (const auto& [name, before] : old_) {
      if (name != scenario.image) {
        EXPECT_EQ(fingerprint(directory_->path() / name), before);
      }
    }
    const auto image = directory_->path() / scenario.image;
    const bool is_there = std::filesystem::exists(image);
    const std::string now = is_there ? fingerprint(image) : "";
    const auto before = old_.find(std::string(scenario.image));
    EXPECT_TRUE(now == expected || (before == old_.end() ? !is_there : now == before->second));
    if (status == 0) {
      EXPECT_EQ(now, expected);
    }
  }

  void expect_sound(const std::filesystem::path& image) {
    const CheckReport report = check(image, {.depth = CheckDepth::kDeep});
    for (const Finding& finding : report.findings) {
      EXPECT_EQ(finding.kind->severity, Severity::kNote) << to_string(finding);
    }
  }

  void expect_good_end(const Scenario& scenario, std::optional<int> status,
                       const std::string& expected) {
    expect_old_or_new(scenario, status, expected);
    for (const std::string& name : files()) {
      if (name.ends_with(".cim")) {
        expect_sound(directory_->path() / name);
      }
    }
    // The process was not killed, so the writer itself removed all of its files. Only those of a
    // reproducible image may already belong to another image when a call fails.
    if (status && !scenario.options.reproducible) {
      EXPECT_EQ(files(), needed_files());
    }
    collect_garbage(directory_->path());
    EXPECT_EQ(files(), needed_files());
    ImageWriter next(directory_->path() / "next.cim", {.base = directory_->path() / "base.cim"});
    fill(next, 4);
    next.commit();
    expect_sound(directory_->path() / "next.cim");
  }

  // Returns the result of a run without faults, and its number of calls and bytes.
  std::pair<std::string, Counts> undisturbed(const Scenario& scenario) {
    start_anew();
    Counts counts;
    EXPECT_EQ(run(scenario, {}, &counts), 0);
    return {fingerprint(directory_->path() / scenario.image), counts};
  }

  test::TemporaryDirectory original_;
  std::map<std::string, std::string> old_;
  std::optional<test::TemporaryDirectory> directory_;
};

TEST_F(Crash, AtAnyCallLeavesTheOldImageOrTheNew) {
  const unsigned stride = from_environment("CIMLIB_CRASH_STRIDE", 31);
  std::uint64_t runs = 0;
  for (const Scenario& scenario : scenarios()) {
    const auto [expected, counts] = undisturbed(scenario);
    EXPECT_GT(counts.calls, 25U);
    std::uint64_t place = 1;
    for (const FaultKind kind : {FaultKind::kIoError, FaultKind::kNoSpace, FaultKind::kKillBefore,
                                 FaultKind::kKillWithin, FaultKind::kKillAfter}) {
      for (; place <= counts.calls && !HasFailure(); place += stride, ++runs) {
        SCOPED_TRACE(fmt::format("{}, fault {} at call {} of {}", scenario.name,
                                 static_cast<int>(kind), place, counts.calls));
        start_anew();
        const auto status = run(scenario, {kind, place});
        const bool dies = kind != FaultKind::kIoError && kind != FaultKind::kNoSpace;
        EXPECT_EQ(status.has_value(), !dies);
        expect_good_end(scenario, status, expected);
      }
      place -= counts.calls;  // the next kind continues where this one ended
    }
  }
  RecordProperty("runs", static_cast<int>(runs));
  fmt::print("{} runs with a fault at a call\n", runs);
}

// The kernel reports only once that a write failed, to whichever call asks first: each of them must
// be checked.
TEST_F(Crash, NoFailedCallEndsInSuccess) {
  const Scenario& scenario = scenarios()[1];
  const auto [expected, counts] = undisturbed(scenario);
  for (std::uint64_t place = 1; place <= counts.calls; ++place) {
    start_anew();
    EXPECT_EQ(run(scenario, {FaultKind::kIoError, place}), 1) << place << " of " << counts.calls;
  }
}

TEST_F(Crash, OnAFullDiskLeavesTheOldImage) {
  const unsigned steps = 62 / from_environment("CIMLIB_CRASH_STRIDE", 31);
  for (const Scenario& scenario : scenarios()) {
    const auto [expected, counts] = undisturbed(scenario);
    for (unsigned step = 0; step <= steps && !HasFailure(); ++step) {
      const std::uint64_t room = counts.bytes * step / (steps + 1);
      SCOPED_TRACE(fmt::format("{}, room for {} of {} bytes", scenario.name, room, counts.bytes));
      start_anew();
      const auto status = run(scenario, {FaultKind::kDiskFull, room});
      EXPECT_EQ(status, 1);
      EXPECT_EQ(files().size(), 14U);
      expect_good_end(scenario, status, expected);
    }
  }
}

TEST_F(Crash, AtAnyMomentLeavesTheOldImageOrTheNew) {
  const unsigned kills = from_environment("CIMLIB_CRASH_KILLS", 10);
  std::minstd_rand random(1);
  unsigned killed = 0;
  unsigned committed = 0;
  while (killed < kills && !HasFailure()) {
    for (const Scenario& scenario : scenarios()) {
      start_anew();
      const auto begin = std::chrono::steady_clock::now();
      ASSERT_EQ(run(scenario, {}), 0);
      const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::steady_clock::now() - begin);
      const std::string expected = fingerprint(directory_->path() / scenario.image);
      for (unsigned i = 0; i < 1 + kills / 50 && !HasFailure(); ++i) {
        const auto life = std::chrono::microseconds(
            random() % static_cast<std::uint64_t>(whole.count() * 5 / 4 + 1));
        SCOPED_TRACE(fmt::format("{}, killed after {} us", scenario.name, life.count()));
        start_anew();
        const auto status = run(scenario, {}, nullptr, life);
        killed += status ? 0U : 1U;
        expect_good_end(scenario, status, expected);
        const auto image = directory_->path() / scenario.image;
        const bool is_new = std::filesystem::exists(image) && fingerprint(image) == expected;
        committed += !status && is_new ? 1U : 0U;
      }
    }
  }
  fmt::print("{} writers killed, {} of them when the image was there\n", killed, committed);
}

// A really full disk, where mounting is allowed.
TEST_F(Crash, OnARealFullDiskLeavesTheOldImage) {
  const test::TemporaryDirectory mount_point;
  if (::mount("tmpfs", mount_point.path().c_str(), "tmpfs", 0, "size=6m") != 0) {
    GTEST_SKIP() << "no tmpfs can be mounted here";
  }
  for (const Scenario& scenario : {scenarios()[0], scenarios()[3]}) {
    const pid_t child = ::fork();
    if (child == 0) {
      int status = 0;
      try {
        const Bytes filler = test::pattern(3U << 20, 9);
        ImageWriter writer(mount_point.path() / scenario.image, scenario.options);
        put(writer, "first", filler);
        put(writer, "second", test::pattern(5U << 20, 10));
        writer.commit();
      } catch (const Error& error) {
        status = error.code() == ErrorCode::kNoSpace ? 2 : 1;
      }
      ::_exit(status);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 2);
    EXPECT_TRUE(std::filesystem::is_empty(mount_point.path()));
  }
  ::umount(mount_point.path().c_str());
}

}  // namespace
}  // namespace cim
