// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Whichever system call fails, an operation either ends in an error, leaving the old state or the
// complete new one, or it succeeds and has done everything. Afterwards every image is valid, and
// the same operation succeeds.
//
// CIMLIB_FAULT_STRIDE selects the calls that fail: every n-th (29); 1 means every call.

#include <array>
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
#include "cimlib/create.h"
#include "cimlib/error.h"
#include "cimlib/extract.h"
#include "cimlib/gc.h"
#include "cimlib/hive.h"
#include "cimlib/image.h"
#include "cimlib/layer.h"
#include "cimlib/layer_export.h"
#include "cimlib/oci.h"

#include "base/bytes.h"
#include "faults/failing_system.h"
#include "image/sample_image.h"
#include "layer/sample_hives.h"
#include "oci/layout_directory.h"
#include "os/sha256.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim {
namespace {

namespace fs = std::filesystem;
using test::CallLog;
using test::EntryBytes;
using test::path;
using test::put;

constexpr FileTime kNow = {132'000'000'000'000'000};
const Guid kNewRegions = *Guid::parse("00000000-1111-2222-3333-444444444444");

WriterOptions writer_options() {
  return {.region_set = kNewRegions, .now = kNow};
}

std::string hives(bool layered) {
  std::string entries;
  for (const char* const name :
       {"Files/Windows", "Files/Windows/System32", "Files/Windows/System32/config", "Hives"}) {
    if (layered == (name == std::string_view("Hives"))) {
      entries += EntryBytes{.name = name, .type = '5'}.bytes();
    }
  }
  for (const char* const name : {"SYSTEM", "SOFTWARE", "SAM", "SECURITY", "DEFAULT"}) {
    if (layered) {
      entries += EntryBytes{.name = fmt::format("Hives/{}_Delta", name),
                            .body = test::delta_hive({{u"b", u"2"}})}
                     .bytes();
    } else {
      entries += EntryBytes{.name = fmt::format("Files/Windows/System32/config/{}", name),
                            .body = test::base_hive({{u"CurrentBuild", u"20348"}, {u"a", u"1"}})}
                     .bytes();
    }
  }
  return entries;
}

std::string base_tar() {
  return EntryBytes{.name = "Files", .type = '5'}.bytes() +
         EntryBytes{.name = "Files/gone", .body = "gone"}.bytes() +
         EntryBytes{.name = "Files/kept", .body = std::string(10'000, 'k')}.bytes() + hives(false) +
         test::end_marker();
}

std::string layer_tar() {
  return EntryBytes{.name = "Files", .type = '5'}.bytes() +
         EntryBytes{.name = "Files/.wh.gone"}.bytes() +
         EntryBytes{.name = "Files/same", .body = std::string(10'000, 'k')}.bytes() +
         EntryBytes{.name = "Files/new", .body = "new"}.bytes() +
         EntryBytes{.name = "Files/new:stream", .body = "stream"}.bytes() +
         EntryBytes{.name = "Files/link", .type = '1', .link = "Files/new"}.bytes() + hives(true) +
         test::end_marker();
}

void write_file(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

layer::ImportOptions import_options() {
  return {.writer = writer_options()};
}

struct Operation {
  std::string_view name;
  /// Runs in a directory that Faults prepared.
  void (*run)(const fs::path& root);
  /// An error may leave part of it done; the next attempt then does the rest.
  bool is_gradual = false;
};

const Operation kOperations[] = {
    {"create",
     [](const fs::path& root) {
       create_image(root / "images/new.cim", root / "tree", {.writer = {.reproducible = true}});
     }},
    {"fork",
     [](const fs::path& root) {
       WriterOptions options = writer_options();
       options.base = root / "images/old.cim";
       ImageWriter writer(root / "images/new.cim", options);
       put(writer, "dir/new", test::pattern(5000, 3));
       writer.remove(path("dir/2"));
       writer.commit();
     }},
    {"in place",
     [](const fs::path& root) {
       WriterOptions options = writer_options();
       options.base = root / "images/old.cim";
       ImageWriter writer(root / "images/old.cim", options);
       put(writer, "dir/1", test::pattern(5000, 3));
       writer.commit();
     }},
    {"import of a base layer",
     [](const fs::path& root) {
       layer::import_tar(root / "base.tar", root / "store/new", {}, import_options());
     }},
    {"import",
     [](const fs::path& root) {
       layer::import_tar(root / "layer.tar", root / "store/new", {root / "store/base"},
                         import_options());
     }},
    {"oci import",
     [](const fs::path& root) {
       oci::import_image(root / "oci", root / "images-store", {.layer = import_options()});
     },
     true},
    {"export",
     [](const fs::path& root) { layer::export_tar(root / "store/child", root / "out.tar"); }},
    {"extract",
     [](const fs::path& root) {
       const ExtractSummary made = extract(Image(root / "images/old.cim"), {}, root / "out");
       if (made.skipped != 0) {  // which the program treats as a failure
         throw Error(ErrorCode::kIo, "out", "something is left out");
       }
     },
     true},
    {"destroy", [](const fs::path& root) { layer::destroy(root / "store/child"); }, true},
    {"destroy image",
     [](const fs::path& root) {
       if (fs::exists(root / "images/other.cim")) {
         destroy_image(root / "images/other.cim");
       }
     },
     true},
    {"gc", [](const fs::path& root) { collect_garbage(root / "garbage"); }, true},
    {"hive merge",
     [](const fs::path& root) {
       registry::merge(root / "base.hive", {root / "delta.hive"}, root / "merged.hive");
     }},
};

// Returns the content of an image, however it is shared with other images.
std::string contents_of(const fs::path& file) {
  const Image image(file);
  Sha256 hash;
  const auto add = [&hash](const Stream& stream) {
    Bytes bytes(stream.size());
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

class Faults : public testing::Test {
 protected:
  Faults() {
    const fs::path root = original_.path();
    fs::create_directory(root / "images");
    make_image("images/old.cim", 1);
    make_image("images/other.cim", 2);
    fs::create_directory(root / "garbage");
    make_image("garbage/old.cim", 1);
    write_file(root / "garbage/region_01020304-0506-0708-090a-0b0c0d0e0f10_0", "unowned");
    make_tree(tree_.path());
    fs::create_symlink(tree_.path(), root / "tree");
    write_file(root / "base.tar", base_tar());
    write_file(root / "layer.tar", layer_tar());
    layer::import_tar(root / "base.tar", root / "store/base");
    layer::import_tar(root / "layer.tar", root / "store/child", {root / "store/base"});
    const test::LayoutDirectory layout(root / "oci");
    layout.write_index({layout.add_image({base_tar(), layer_tar()})});
    write_file(root / "base.hive", test::base_hive({{u"a", u"1"}}));
    write_file(root / "delta.hive", test::delta_hive({{u"b", u"2"}}));
    before_ = tree_of(root);
  }

  void make_image(const std::string& name, unsigned seed) const {
    ImageWriter writer(original_.path() / name, {.now = kNow});
    writer.add(path("dir"), test::directory_metadata());
    for (unsigned i = 0; i < 4; ++i) {
      put(writer, fmt::format("dir/{}", i), test::pattern(3000 * i, seed + i));
    }
    writer.add_alternate_stream({path("dir/1"), u"stream"}, 10);
    writer.add_link(path("link"), path("dir/2"));
    writer.commit();
  }

  static void make_tree(const fs::path& tree) {
    fs::create_directory(tree / "dir");
    write_file(tree / "dir/file", "text");
    write_file(tree / "dir/file:stream", "stream");
    write_file(tree / "large", std::string(100'000, 'l'));
    fs::create_hard_link(tree / "large", tree / "dir/link");
    fs::create_symlink("dir/file", tree / "symbolic");
  }

  // Existing files are never written to, so hard links suffice.
  void start_anew() {
    directory_.emplace();
    fs::copy(original_.path(), directory_->path(),
             fs::copy_options::recursive | fs::copy_options::create_hard_links |
                 fs::copy_options::copy_symlinks);
  }
  fs::path root() const { return directory_->path(); }

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
      test::fail_system_call(place, shared_log);
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

  void expect_good_end(const Operation& operation, std::optional<int> status, const CallLog& log,
                       const Tree& expected) {
    ASSERT_TRUE(status && *status <= 1) << (status ? "another exception" : "died");
    expect_sound_images(root());
    if (*status == 0) {
      EXPECT_FALSE(log.lost_data) << "success, though data may be lost";
      // The image is published; gc removes a temporary file that could not be removed.
      expect_same(log.kept_file ? needed_tree(root()) : tree_of(root()), expected);
      return;
    }
    if (!operation.is_gradual) {
      const Tree now = needed_tree(root());
      if (now != expected) {
        expect_same(now, before_);
      }
    }
    expect_success_at_last(operation, expected);
  }

  // Runs the operation again after an error, on a working system.
  void expect_success_at_last(const Operation& operation, const Tree& expected) {
    std::error_code ignored;
    if (operation.name == "extract") {
      fs::remove_all(root() / "out", ignored);
    }
    if (needed_tree(root()) != expected) {
      EXPECT_NO_THROW(operation.run(root()));
      expect_same(needed_tree(root()), expected);
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

  test::TemporaryDirectory tree_;  // is not copied, which would change its times
  test::TemporaryDirectory original_;
  Tree before_;
  std::optional<test::TemporaryDirectory> directory_;
};

std::uint64_t stride() {
  const char* const text = std::getenv("CIMLIB_FAULT_STRIDE");
  return text == nullptr ? 29 : std::strtoull(text, nullptr, 10);
}

TEST_F(Faults, OfAnySystemCallEndInAnErrorOrSuccess) {
  if (!test::can_fail_system_calls()) {
    GTEST_SKIP() << "system calls cannot be made to fail here";
  }
  std::uint64_t place = 1;
  std::uint64_t runs = 0;
  for (const Operation& operation : kOperations) {
    start_anew();
    CallLog log;
    ASSERT_EQ(run(operation, root(), 0, log), 0) << operation.name;
    const Tree expected = tree_of(root());
    const std::uint64_t calls = log.calls;
    std::uint64_t errors = 0;
    for (; place <= calls; place += stride(), ++runs) {
      start_anew();
      const auto status = run(operation, root(), place, log);
      SCOPED_TRACE(fmt::format("{}: {} fails, call {} of {}, status {}", operation.name,
                               test::system_call_name(log.failed), place, calls,
                               status.value_or(-1)));
      errors += status == 1 ? 1U : 0U;
      expect_good_end(operation, status, log, expected);
    }
    place -= calls;
    fmt::print("{:24} {:5} calls, {} ended in an error\n", operation.name, calls, errors);
  }
  fmt::print("{} runs in which a system call fails\n", runs);
}

}  // namespace
}  // namespace cim
