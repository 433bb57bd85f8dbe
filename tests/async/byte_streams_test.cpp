// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/byte_streams.h"

#include <array>
#include <fstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "async/source_reader.h"
#include "expect_error.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;

std::unique_ptr<SourceReader> open(const ByteSource& source, const std::stop_token& stop = {}) {
  return open_source(source, BufferPool(kReadSize), stop);
}

std::string read_all(SourceReader& reader) {
  std::string all;
  for (ByteView run = reader.next(); !run.empty(); run = reader.next()) {
    all += as_text(run);
  }
  EXPECT_TRUE(reader.next().empty());
  return all;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// Provides `text` in pieces of at most `most` bytes.
ByteSource::Callback pieces_of(std::string text, std::size_t most) {
  return [text = std::move(text), most, done = std::size_t{0}](
             std::span<std::byte> into, const std::stop_token& /*stop*/) mutable {
    const std::size_t size = std::min({most, into.size(), text.size() - done});
    std::copy_n(as_bytes(text).begin() + static_cast<std::ptrdiff_t>(done), size, into.begin());
    done += size;
    return size;
  };
}

/// A descriptor that is closed with the object.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) { EXPECT_GE(descriptor, 0); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(descriptor_); }
  int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

class FileSource : public testing::Test {
 protected:
  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "a";
};

TEST_F(FileSource, IsReadToItsEndWithProgress) {
  const std::string bytes(2'000'000, 'x');
  write_file(path_, bytes);
  const auto reader = open(path_);
  EXPECT_EQ(reader->name(), path_.string());
  EXPECT_EQ(reader->bytes_total(), bytes.size());
  EXPECT_EQ(reader->bytes_done(), 0U);
  const std::size_t first = reader->next().size();
  EXPECT_EQ(first, kReadSize);
  EXPECT_NE(reader->owner(), nullptr);
  EXPECT_EQ(reader->bytes_done(), first);
  EXPECT_EQ(read_all(*reader).size() + first, bytes.size());
  EXPECT_EQ(reader->bytes_done(), bytes.size());
}

TEST_F(FileSource, MayBeAnyTextAndReadTwice) {
  write_file(path_, "abc");
  const ByteSource source = path_.c_str();
  EXPECT_EQ(read_all(*open(source)), "abc");
  EXPECT_EQ(read_all(*open(ByteSource(source))), "abc");
  EXPECT_EQ(read_all(*open(path_.string())), "abc");
}

TEST_F(FileSource, IsOpenedWhenItIsRead) {
  const ByteSource source = path_;
  expect_error(ErrorCode::kNotFound, "cannot open", [&] { open(source); });
  write_file(path_, "");
  EXPECT_EQ(read_all(*open(source)), "");
}

TEST_F(FileSource, IsNotADirectory) {
  expect_error(ErrorCode::kInvalidArgument, "not a regular file", [&] { open(directory_.path()); });
}

TEST_F(FileSource, OfTheNameHyphenIsNotStandardInput) {
  expect_error(ErrorCode::kNotFound, "-: cannot open", [] { open("-"); });
}

TEST_F(FileSource, WaitsForTheWriterOfANamedPipe) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const auto reader = open(path_);
  std::thread writer([&] { write_file(path_, "abc"); });
  EXPECT_EQ(read_all(*reader), "abc");
  writer.join();
  EXPECT_EQ(reader->name(), path_.string());
  EXPECT_EQ(reader->bytes_total(), std::nullopt);
}

TEST_F(FileSource, StopsWaitingForAPipeOnRequest) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  std::stop_source stop;
  const auto reader = open(path_, stop.get_token());
  std::thread stopper([&] { stop.request_stop(); });
  expect_error(ErrorCode::kCancelled, "cancelled while waiting", [&] { reader->next(); });
  stopper.join();
}

TEST(MemorySource, IsReadInRunsWithoutACopy) {
  const Bytes bytes(kReadSize + 5, std::byte{7});
  const ByteSource source = ByteSource::memory(bytes, "seven");
  for (int i = 0; i < 2; ++i) {
    const auto reader = open(source);
    EXPECT_EQ(reader->name(), "seven");
    EXPECT_EQ(reader->bytes_total(), bytes.size());
    EXPECT_EQ(reader->next().data(), bytes.data());
    EXPECT_EQ(reader->owner(), nullptr);
    EXPECT_EQ(reader->next().size(), 5U);
    EXPECT_TRUE(reader->next().empty());
    EXPECT_EQ(reader->bytes_done(), bytes.size());
  }
}

TEST(MemorySource, KeepsAVectorThatIsMovedIntoIt) {
  Bytes bytes(3, std::byte{'a'});
  const std::byte* const place = bytes.data();
  auto reader = open(ByteSource::memory(std::move(bytes)));
  EXPECT_EQ(reader->name(), "memory");
  const ByteView run = reader->next();
  const auto owner = reader->owner();
  reader.reset();
  EXPECT_EQ(run.data(), place);
  EXPECT_EQ(as_text(run), "aaa");
}

template <typename Range>
concept UsableAsMemory = requires(Range&& range) {
  ByteSource::memory(std::forward<Range>(range));
};

TEST(MemorySource, CannotBeMadeOfATemporary) {
  static_assert(UsableAsMemory<const Bytes&>);
  static_assert(UsableAsMemory<Bytes>);  // is moved
  static_assert(UsableAsMemory<ByteView>);
  static_assert(UsableAsMemory<const std::array<std::byte, 3>&>);
  static_assert(!UsableAsMemory<std::array<std::byte, 3>>);
  static_assert(!UsableAsMemory<const Bytes>);
}

