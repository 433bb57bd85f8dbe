// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// EROFS mounts of images with each kind of damage, present before the mount or added while mounted.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/mount.h"

#include "image/damage.h"
#include "mount/base/mount_table.h"
#include "mount/mounted_image.h"
#include "mount/mounted_tree.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim::mount {
namespace {

using test::Damage;
using test::Specimen;
using test::Visitor;
using testing::AnyOf;

constexpr std::size_t kMostCompared = std::size_t{1} << 20;

const Specimen& sound_specimen() {
  static const Specimen specimen;
  return specimen;
}

class DamagedErofs : public testing::TestWithParam<Damage> {
 protected:
  void SetUp() override {
    if (const auto reason = test::reason_not_to_mount_erofs()) {
      GTEST_SKIP() << *reason;
    }
    std::filesystem::create_directory(place());
  }

  void TearDown() override {
    if (find_mount(place())) {
      unmount(place(), UnmountMode::kLazily);
    }
  }

  void write_damaged() const {
    Specimen specimen = sound_specimen();
    GetParam().apply(specimen);
    specimen.write(directory());
  }
  void mount() const {
    mount_in_background(image(), place(),
                        {.backend = BackendChoice::kErofs, .cache = directory() / "cache"});
  }

  std::filesystem::path directory() const { return std::filesystem::canonical(directory_.path()); }
  std::filesystem::path image() const { return directory() / GetParam().image; }
  std::filesystem::path place() const { return directory() / "mount"; }

 private:
  test::TemporaryDirectory directory_;
};

TEST_P(DamagedErofs, IsRejectedOrEqualToWhatTheLibraryReads) {
  write_damaged();
  try {
    mount();
  } catch (const Error& error) {
    EXPECT_THAT(error.code(), AnyOf(ErrorCode::kCorrupt, ErrorCode::kLimit, ErrorCode::kNotFound,
                                    ErrorCode::kUnsupported))
        << error.what();
    EXPECT_FALSE(find_mount(place()));
    return;
  }
  Visitor visitor;
  visitor.visit(place().string());
  EXPECT_EQ(visitor.failures(), 0U) << "the library has checked that everything can be read";
  EXPECT_EQ(test::compare_with_image(place(), Image(image()), test::Compared::kDescriptorsToo), 0U);
}

std::string below_root(const ImagePath& path) {
  std::string text = path.to_string().substr(1);
  std::ranges::replace(text, '\\', '/');
  return text;
}

std::map<std::string, Stream> streams_of(const Image& image) {
  std::map<std::string, Stream> streams;
  image.walk({}, [&](const WalkEntry& entry) {
    if (!entry.info.is_directory() && !entry.info.is_reparse_point()) {
      streams.emplace(below_root(entry.path), image.open(entry.info.id));
    }
    return true;
  });
  return streams;
}

Bytes start_of(const Stream& stream) {
  Bytes bytes(kMostCompared);
  bytes.resize(stream.read(0, bytes));
  return bytes;
}

/// Expects each byte to be the old one, which the kernel may have cached, or that of the file now.
void expect_old_or_new(const Bytes& seen, const Bytes& old, const Stream& stream,
                       const std::string& path) {
  Bytes now;
  try {
    now = start_of(stream);
  } catch (const Error&) {  // truncated
  }
  ASSERT_EQ(seen.size(), old.size()) << path;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    ASSERT_TRUE(seen[i] == old[i] || (i < now.size() && seen[i] == now[i])) << path << " at " << i;
  }
}

TEST_P(DamagedErofs, DamageWhileMountedChangesBytesOrFailsReads) {
  sound_specimen().write(directory());
  mount();
  const Image sound(image());
  const auto streams = streams_of(sound);
  std::map<std::string, Bytes> old;
  for (const auto& [path, stream] : streams) {
    old.emplace(path, start_of(stream));
  }
  write_damaged();
  Visitor visitor;
  visitor.visit(place().string());
  for (const auto& [path, stream] : streams) {
    Bytes seen(kMostCompared);
    try {
      const File file = File::open_read(place() / path);
      seen.resize(file.read_some_at(0, seen));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kIo) << error.what();
      continue;
    }
    expect_old_or_new(seen, old.at(path), stream, path);
  }
}

std::vector<Damage> all_damages() {
  std::vector<Damage> all;
  for (const auto& some : {test::header_damages(), test::metadata_damages(), test::name_damages(),
                           test::object_damages()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, DamagedErofs, testing::ValuesIn(all_damages()),
                         [](const testing::TestParamInfo<Damage>& damage) {
                           return std::string(damage.param.name);
                         });

}  // namespace
}  // namespace cim::mount
