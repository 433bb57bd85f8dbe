// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Whichever system call fails, an operation either ends in an error and has published nothing, or
// it succeeds and has done everything. Afterwards every image is valid, and the same operation
// succeeds. A file that was replaced stays so if only the flush of its directory fails; it is the
// complete new one then.
//
// As root all of this happens on an ext4 file system of its own, which after a success is unmounted
// and mounted again before anything is checked.
//
// CIMLIB_FAULT_STRIDE selects the calls that fail: every n-th (29); 1 means every call.
// CIMLIB_FAULT_SHARD=i/n runs the i-th of n parts of that, so that n processes can share it.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cimlib/check.h"
#include "cimlib/error.h"
#include "cimlib/gc.h"
#include "cimlib/image.h"
#include "cimlib/layer.h"

#include "base/bytes.h"
#include "faults/failing_system.h"
#include "faults/operations.h"
#include "faults/volume.h"
#include "os/crypto.h"
#include "temporary_directory.h"

namespace cim {
namespace {

namespace fs = std::filesystem;
using test::CallLog;
using test::Operation;

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Returns the content of an image, however it is shared with other images.
std::string contents_of(const fs::path& file) {
  const Image image(file);
  Sha256 hash;
  const auto add = [&hash](const Stream& stream) {
    Bytes bytes(static_cast<std::size_t>(stream.size()));
    stream.read(0, bytes);
    hash.update(bytes);
  };
  image.walk({}, [&](const WalkEntry& entry) {
    const FileInfo& info = entry.info;
    hash.update(as_bytes(fmt::format("{} {} {} {}\n", entry.path.to_string(), info.attributes,
                                     info.size, info.times.last_write.ticks)));
    hash.update(image.security_descriptor(info.id));
    if (!info.is_directory()) {
      add(image.open(info.id));
    }
    for (const StreamInfo& stream : image.streams(info.id)) {
      add(image.open_stream(info.id, stream.name).value());
    }
    return true;
  });
  return to_hex(hash.finish());
}

bool holds_images(const fs::path& directory) {
  return directory.filename() == "cim-layers" || directory.filename() == "images" ||
         directory.filename() == "garbage";
}

// Every file below a directory with its bytes or its target, an image with its content, and
// garbage. Empty directories are ignored.
using Tree = std::map<std::string, std::string>;
Tree tree_of(const fs::path& root) {
  Tree tree;
  const auto name_of = [&root](const fs::path& file) {
    return file.string().substr(root.string().size() + 1);
  };
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string name = name_of(entry.path());
    if (entry.is_symlink()) {
      tree[name] = "-> " + fs::read_symlink(entry).string();
    } else if (entry.is_directory() && holds_images(entry.path())) {
      for (const GarbageFile& file : find_garbage(entry.path())) {
        tree[name_of(file.path)] = "garbage";
      }
    } else if (entry.path().extension() == ".cim") {
      tree[name] = contents_of(entry.path());
    } else if (!entry.is_directory() && !holds_images(entry.path().parent_path())) {
      tree[name] = read_file(entry.path());
    }
  }
  return tree;
}

std::uint64_t stride() {
  const char* const text = std::getenv("CIMLIB_FAULT_STRIDE");
  return text == nullptr ? 29 : std::strtoull(text, nullptr, 10);
}

struct Shard {
  unsigned number = 1;  ///< counted from 1
  unsigned count = 1;
};

Shard shard() {
  Shard shard;
  const char* const text = std::getenv("CIMLIB_FAULT_SHARD");
  if (text != nullptr && (std::sscanf(text, "%u/%u", &shard.number, &shard.count) != 2 ||
                          shard.number == 0 || shard.number > shard.count)) {
    throw std::invalid_argument("CIMLIB_FAULT_SHARD is not of the form 2/8");
  }
  return shard;
}

/// Counts what the runs of an operation ended in.
struct Ends {
  std::uint64_t runs = 0;
  std::uint64_t errors = 0;
  std::uint64_t remounts = 0;                     ///< after a success
  std::map<std::string, std::uint64_t> failed{};  ///< by the name of the system call

  Ends& operator+=(const Ends& other) {
    runs += other.runs;
    errors += other.errors;
    remounts += other.remounts;
    for (const auto& [name, count] : other.failed) {
      failed[name] += count;
    }
    return *this;
  }
};

class Faults : public testing::Test {
 protected:
  Faults() {
    fs::create_directory(original_);
    fs::create_directory(tree_);
    test::prepare_files(original_, tree_);
    before_ = tree_of(original_);
  }

  // Existing files are never written to, so hard links suffice.
  void start_anew() {
    fs::remove_all(root_);
    fs::copy(original_, root_,
             fs::copy_options::recursive | fs::copy_options::create_hard_links |
                 fs::copy_options::copy_symlinks);
  }

