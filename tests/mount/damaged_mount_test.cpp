// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Each damage of an image, mounted: refused, or every file answers, if with an error.
#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "image/damage.h"
#include "mount/mounted_image.h"

namespace cim::test {

// For what GoogleTest says of a failure.
void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.name;
}

}  // namespace cim::test

namespace cim::mount {
namespace {

using test::Damage;
using test::MountedImage;
using test::Specimen;
using testing::AnyOf;

/// Looks at everything below a directory as programs do, and counts what fails as damage. A
/// directory inside itself the kernel refuses alone, with ELOOP.
class Visitor {
 public:
  unsigned failures() const noexcept { return failures_; }

  void visit(const std::string& path) {
    constexpr unsigned kEnough = 20'000;  // a damaged image may have names without end
    std::vector<std::string> open = {path};
    for (unsigned i = 0; i < kEnough && !open.empty(); ++i) {
      const std::string next = std::move(open.back());
      open.pop_back();
      struct stat status {};
      if (!succeeded(::lstat(next.c_str(), &status), next)) {
        continue;
      }
      read_attributes(next);
      if (S_ISDIR(status.st_mode)) {
        list(next, open);
      } else if (S_ISLNK(status.st_mode)) {
        std::array<char, 4096> target{};
        succeeded(::readlink(next.c_str(), target.data(), target.size()), next);
      } else {
        read(next);
      }
    }
  }

 private:
  bool succeeded(ssize_t result, const std::string& path) {
    if (result >= 0) {
      return true;
    }
    failures_ += errno == EIO || errno == EOPNOTSUPP ? 1 : 0;
    EXPECT_THAT(errno, AnyOf(EIO, EOPNOTSUPP, ELOOP, EINVAL, E2BIG, ENOENT, ENODATA, ENAMETOOLONG))
        << path;
    return false;
  }

  void read_attributes(const std::string& path) {
    std::vector<char> names(65536);
    const ssize_t size = ::llistxattr(path.c_str(), names.data(), names.size());
    if (!succeeded(size, path)) {
      return;
    }
    std::vector<char> value(65536);
    for (const char* name = names.data(); name < names.data() + size;
         name += std::char_traits<char>::length(name) + 1) {
      succeeded(::lgetxattr(path.c_str(), name, value.data(), value.size()), path + " " + name);
    }
  }

  void list(const std::string& path, std::vector<std::string>& open) {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(path.c_str()), ::closedir);
    if (!succeeded(stream ? 0 : -1, path)) {
      return;
    }
    errno = 0;
    while (const dirent* const entry = ::readdir(stream.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != ".." && path.size() < PATH_MAX - 2 * name.size() - 1) {
        open.push_back(path + "/" + name);
      }
    }
    succeeded(errno == 0 ? 0 : -1, path);
  }

  void read(const std::string& path) {
    constexpr unsigned kEnough = 64;  // pieces: a damaged size may be of terabytes
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (!succeeded(descriptor, path)) {
      return;
    }
    std::vector<char> buffer(65536);
    ssize_t got = 1;
    for (unsigned i = 0; i < kEnough && got > 0; ++i) {
      got = ::read(descriptor, buffer.data(), buffer.size());
    }
    succeeded(got, path);
    ::close(descriptor);
  }

  unsigned failures_ = 0;
};

class DamagedMount : public testing::TestWithParam<Damage> {};

TEST_P(DamagedMount, AnswersOrIsRefused) {
  if (const auto reason = test::reason_not_to_mount()) {
    GTEST_SKIP() << *reason;
  }
  static const Specimen kSound;
  MountedImage mounted(GetParam().image, [](const std::filesystem::path& directory) {
    Specimen specimen = kSound;
    GetParam().apply(specimen);
    specimen.write(directory);
  });
  if (mounted.failed()) {
    EXPECT_THROW(mounted.join(), Error);
    return;
  }
  Visitor visitor;
  visitor.visit(mounted.root().string());
  Visitor again;  // now from what the kernel and the server remember
  again.visit(mounted.root().string());
  EXPECT_FALSE(visitor.failures() != 0 && mounted.warnings().empty()) << "damage without a word";
}

std::string name_of(const testing::TestParamInfo<Damage>& damage) {
  return std::string(damage.param.name);
}

INSTANTIATE_TEST_SUITE_P(Header, DamagedMount, testing::ValuesIn(test::header_damages()), name_of);
INSTANTIATE_TEST_SUITE_P(Metadata, DamagedMount, testing::ValuesIn(test::metadata_damages()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Names, DamagedMount, testing::ValuesIn(test::name_damages()), name_of);
INSTANTIATE_TEST_SUITE_P(Objects, DamagedMount, testing::ValuesIn(test::object_damages()), name_of);

}  // namespace
}  // namespace cim::mount
