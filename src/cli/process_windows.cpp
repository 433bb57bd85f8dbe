// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include <windows.h>
// After the types of windows.h.
#include <shellapi.h>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "cli/process.h"

namespace cim::cli {
namespace {

class HandleSink final : public Sink {
 public:
  HandleSink(DWORD which, std::string name)
      : handle_(::GetStdHandle(which)), name_(std::move(name)) {}

  void write(std::span<const std::byte> bytes) override {
    constexpr std::size_t kMostAtOnce = std::size_t{1} << 20;
    while (!bytes.empty()) {
      const auto wanted = static_cast<DWORD>(std::min(bytes.size(), kMostAtOnce));
      DWORD put = 0;
      if (::WriteFile(handle_, bytes.data(), wanted, &put, nullptr) == 0) {
        fail(::GetLastError());
      }
      bytes = bytes.subspan(put);
    }
  }

 private:
  [[noreturn]] void fail(DWORD error) const {
    if (error == ERROR_BROKEN_PIPE || error == ERROR_NO_DATA) {
      throw BrokenPipe();
    }
    const bool is_full = error == ERROR_DISK_FULL || error == ERROR_HANDLE_DISK_FULL;
    throw Error(is_full ? ErrorCode::kNoSpace : ErrorCode::kIo, name_,
                fmt::format("cannot write: Windows error {}", error));
  }

  HANDLE handle_;
  std::string name_;
};

Terminal terminal_of(DWORD which) {
  Terminal terminal;
  HANDLE const handle = ::GetStdHandle(which);
  DWORD mode = 0;
  terminal.is_terminal = ::GetConsoleMode(handle, &mode) != 0;
  terminal.is_utf8 = true;  // the console is set to UTF-8
  CONSOLE_SCREEN_BUFFER_INFO screen{};
  if (terminal.is_terminal && ::GetConsoleScreenBufferInfo(handle, &screen) != 0) {
    terminal.width =
        static_cast<std::size_t>(std::max(screen.srWindow.Right - screen.srWindow.Left + 1, 1));
  }
  return terminal;
}

// A console interprets bytes in the encoding that was set last, also for programs that run later.
class Utf8Console {
 public:
  Utf8Console() : before_(::GetConsoleOutputCP()) { ::SetConsoleOutputCP(CP_UTF8); }
  Utf8Console(const Utf8Console&) = delete;
  Utf8Console& operator=(const Utf8Console&) = delete;
  ~Utf8Console() {
    if (before_ != 0) {
      ::SetConsoleOutputCP(before_);
    }
  }

 private:
  UINT before_;
};

// Once constructed, the first interruption sets the token; the second ends the process as it would
// have without it. Windows has one handler per process, and calls it in a separate thread.
class InterruptionWatch {
 public:
  InterruptionWatch() {
    watched() = &source_;
    ::SetConsoleCtrlHandler(&on_interruption, TRUE);
  }
  InterruptionWatch(const InterruptionWatch&) = delete;
  InterruptionWatch& operator=(const InterruptionWatch&) = delete;
  ~InterruptionWatch() {
    ::SetConsoleCtrlHandler(&on_interruption, FALSE);
    watched() = nullptr;
  }

  std::stop_token token() const { return source_.get_token(); }
  bool is_interrupted() const { return source_.stop_requested(); }

 private:
  static std::atomic<std::stop_source*>& watched() {
    static std::atomic<std::stop_source*> source = nullptr;
    return source;
  }

  static BOOL WINAPI on_interruption(DWORD /*event*/) {
    std::stop_source* const source = watched();
    return source != nullptr && source->request_stop() ? TRUE : FALSE;
  }

  std::stop_source source_;
};

}  // namespace

struct Process::State {
  Utf8Console console;
  HandleSink output{STD_OUTPUT_HANDLE, "standard output"};
  HandleSink errors{STD_ERROR_HANDLE, "standard error"};
  std::optional<InterruptionWatch> watch;
  Interruption interruption = Interruption::kAborts;
  Environment environment;

  State()
      : environment{.output = output,
                    .errors = errors,
                    .output_terminal = terminal_of(STD_OUTPUT_HANDLE),
                    .errors_terminal = terminal_of(STD_ERROR_HANDLE),
                    .stop_on_interruption = [this](Interruption meaning) {
                      interruption = meaning;
                      if (!watch) {
                        watch.emplace();
                      }
                      return watch->token();
                    }} {}
};

Process::Process() : state_(std::make_unique<State>()) {}

Process::~Process() = default;

const Environment& Process::environment() const noexcept {
  return state_->environment;
}

// The status by which shells know a program that Ctrl-C ended.
int Process::end(int status) {
  const bool is_aborted = state_->watch && state_->watch->is_interrupted() &&
                          state_->interruption == Interruption::kAborts;
  return is_aborted ? static_cast<int>(STATUS_CONTROL_C_EXIT) : status;
}

// The arguments of main are in the system's code page, which does not have every character.
std::vector<std::string> program_words(int /*count*/, char** /*words*/) {
  int count = 0;
  const std::unique_ptr<LPWSTR, decltype(&::LocalFree)> wide(
      ::CommandLineToArgvW(::GetCommandLineW(), &count), &::LocalFree);
  std::vector<std::string> words;
  for (int i = 0; wide != nullptr && i < count; ++i) {
    const std::wstring_view word = wide.get()[i];
    words.push_back(to_wtf8(std::u16string(word.begin(), word.end())));
  }
  return words;
}

}  // namespace cim::cli
