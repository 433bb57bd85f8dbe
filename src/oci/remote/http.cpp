// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A transfer is driven by its reader: libcurl works only while the constructor or read() waits for
// it, and stops receiving while the receive buffer is full.
#include "oci/remote/http.h"

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "cimlib/version.h"

#include "base/printable.h"
#include "oci/remote/curl_handles.h"
#include "oci/remote/receive_buffer.h"
#include "oci/remote/response_head.h"

namespace cim::oci {
namespace {

constexpr long kSocketBuffer = 512L * 1024;
// A slower transfer has stalled.
constexpr std::uint64_t kLeastBytes = 1024;
constexpr long kConnectSeconds = 30;
constexpr std::chrono::milliseconds kLongestWait{1000};

using Clock = std::chrono::steady_clock;

}  // namespace

struct Connections::State {
  HttpOptions options;
  std::unique_ptr<CURLM, FreeMulti> multi;
};

Connections::Connections(HttpOptions options) {
  initialize_curl();
  state_ = std::make_unique<State>(
      State{.options = std::move(options),
            .multi = std::unique_ptr<CURLM, FreeMulti>(::curl_multi_init())});
  if (state_->multi == nullptr) {
    throw std::bad_alloc();
  }
}

Connections::~Connections() = default;

// A transfer, as libcurl's callbacks see it.
struct Transfer::State {
  State(Connections::State& connections, const Request& request, const std::string& subject)
      : connections_(connections), subject_(subject), request_(request) {
    easy_.reset(::curl_easy_init());
    if (easy_ == nullptr) {
      throw std::bad_alloc();
    }
    set_connection();
    set_request();
    set_callbacks();
    ::curl_multi_add_handle(connections_.multi.get(), easy_.get());
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::curl_multi_remove_handle(connections_.multi.get(), easy_.get()); }

  void await_headers(const std::stop_token& stop) {
    while (!head_.is_complete() && !is_done_) {
      drive(stop);
    }
    if (!head_.is_complete()) {
      fail_if_failed();
      throw TemporaryFailure(subject_, "the server closed the connection without an answer");
    }
  }

  std::size_t read(std::span<std::byte> into, const std::stop_token& stop) {
    return buffer_.is_empty() ? receive(into, stop) : buffer_.take(into);
  }

  const ResponseHead& head() const noexcept { return head_; }
  const Request& request() const noexcept { return request_; }
  const std::string& subject() const noexcept { return subject_; }

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    if (::curl_easy_setopt(easy_.get(), option, value) != CURLE_OK) {
      throw Error(ErrorCode::kUnsupported, "libcurl",
                  fmt::format("does not support option {}", static_cast<int>(option)));
    }
  }

  std::size_t receive(std::span<std::byte> into, const std::stop_token& stop) {
    buffer_.start_waiting(into);
    try {
      resume();
      while (!buffer_.has_received() && !is_done_) {
        drive(stop);
      }
    } catch (...) {
      buffer_.stop_waiting();
      throw;
    }
    const std::size_t size = buffer_.stop_waiting();
    if (size == 0) {
      fail_if_failed();
    }
    return size;
  }