  // Runs in a process of its own. Returns 0 for success, 1 for an Error, 2 for anything else;
  // nullopt if the process died.
  static std::optional<int> run(const Operation& operation, const fs::path& root,
                                std::uint64_t place, CallLog& log) {
    void* const shared =
        ::mmap(nullptr, sizeof(CallLog), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    auto* const shared_log = new (shared) CallLog;
    const pid_t child = ::fork();
    if (child == 0) {
      int status = 0;
      test::fail_system_call(place, shared_log, operation.unknown_call);
      try {
        operation.run(root);
      } catch (const Error&) {
        status = 1;
      } catch (...) {
        status = 2;
      }
      ::_exit(status);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    log = *shared_log;
    ::munmap(shared, sizeof(CallLog));
    return WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
  }

  static void expect_sound_images(const fs::path& root) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.path().extension() == ".cim") {
        const CheckReport report = check(entry.path(), {.depth = CheckDepth::kDeep});
        EXPECT_TRUE(report.is_clean()) << to_string(report.findings.front());
      }
    }
  }

  // Returns the tree without unused files, which a failed removal may leave.
  static Tree needed_tree(const fs::path& root) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (holds_images(entry.path()) && entry.path().filename() != "garbage") {
        collect_garbage(entry.path());
      }
    }
    return tree_of(root);
  }

  Ends run_with_failure(const Operation& operation, std::uint64_t place, std::uint64_t calls,
                        const Tree& expected) {
    start_anew();
    CallLog log;
    const auto status = run(operation, root_, place, log);
    const std::string name = test::system_call_name(log.failed);
    SCOPED_TRACE(fmt::format("{}: {} fails, call {} of {}, status {}", operation.name, name, place,
                             calls, status.value_or(-1)));
    const bool remounts = status == 0 && volume_.can_remount();
    if (remounts) {
      volume_.remount();
    }
    expect_good_end(operation, status, log, expected);
    return {.runs = 1,
            .errors = status == 1 ? 1U : 0U,
            .remounts = remounts ? 1U : 0U,
            .failed = {{name, 1}}};
  }

  void expect_good_end(const Operation& operation, std::optional<int> status, const CallLog& log,
                       const Tree& expected) {
    ASSERT_TRUE(status && *status <= 1) << (status ? "another exception" : "died");
    expect_sound_images(root_);
    if (*status == 0) {
      EXPECT_FALSE(log.lost_data) << "success, though data may be lost";
      // The image is published; gc removes a temporary file that could not be removed.
      expect_same(log.kept_file ? needed_tree(root_) : tree_of(root_), expected);
      return;
    }
    if (!operation.is_gradual) {
      const Tree now = needed_tree(root_);
      expect_same(now, operation.replaces && now == expected ? expected : before_);
    }
    expect_success_at_last(operation, expected);
  }

  // Runs the operation again after an error, on a working system.
  void expect_success_at_last(const Operation& operation, const Tree& expected) {
    std::error_code ignored;
    if (operation.name.starts_with("extract")) {
      fs::remove_all(root_ / "out", ignored);
    }
    if (needed_tree(root_) != expected) {
      EXPECT_NO_THROW(operation.run(root_));
      expect_same(needed_tree(root_), expected);
    }
  }

  static void expect_same(const Tree& now, const Tree& expected) {
    for (const auto& [name, bytes] : expected) {
      const auto found = now.find(name);
      EXPECT_TRUE(found != now.end()) << name << " is missing";
      EXPECT_TRUE(found == now.end() || found->second == bytes) << name << " differs";
    }
    for (const auto& [name, bytes] : now) {
      EXPECT_TRUE(expected.contains(name)) << name << " is left";
    }
  }

  test::Volume volume_;
  const fs::path original_ = volume_.path() / "original";
  const fs::path tree_ = volume_.path() / "tree";
  const fs::path root_ = volume_.path() / "run";  ///< where an operation runs
  Tree before_;
};

TEST_F(Faults, OfAnySystemCallEndInAnErrorOrSuccess) {
  if (!test::can_fail_system_calls()) {
    GTEST_SKIP() << "system calls cannot be made to fail here";
  }
  if (!volume_.can_remount()) {
    fmt::print("nothing is mounted again: no file system can be mounted here\n");
  }
  std::uint64_t place = 1;
  Ends all;
  for (const Operation& operation : test::operations()) {
    start_anew();
    CallLog log;
    ASSERT_EQ(run(operation, root_, 0, log), 0) << operation.name;
    const Tree expected = tree_of(root_);
    const std::uint64_t calls = log.calls;
    Ends ends;
    for (; place <= calls; place += stride()) {
      if (place / stride() % shard().count == shard().number - 1) {
        ends += run_with_failure(operation, place, calls, expected);
      }
    }
    place -= calls;
    fmt::print("{:24} {:5} calls, {:5} runs, {:5} ended in an error, {:5} mounted again\n",
               operation.name, calls, ends.runs, ends.errors, ends.remounts);
    std::fflush(stdout);
    all += ends;
  }
  fmt::print("{} runs in which a system call fails, {} ended in an error, {} mounted again:\n",
             all.runs, all.errors, all.remounts);
  for (const auto& [name, count] : all.failed) {
    fmt::print("  {} {}\n", count, name);
  }
}

}  // namespace
}  // namespace cim
