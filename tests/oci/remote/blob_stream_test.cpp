// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/blob_stream.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "oci/remote/session.h"

namespace cim::oci {
namespace {

using test::expect_error;

constexpr std::size_t kAhead = std::size_t{2} << 20;

/// Answers every request with one blob, from the byte that the request names on. A connection
/// serves one request, and at most `most` bytes of the blob.
class BlobServer {
 public:
  BlobServer(ByteView blob, std::size_t most)
      : blob_(blob), most_(most), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, generic, size), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
    EXPECT_EQ(::getsockname(socket_, generic, &size), 0);
    port_ = ::ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  BlobServer(const BlobServer&) = delete;
  BlobServer& operator=(const BlobServer&) = delete;
  ~BlobServer() {
    ::shutdown(socket_, SHUT_RDWR);  // ends the accept() of the thread
    thread_.join();
    ::close(socket_);
  }

  std::string host() const { return fmt::format("127.0.0.1:{}", port_); }
  int requests() const { return requests_; }

 private:
  void run() {
    while (true) {
      const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) {
        return;
      }
      answer(connection);
      ::close(connection);
    }
  }

  void answer(int connection) {
    std::string request;
    for (char c = 0; !request.ends_with("\r\n\r\n") && ::recv(connection, &c, 1, 0) == 1;) {
      request += c;
    }
    ++requests_;
    constexpr std::string_view kRange = "Range: bytes=";
    const std::size_t range = request.find(kRange);
    const bool is_part = range != std::string::npos;
    const std::size_t start = is_part ? std::stoul(request.substr(range + kRange.size())) : 0;
    std::string headers = "HTTP/1.1 200 OK\r\n";
    if (is_part) {
      headers = fmt::format("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {}-{}/{}\r\n",
                            start, blob_.size() - 1, blob_.size());
    }
    headers += fmt::format("Content-Length: {}\r\n\r\n", blob_.size() - start);
    send_all(connection, as_bytes(headers));
    send_all(connection, blob_.subspan(start, std::min(most_, blob_.size() - start)));
  }

  static void send_all(int connection, ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return;
      }
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
  }

  ByteView blob_;
  std::size_t most_;
  int socket_;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
};

class BlobStreamTest : public testing::Test {
 protected:
  BlobStreamTest() {
    blob_.resize(std::size_t{5} << 20);
    for (std::size_t i = 0; i < blob_.size(); ++i) {
      blob_[i] = static_cast<std::byte>(i * i >> 9);
    }
    options_.plain_http = true;
  }

  BlobStream stream(const BlobServer& server, const Digest& digest) const {
    const Reference repository = Reference::parse_repository(server.host() + "/a");
    return {std::make_shared<Session>(repository, Session::Access::kPull, options_),
            {.media_type = "x", .digest = digest, .size = blob_.size()},
            kAhead};
  }
  BlobStream stream(const BlobServer& server) const {
    return stream(server, Digest(Sha256::of(blob_)));
  }

  static Bytes read_all(BlobStream& stream) {
    Bytes bytes;
    for (SharedBytes piece = stream.next({}); !piece.bytes.empty(); piece = stream.next({})) {
      append(bytes, piece.bytes);
    }
    return bytes;
  }

  Bytes blob_;
  RemoteOptions options_;
};

TEST_F(BlobStreamTest, PassesTheBlobInOrder) {
  const BlobServer server(blob_, blob_.size());
  BlobStream all = stream(server);
  EXPECT_TRUE(read_all(all) == blob_);
  EXPECT_EQ(server.requests(), 1);
}

// A buffer must not be used again for bytes that come later.
TEST_F(BlobStreamTest, PiecesRemainValidWhileTheyAreOwned) {
  const BlobServer server(blob_, blob_.size());
  BlobStream all = stream(server);
  const SharedBytes first = all.next({});
  (void)read_all(all);
  EXPECT_TRUE(equal(first.bytes, ByteView(blob_).first(first.bytes.size())));
}

TEST_F(BlobStreamTest, ContinuesAfterALostConnection) {
  const BlobServer server(blob_, std::size_t{2} << 20);
  BlobStream all = stream(server);
  EXPECT_TRUE(read_all(all) == blob_);
  EXPECT_EQ(server.requests(), 3);
}

TEST_F(BlobStreamTest, WithholdsTheEndOfABlobOfAnotherDigest) {
  const BlobServer server(blob_, blob_.size());
  BlobStream all = stream(server, Digest(Sha256::of(as_bytes("x"))));
  Bytes into(blob_.size());
  std::size_t done = 0;
  expect_error(ErrorCode::kCorrupt, "has the digest", [&] {
    while (const std::size_t got = all.read(std::span(into).subspan(done), {})) {
      done += got;
    }
  });
  EXPECT_LT(done, blob_.size());
}

TEST_F(BlobStreamTest, CanBeGivenUp) {
  const BlobServer server(blob_, blob_.size());
  BlobStream started = stream(server);
  started.start();
  BlobStream read = stream(server);
  EXPECT_FALSE(read.next({}).bytes.empty());
}

}  // namespace
}  // namespace cim::oci
