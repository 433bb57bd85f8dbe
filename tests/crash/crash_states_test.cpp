// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Simulates power failures while a writer is at work: the disk may then have done the requests
// since the last flush in any order. Each such state is mounted, so that the file system recovers,
// and must show either the old content or the writer's, complete; once the writer has returned, the
// writer's. gc removes the rest, and the next writer works.
//
// CIMLIB_CRASH_STATES is the number of states examined in all (300). Needs root, loop devices and
// FUSE; file systems that the machine doesn't have are skipped.

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cimlib/check.h"
#include "cimlib/error.h"
#include "cimlib/gc.h"
#include "cimlib/image.h"
#include "cimlib/image_writer.h"
#include "cimlib/layer.h"

#include "crash/disk.h"
#include "crash/logging_disk.h"
#include "image/sample_image.h"
#include "layer/sample_hives.h"
#include "os/crypto.h"
#include "tar/tar_builder.h"

namespace cim {
namespace {

namespace fs = std::filesystem;
using test::DiskRequest;
using test::EntryBytes;
using test::LoopMount;
using test::MemoryDisk;
using test::path;
using test::put;

constexpr FileTime kNow = {132'000'000'000'000'000};

struct FileSystem {
  std::string type;
  std::uint64_t size;
  std::string make;  ///< the command, without the file
};

const FileSystem kFileSystems[] = {
    {"ext4", 32U << 20, "mkfs.ext4 -q -F -J size=4 -E lazy_itable_init=0"},
    {"xfs", 300U << 20, "mkfs.xfs -q -f"},
    {"btrfs", 128U << 20, "mkfs.btrfs -q -f -m single"},
};

// ---- what is written ----

std::string hives(bool layered) {
  std::string entries;
  for (const char* const name : {"SYSTEM", "SOFTWARE", "SAM", "SECURITY", "DEFAULT"}) {
    entries += layered ? EntryBytes{.name = fmt::format("Hives/{}_Delta", name),
                                    .body = test::delta_hive({{u"b", u"2"}})}
                             .bytes()
                       : EntryBytes{.name = fmt::format("Files/Windows/System32/config/{}", name),
                                    .body = test::base_hive({{u"CurrentBuild", u"20348"}})}
                             .bytes();
  }
  return entries;
}

std::string directory(const char* name) {
  return EntryBytes{.name = name, .type = '5'}.bytes();
}

std::string base_tar() {
  return directory("Files") + directory("Files/Windows") + directory("Files/Windows/System32") +
         directory("Files/Windows/System32/config") +
         EntryBytes{.name = "Files/gone", .body = "gone"}.bytes() + hives(false) +
         test::end_marker();
}

std::string layer_tar() {
  return directory("Files") + EntryBytes{.name = "Files/.wh.gone"}.bytes() +
         EntryBytes{.name = "Files/large", .body = std::string(300'000, 'l')}.bytes() +
         EntryBytes{.name = "Files/new", .body = "new"}.bytes() + directory("Hives") + hives(true) +
         test::end_marker();
}

void write_image(const fs::path& image, const std::optional<fs::path>& base, unsigned seed) {
  ImageWriter writer(image, {.base = base, .now = kNow});
  writer.add(path("dir"), test::directory_metadata());
  put(writer, "dir/large", test::pattern(200'000, seed));
  for (unsigned i = 0; i < 10; ++i) {
    put(writer, fmt::format("dir/{}", i), test::pattern(500 * i, seed + i));
  }
  writer.add_link(path("link"), path("dir/2"));
  writer.commit();
}

void import(const fs::path& root, const std::string& name, const std::string& tar,
            const std::vector<layer::LayerPaths>& parents) {
  const test::TemporaryDirectory elsewhere;
  std::ofstream(elsewhere.path() / "tar", std::ios::binary) << tar;
  layer::import_tar(elsewhere.path() / "tar", root / "store" / name, parents,
                    {.writer = {.now = kNow}});
}

// Prepares the state that every operation starts from.
void prepare(const fs::path& root) {
  fs::create_directory(root / "images");
  write_image(root / "images/old.cim", {}, 1);
  write_image(root / "images/other.cim", {}, 2);
  // As a killed writer leaves it.
  std::ofstream(root / "images/region_01020304-0506-0708-090a-0b0c0d0e0f10_0")
      << std::string(100'000, '\0');
  import(root, "base", base_tar(), {});
  import(root, "child", layer_tar(), {root / "store/base"});
}

struct Operation {
  std::string_view name;
  void (*run)(const fs::path& root);
  bool is_durable = true;  ///< nothing of it may be lost after the return
};

const Operation kOperations[] = {
    {"new image", [](const fs::path& root) { write_image(root / "images/new.cim", {}, 3); }},
    {"in place",
     [](const fs::path& root) {
       write_image(root / "images/old.cim", root / "images/old.cim", 3);
     }},
    {"fork",
     [](const fs::path& root) {
       write_image(root / "images/new.cim", root / "images/old.cim", 3);
     }},
    {"import",
     [](const fs::path& root) { import(root, "new", layer_tar(), {root / "store/base"}); }},
    {"import of a base layer", [](const fs::path& root) { import(root, "new", base_tar(), {}); }},
    {"destroy", [](const fs::path& root) { layer::destroy(root / "store/child"); }, false},
    {"gc", [](const fs::path& root) { collect_garbage(root / "images"); }, false},
};

// ---- what is seen ----

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string fingerprint(const fs::path& file) {
  const Image image(file);
  Sha256 hash;
  image.walk({}, [&](const WalkEntry& entry) {
    hash.update(as_bytes(
        fmt::format("{} {} {}\n", entry.path.to_string(), entry.info.attributes, entry.info.size)));
    if (!entry.info.is_directory()) {
      const Stream stream = image.open(entry.info.id);
      Bytes bytes(static_cast<std::size_t>(stream.size()));
      stream.read(0, bytes);
      hash.update(bytes);
    }
    return true;
  });
  return to_hex(hash.finish());
}

// Images by name with their content; for layers with an image, also the files next to it.
using Sight = std::map<std::string, std::string>;
Sight examine(const fs::path& root) {
  Sight sight;
  for (const fs::path& directory : {root / "images", root / "store/cim-layers"}) {
    for (const auto& entry : fs::directory_iterator(directory)) {
      if (entry.path().extension() != ".cim") {
        continue;
      }
      const CheckReport report = check(entry.path(), {.depth = CheckDepth::kDeep});
      EXPECT_TRUE(report.is_clean()) << to_string(report.findings.front());
      sight[entry.path().filename().string()] = fingerprint(entry.path());
    }
  }
  for (const auto& layer : fs::directory_iterator(root / "store")) {
    if (!layer::is_cim_layer(layer.path())) {
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(layer.path())) {
      if (!entry.is_directory()) {
        sight[entry.path().string().substr(root.string().size())] = read_file(entry.path());
      }
    }
  }
  return sight;
}

void expect_next_writer_works(const fs::path& root) {
  collect_garbage(root / "images");
  collect_garbage(root / "store/cim-layers");
  EXPECT_TRUE(find_garbage(root / "images").empty());
  write_image(root / "images/next.cim", root / "images/other.cim", 4);
  import(root, "next", layer_tar(), {root / "store/base"});
  examine(root);
}

// ---- states of a disk ----

struct State {
  std::size_t end = 0;          ///< requests that the disk had received
  std::vector<bool> missing{};  ///< those of them, since the last flush, that it had not done

  bool operator<(const State& other) const {
    return std::tie(end, missing) < std::tie(other.end, other.missing);
  }
};

// Returns all prefixes, or as many as half of `count` allows; then random states with requests
// missing, `count` in all.
std::set<State> states_of(const std::vector<DiskRequest>& log, std::size_t first,
                          std::size_t count) {
  std::set<State> states;
  const std::size_t prefixes = log.size() - first + 1;
  const std::size_t step = std::max<std::size_t>(1, 2 * prefixes / std::max<std::size_t>(1, count));
  for (std::size_t end = first; end <= log.size(); end += step) {
    states.insert({end});
  }
  std::minstd_rand random(1);
  for (std::size_t attempt = 0; attempt < 4 * count && states.size() < count; ++attempt) {
    const std::size_t end = first + random() % prefixes;
    std::size_t begin = end;
    while (begin > first && !log[begin - 1].is_flush()) {
      --begin;
    }
    State state = {end, std::vector<bool>(end)};
    for (std::size_t i = begin; i < end; ++i) {
      state.missing[i] = random() % 2 == 0;
    }
    states.insert(std::move(state));
  }
  return states;
}

std::size_t states_in_all() {
  const char* const text = std::getenv("CIMLIB_CRASH_STATES");
  return text == nullptr ? 300 : std::strtoul(text, nullptr, 10);
}

/// An operation on a disk of its own that logs the requests.
struct Recording {
  std::vector<DiskRequest> log;
  std::size_t returned = 0;  ///< requests when the operation returned
  Sight after;
};

class CrashStates : public testing::TestWithParam<FileSystem> {
 protected:
  void SetUp() override {
    if (::geteuid() != 0 || ::access("/dev/loop-control", W_OK) != 0 ||
        ::access("/dev/fuse", W_OK) != 0) {
      GTEST_SKIP() << "no loop devices or no FUSE for this user";
    }
    const std::string command = fmt::format("PATH=$PATH:/usr/sbin:/sbin {} {} >/dev/null 2>&1",
                                            GetParam().make, base_.path().string());
    if (std::system(command.c_str()) != 0) {
      GTEST_SKIP() << "no file system of this type can be made here";
    }
    try {
      const LoopMount mount(base_.descriptor(), GetParam().type);
      prepare(mount.path());
      before_ = examine(mount.path());
    } catch (const std::system_error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  Recording record(const Operation& operation) {
    const MemoryDisk disk(GetParam().size);
    disk.copy_from(base_);
    test::LoggingDisk logging(disk);
    const int file = ::open(logging.path().c_str(), O_RDWR | O_CLOEXEC);
    Recording recording;
    {
      const LoopMount mount(file, GetParam().type);
      operation.run(mount.path());
      recording.returned = logging.log_size();
      mount.sync();
      recording.log = logging.requests();
      recording.after = examine(mount.path());
    }
    ::close(file);
    return recording;
  }

  void expect_old_or_new(const Operation& operation, const Recording& recording,
                         const State& state) {
    state_.copy_from(base_);
    for (std::size_t i = 0; i < state.end; ++i) {
      if (i >= state.missing.size() || !state.missing[i]) {
        state_.write(recording.log[i].offset, recording.log[i].bytes);
      }
    }
    const LoopMount mount(state_.descriptor(), GetParam().type);
    const Sight now = examine(mount.path());
    const bool must_be_new = operation.is_durable && state.end >= recording.returned;
    EXPECT_TRUE(now == recording.after || (now == before_ && !must_be_new))
        << (now == before_ ? "what was written is lost" : describe(now, recording.after));
    expect_next_writer_works(mount.path());
  }

  static std::string describe(const Sight& now, const Sight& after) {
    std::string text;
    for (const auto& [name, what] : after) {
      const auto found = now.find(name);
      if (found == now.end() || found->second != what) {
        text += name + (found == now.end() ? " is missing; " : " differs; ");
      }
    }
    for (const auto& [name, what] : now) {
      text += after.contains(name) ? "" : name + " is there; ";
    }
    return text;
  }

  MemoryDisk base_{GetParam().size};
  MemoryDisk state_{GetParam().size};
  Sight before_;
};

TEST_P(CrashStates, ShowTheOldOrTheNewImage) {
  const std::size_t count = states_in_all() / std::size(kFileSystems) / std::size(kOperations);
  for (const Operation& operation : kOperations) {
    const Recording recording = record(operation);
    const auto states = states_of(recording.log, 0, count);
    fmt::print("{:6} {:24} {:4} requests, {:4} states\n", GetParam().type, operation.name,
               recording.log.size(), states.size());
    std::fflush(stdout);
    for (const State& state : states) {
      SCOPED_TRACE(fmt::format("{}, after {} of {} requests ({} when it returned), {}",
                               operation.name, state.end, recording.log.size(), recording.returned,
                               state.missing.empty() ? "in order" : "some missing"));
      ASSERT_NO_THROW(expect_old_or_new(operation, recording, state));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(On, CrashStates, testing::ValuesIn(kFileSystems),
                         [](const auto& instance) { return instance.param.type; });

}  // namespace
}  // namespace cim