TEST(DescriptorSource, IsReadFromItsPositionAndStaysOpen) {
  const test::TemporaryDirectory directory;
  write_file(directory.path() / "a", "0123456789");
  const Descriptor file(::open((directory.path() / "a").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::lseek(file.get(), 4, SEEK_SET), 4);
  const auto reader = open(ByteSource::descriptor(file.get(), "standard input"));
  EXPECT_EQ(reader->name(), "standard input");
  EXPECT_EQ(reader->bytes_total(), 6U);
  EXPECT_EQ(read_all(*reader), "456789");
  EXPECT_EQ(reader->bytes_done(), 6U);
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 10);
}

TEST(DescriptorSource, MayBeAPipe) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const Descriptor input(ends[0]);
  ASSERT_EQ(::write(ends[1], "abc", 3), 3);
  ::close(ends[1]);
  const auto reader = open(ByteSource::descriptor(input.get()));
  EXPECT_EQ(reader->name(), "descriptor " + std::to_string(input.get()));
  EXPECT_EQ(reader->bytes_total(), std::nullopt);
  EXPECT_EQ(read_all(*reader), "abc");
}

TEST(DescriptorSource, MayBeASocketWhoseWaitEndsOnRequest) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const Descriptor input(ends[0]);
  const Descriptor output(ends[1]);
  ASSERT_EQ(::write(output.get(), "abc", 3), 3);
  std::stop_source stop;
  const auto reader = open(ByteSource::descriptor(input.get()), stop.get_token());
  std::thread stopper([&] { stop.request_stop(); });
  expect_error(ErrorCode::kCancelled, "cancelled while waiting", [&] { reader->next(); });
  stopper.join();
}

TEST(DescriptorSource, IsOpenForReading) {
  expect_error(ErrorCode::kInvalidArgument, "descriptor -1: is not a file descriptor",
               [] { ByteSource::descriptor(-1); });
  const Descriptor output(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const auto reader = open(ByteSource::descriptor(output.get()));
  expect_error(ErrorCode::kIo, "cannot read", [&] { reader->next(); });
}

TEST(CallbackSource, IsCalledUntilItReturnsNothing) {
  const std::string text(kReadSize * 2 + 3, 'x');
  for (const std::size_t most : {std::size_t{7001}, text.size()}) {
    const auto reader = open(ByteSource::callback(pieces_of(text, most), text.size(), "text"));
    EXPECT_EQ(reader->name(), "text");
    EXPECT_EQ(reader->bytes_total(), text.size());
    EXPECT_EQ(reader->next().size(), kReadSize);
    EXPECT_NE(reader->owner(), nullptr);
    EXPECT_EQ(read_all(*reader).size(), kReadSize + 3);
  }
  const auto reader = open(ByteSource::callback(pieces_of("", 1)));
  EXPECT_EQ(reader->bytes_total(), std::nullopt);
  EXPECT_EQ(read_all(*reader), "");
}

TEST(CallbackSource, IsNotCalledAgainAfterItsEnd) {
  int ends = 0;
  const auto reader = open(ByteSource::callback(
      [&](std::span<std::byte> /*into*/, const std::stop_token& /*stop*/) -> std::size_t {
        ++ends;
        return 0;
      }));
  EXPECT_EQ(read_all(*reader), "");
  EXPECT_EQ(ends, 1);
}

TEST(CallbackSource, PassesItsExceptionsOn) {
  const auto reader = open(ByteSource::callback(
      [](std::span<std::byte> /*into*/, const std::stop_token& /*stop*/) -> std::size_t {
        throw std::runtime_error("no network");
      }));
  EXPECT_THROW(reader->next(), std::runtime_error);
}

TEST(CallbackSource, ReturnsNoMoreThanTheRoomItHas) {
  const auto reader = open(ByteSource::callback(
      [](std::span<std::byte> into, const std::stop_token& /*stop*/) { return into.size() + 1; }));
  expect_error(ErrorCode::kInvalidArgument, "input: the callback returned",
               [&] { reader->next(); });
  expect_error(ErrorCode::kInvalidArgument, "empty", [] { ByteSource::callback(nullptr); });
}

TEST(CallbackSource, IsNotCalledAfterARequestToStop) {
  std::stop_source stop;
  const auto reader =
      open(ByteSource::callback([&](std::span<std::byte> /*into*/, const std::stop_token& token) {
             EXPECT_FALSE(token.stop_requested());
             stop.request_stop();
             EXPECT_TRUE(token.stop_requested());
             return std::size_t{1};
           }),
           stop.get_token());
  expect_error(ErrorCode::kCancelled, "cancelled", [&] { reader->next(); });
}

TEST(CopyBytes, NeedsASourceOfKnownSize) {
  const auto reader = open(ByteSource::callback(pieces_of("abc", 1)));
  expect_error(ErrorCode::kInvalidArgument, "size is unknown", [&] { require_size(*reader); });
}

TEST(CopyBytes, CopiesExactlyTheSizeThatWasGiven) {
  std::string text;
  const auto append = [&](const SharedBytes& run) { text += as_text(run.bytes); };
  copy_bytes(*open(ByteSource::callback(pieces_of("abcdef", 4))), 5, append);
  EXPECT_EQ(text, "abcde");
  expect_error(ErrorCode::kIo, "input: ended after 3 of its 4 bytes",
               [&] { copy_bytes(*open(ByteSource::callback(pieces_of("abc", 2), 4)), 4, append); });
}

}  // namespace
}  // namespace cim