  void set_connection() {
    const HttpOptions& options = connections_.options;
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_CONNECTTIMEOUT,
        std::min(kConnectSeconds, static_cast<long>(options.stall_timeout.count())));
    set(CURLOPT_BUFFERSIZE, kSocketBuffer);
    set(CURLOPT_ERRORBUFFER, message_.data());
    set(CURLOPT_SSL_VERIFYPEER, options.verify_tls ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, options.verify_tls ? 2L : 0L);
    if (!options.ca_file.empty()) {
      set(CURLOPT_CAINFO, options.ca_file.c_str());
    }
    if (request_.url.is_loopback()) {
      set(CURLOPT_PROXY, "");  // a proxy is another host
    }
  }

  void set_request() {
    set(CURLOPT_URL, request_.url.text().c_str());
    std::vector<std::string> lines = request_.headers;
    lines.push_back(fmt::format("User-Agent: cimlib/{}", kVersion));
    if (!request_.authorization.empty()) {
      lines.push_back("Authorization: " + request_.authorization);
    }
    for (const std::string& line : lines) {
      curl_slist* const longer = ::curl_slist_append(lines_.get(), line.c_str());
      if (longer == nullptr) {
        throw std::bad_alloc();
      }
      (void)lines_.release();
      lines_.reset(longer);
    }
    set(CURLOPT_HTTPHEADER, lines_.get());
    if (request_.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
    } else if (request_.method == "POST") {
      const std::uint64_t size = request_.body ? request_.body->size : 0;
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(size));
    } else if (request_.method != "GET") {
      set(CURLOPT_UPLOAD, 1L);
      set(CURLOPT_INFILESIZE_LARGE,
          static_cast<curl_off_t>(request_.body ? request_.body->size : 0));
      set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    }
  }

  void set_callbacks() {
    set(CURLOPT_HEADERFUNCTION, &State::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &State::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_READFUNCTION, &State::on_send);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_SEEKFUNCTION, &State::on_seek);
    set(CURLOPT_SEEKDATA, this);
  }

  // Exceptions must not pass through libcurl; they are kept for fail_if_failed().
  static std::size_t on_header(char* text, std::size_t size, std::size_t count,
                               void* state) noexcept {
    State& self = *static_cast<State*>(state);
    try {
      self.take_header({text, size * count});
      return size * count;
    } catch (...) {
      self.failure_ = std::current_exception();
      return 0;
    }
  }

  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count,
                             void* state) noexcept {
    State& self = *static_cast<State*>(state);
    try {
      return self.take_body(std::as_bytes(std::span(bytes, size * count)));
    } catch (...) {
      self.failure_ = std::current_exception();
      return 0;
    }
  }

  static std::size_t on_send(char* into, std::size_t size, std::size_t count,
                             void* state) noexcept {
    State& self = *static_cast<State*>(state);
    try {
      return self.give_body(std::as_writable_bytes(std::span(into, size * count)));
    } catch (...) {
      self.failure_ = std::current_exception();
      return CURL_READFUNC_ABORT;
    }
  }

  static int on_seek(void* state, curl_off_t offset, int origin) noexcept {
    if (origin != SEEK_SET || offset < 0) {
      return CURL_SEEKFUNC_CANTSEEK;
    }
    static_cast<State*>(state)->sent_ = static_cast<std::uint64_t>(offset);
    return CURL_SEEKFUNC_OK;
  }

  void take_header(std::string_view line) {
    moved_ += line.size();
    long status = 0;
    ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    head_.add(line, static_cast<unsigned>(status), subject_);
  }

  std::size_t take_body(ByteView bytes) {
    if (!buffer_.accept(bytes)) {
      is_paused_ = true;
      return CURL_WRITEFUNC_PAUSE;
    }
    moved_ += bytes.size();
    return bytes.size();
  }

  std::size_t give_body(std::span<std::byte> into) {
    const std::uint64_t left = request_.body ? request_.body->size - sent_ : 0;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left));
    if (size > 0) {
      request_.body->read_at(sent_, into.first(size));
    }
    sent_ += size;
    moved_ += size;
    return size;
  }

  void resume() {
    if (is_paused_) {
      is_paused_ = false;
      const SigpipeBlock block;
      ::curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
    }
  }

  // Does some work, or waits until there is any.
  void drive(const std::stop_token& stop) {
    if (stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, subject_, "the transfer was cancelled");
    }
    CURLM* const multi = connections_.multi.get();
    const std::uint64_t before = moved_;
    int running = 0;
    {
      const SigpipeBlock block;
      ::curl_multi_perform(multi, &running);
    }
    collect_result();
    if (is_done_ || moved_ != before) {
      return;
    }
    const std::stop_callback wake(stop, [multi] { ::curl_multi_wakeup(multi); });
    const auto start = Clock::now();
    ::curl_multi_poll(multi, nullptr, 0, static_cast<int>(kLongestWait.count()), nullptr);
    check_progress(Clock::now() - start);
  }

  void collect_result() {
    int left = 0;
    while (const CURLMsg* const message = ::curl_multi_info_read(connections_.multi.get(), &left)) {
      if (message->msg == CURLMSG_DONE && message->easy_handle == easy_.get()) {
        is_done_ = true;
        result_ = message->data.result;
      }
    }
  }

  // Only time that was spent waiting counts: the reader may be slow itself.
  void check_progress(Clock::duration waited) {
    waited_ += waited;
    if (waited_ < connections_.options.stall_timeout) {
      return;
    }
    if (moved_ - moved_at_check_ < kLeastBytes) {
      throw TemporaryFailure(
          subject_, fmt::format("{} sends or accepts no data for {} s", request_.url.origin(),
                                connections_.options.stall_timeout.count()));
    }
    waited_ = {};
    moved_at_check_ = moved_;
  }

  void fail_if_failed() const {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
    if (result_ != CURLE_OK) {
      fail();
    }
  }

  [[noreturn]] void fail() const {
    const std::string origin = request_.url.origin();
    const std::string reason =
        printable(message_.front() != '\0' ? message_.data() : ::curl_easy_strerror(result_));
    switch (result_) {
      case CURLE_PEER_FAILED_VERIFICATION:
        throw Error(ErrorCode::kAccessDenied, subject_,
                    fmt::format("the certificate of {} is not trusted ({}); name the file of its "
                                "authority with --ca-file",
                                origin, reason));
      case CURLE_SSL_CACERT_BADFILE:
        throw Error(ErrorCode::kInvalidArgument, connections_.options.ca_file.string(),
                    "cannot be read as a file of certificate authorities");
      case CURLE_SSL_CONNECT_ERROR:
        throw NoTls(
            ErrorCode::kIo, subject_,
            fmt::format("{} does not answer TLS ({}); --plain-http uses HTTP", origin, reason));
      default:
        throw TemporaryFailure(subject_,
                               fmt::format("the connection to {} failed: {}", origin, reason));
    }
  }

  Connections::State& connections_;
  std::string subject_;
  Request request_;
  std::unique_ptr<curl_slist, FreeList> lines_;
  std::array<char, CURL_ERROR_SIZE> message_{};
  std::unique_ptr<CURL, FreeEasy> easy_;  // uses both

  ResponseHead head_;
  ReceiveBuffer buffer_;
  bool is_paused_ = false;  // because the buffer is full
  std::uint64_t sent_ = 0;  // of the request's body
  bool is_done_ = false;
  CURLcode result_ = CURLE_OK;
  std::exception_ptr failure_;

  std::uint64_t moved_ = 0;  // bytes in both directions
  std::uint64_t moved_at_check_ = 0;
  Clock::duration waited_{};
};

