// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Reads files of a mounted tree as programs do and does nothing else, so that its own share of the
// time is small (for bench/mounts).
//
//   tree_reader DIR LIST whole            each file from its start to its end, by 128 KiB
//   tree_reader DIR LIST random SIZE N    N pieces of SIZE bytes each, somewhere in the files
//
// The files are the lines of LIST, below DIR.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

constexpr std::size_t kPiece = std::size_t{128} << 10;

[[noreturn]] void fail(const std::string& what) {
  std::perror(what.c_str());
  std::exit(EXIT_FAILURE);
}

class OpenFile {
 public:
  OpenFile(int directory, const std::string& name)
      : descriptor_(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
      fail(name);
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
  OpenFile(OpenFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

  std::uint64_t size() const noexcept { return size_; }

  std::uint64_t read_whole(std::span<char> buffer) const {
    std::uint64_t total = 0;
    ssize_t got = 0;
    while ((got = ::read(descriptor_, buffer.data(), buffer.size())) > 0) {
      total += static_cast<std::uint64_t>(got);
    }
    return got < 0 ? 0 : total;
  }

  bool read_at(std::uint64_t offset, std::span<char> into) const {
    return ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset)) ==
           static_cast<ssize_t>(into.size());
  }

 private:
  int descriptor_;
  std::uint64_t size_ = 0;
};

void read_whole(int directory, const std::vector<std::string>& names) {
  std::vector<char> buffer(kPiece);
  for (const std::string& name : names) {
    const OpenFile file(directory, name);
    if (file.read_whole(buffer) != file.size()) {
      fail(name);
    }
  }
}

void read_somewhere(int directory, const std::vector<std::string>& names, std::size_t size,
                    unsigned count) {
  std::vector<OpenFile> files;
  for (const std::string& name : names) {
    files.emplace_back(directory, name);
  }
  std::vector<char> buffer(size);
  std::mt19937_64 random(count);  // the same offsets in every run
  for (unsigned i = 0; i < count; ++i) {
    const OpenFile& file = files[random() % files.size()];
    const std::uint64_t pieces = std::max<std::uint64_t>(file.size() / size, 1);
    const std::uint64_t offset = random() % pieces * size;
    if (!file.read_at(offset, std::span(buffer).first(std::min<std::size_t>(size, file.size())))) {
      fail("a piece");
    }
  }
}

std::vector<std::string> lines_of(const char* path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
  }
  if (lines.empty()) {
    fail(path);
  }
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span words(argv, static_cast<std::size_t>(argc));
  const std::string_view what = words.size() > 3 ? words[3] : "";
  if (!(what == "whole" && words.size() == 4) && !(what == "random" && words.size() == 6)) {
    std::fputs("usage: tree_reader DIR LIST whole | random SIZE N\n", stderr);
    return EXIT_FAILURE;
  }
  const int directory = ::open(words[1], O_PATH | O_CLOEXEC);
  if (directory < 0) {
    fail(words[1]);
  }
  const std::vector<std::string> names = lines_of(words[2]);
  if (what == "whole") {
    read_whole(directory, names);
  } else {
    read_somewhere(directory, names, std::strtoul(words[4], nullptr, 10),
                   static_cast<unsigned>(std::strtoul(words[5], nullptr, 10)));
  }
  return EXIT_SUCCESS;
}
