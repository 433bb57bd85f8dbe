// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/source.h"

#include <stop_token>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expect_error.h"
#include "tar/memory_source.h"
#include "tar/run_command.h"
#include "temporary_directory.h"

namespace cim::tar {
namespace {

using test::expect_error;

/// Replaces standard input by another descriptor during its lifetime.
class StandardInputFrom {
 public:
  explicit StandardInputFrom(int descriptor) : saved_(::dup(STDIN_FILENO)) {
    ::dup2(descriptor, STDIN_FILENO);
    ::close(descriptor);
  }
  StandardInputFrom(const StandardInputFrom&) = delete;
  StandardInputFrom& operator=(const StandardInputFrom&) = delete;
  ~StandardInputFrom() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }

 private:
  int saved_;
};

TEST(Input, CountsTheBytesOfAFile) {
  const test::TemporaryDirectory directory;
  const std::string bytes(2'000'000, 'x');
  test::write_file(directory.path() / "a", bytes);
  const auto input = open_input(directory.path() / "a");
  EXPECT_EQ(input->name(), (directory.path() / "a").string());
  EXPECT_EQ(input->bytes_total(), bytes.size());
  EXPECT_EQ(input->bytes_done(), 0U);
  const std::size_t first = input->next().size();
  EXPECT_GT(first, 0U);
  EXPECT_EQ(input->bytes_done(), first);
  EXPECT_EQ(test::read_all(*input).size() + first, bytes.size());
  EXPECT_EQ(input->bytes_done(), bytes.size());
  EXPECT_TRUE(input->next().empty());
}

TEST(Input, ReadsStandardInputFromAFile) {
  const test::TemporaryDirectory directory;
  test::write_file(directory.path() / "a", "0123456789");
  const int descriptor = ::open((directory.path() / "a").c_str(), O_RDONLY);
  ASSERT_EQ(::lseek(descriptor, 4, SEEK_SET), 4);
  const StandardInputFrom redirected(descriptor);
  const auto input = open_input("-");
  EXPECT_EQ(input->name(), "standard input");
  EXPECT_EQ(input->bytes_total(), 6U);
  EXPECT_EQ(test::read_all(*input), "456789");
  EXPECT_EQ(input->bytes_done(), 6U);
  EXPECT_TRUE(input->next().empty());
}

TEST(Input, ReadsStandardInputFromAPipe) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "abc", 3), 3);
  ::close(ends[1]);
  const StandardInputFrom redirected(ends[0]);
  const auto input = open_input("-");
  EXPECT_EQ(input->bytes_total(), std::nullopt);
  EXPECT_EQ(test::read_all(*input), "abc");
}

TEST(Input, WaitsForTheWriterOfANamedPipe) {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto input = open_input(path);
  std::thread writer([&] { test::write_file(path, "abc"); });
  EXPECT_EQ(test::read_all(*input), "abc");
  writer.join();
  EXPECT_EQ(input->name(), path.string());
  EXPECT_EQ(input->bytes_total(), std::nullopt);
}

TEST(Input, StopsWaitingForAPipeWhenAsked) {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::stop_source stop;
  const auto input = open_input(path, stop.get_token());
  std::thread stopper([&] { stop.request_stop(); });
  expect_error(ErrorCode::kCancelled, "cancelled while waiting", [&] { input->next(); });
  stopper.join();
}

TEST(Input, FailsIfTheFileDoesNotExist) {
  const test::TemporaryDirectory directory;
  expect_error(ErrorCode::kNotFound, "cannot open", [&] { open_input(directory.path() / "a"); });
  expect_error(ErrorCode::kInvalidArgument, "not a regular file",
               [&] { open_input(directory.path()); });
}

}  // namespace
}  // namespace cim::tar