Transfer::Transfer(Connections& connections, const Request& request, const std::string& subject,
                   const std::stop_token& stop)
    : state_(std::make_unique<State>(*connections.state_, request, subject)) {
  state_->await_headers(stop);
}

Transfer::~Transfer() = default;

unsigned Transfer::status() const noexcept {
  return state_->head().status();
}

const Url& Transfer::url() const noexcept {
  return state_->request().url;
}

std::vector<std::string> Transfer::headers(std::string_view name) const {
  return state_->head().values(name);
}

std::string Transfer::header(std::string_view name) const {
  return state_->head().value(name);
}

std::size_t Transfer::read(std::span<std::byte> into, const std::stop_token& stop) {
  return state_->read(into, stop);
}

Bytes Transfer::read_all(std::size_t limit, const std::stop_token& stop) {
  constexpr std::size_t kPiece = std::size_t{64} << 10;
  Bytes bytes;
  Bytes piece(kPiece);
  while (const std::size_t got = read(piece, stop)) {
    if (got > limit - bytes.size()) {
      throw Error(ErrorCode::kLimit, state_->subject(),
                  fmt::format("the response is longer than the {} bytes allowed", limit));
    }
    append(bytes, ByteView(piece).first(got));
  }
  return bytes;
}

}  // namespace cim::oci
