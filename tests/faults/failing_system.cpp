// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "faults/failing_system.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__)

// long cim_test_system_call(long number, long, long, long, long, long, long): makes the call from
// an address that the filter allows.
asm(R"(
.text
.globl cim_test_system_call
.type cim_test_system_call, @function
cim_test_system_call:
  movq %rdi, %rax
  movq %rsi, %rdi
  movq %rdx, %rsi
  movq %rcx, %rdx
  movq %r8, %r10
  movq %r9, %r8
  movq 8(%rsp), %r9
  syscall
.globl cim_test_after_system_call
cim_test_after_system_call:
  ret
)");
extern "C" {
long cim_test_system_call(long number, long, long, long, long, long, long);
extern const char cim_test_after_system_call[];
}

namespace cim::test {
namespace {

// System calls that are not counted and never fail here.
constexpr int kUncounted[] = {SYS_rt_sigreturn,
                              SYS_rt_sigaction,
                              SYS_rt_sigprocmask,
                              SYS_sigaltstack,
                              SYS_futex,
                              SYS_exit,
                              SYS_exit_group,
                              SYS_clone,
                              SYS_clone3,
                              SYS_fork,
                              SYS_vfork,
                              SYS_brk,
                              SYS_munmap,
                              SYS_mremap,
                              SYS_mprotect,
                              SYS_madvise,
                              SYS_rseq,
                              SYS_sched_yield,
                              SYS_gettid,
                              SYS_getpid,
                              SYS_tgkill,
                              SYS_kill,
                              SYS_wait4,
                              SYS_clock_gettime,
                              SYS_clock_nanosleep,
                              SYS_arch_prctl,
                              SYS_prctl,
                              SYS_membarrier,
                              SYS_gettimeofday,
                              SYS_set_robust_list,
                              SYS_getuid,
                              SYS_geteuid,
                              SYS_getgid,
                              SYS_getegid,
                              SYS_set_tid_address,
                              SYS_getppid,
                              SYS_umask,
                              SYS_sched_getaffinity};

struct Name {
  int number;
  const char* name;
};
constexpr Name kNames[] = {
    {SYS_openat, "openat"},
    {SYS_openat2, "openat2"},
    {SYS_read, "read"},
    {SYS_pread64, "pread64"},
    {SYS_write, "write"},
    {SYS_pwrite64, "pwrite64"},
    {SYS_pwritev, "pwritev"},
    {SYS_writev, "writev"},
    {SYS_close, "close"},
    {SYS_fstat, "fstat"},
    {SYS_stat, "stat"},
    {SYS_lstat, "lstat"},
    {SYS_newfstatat, "fstatat"},
    {SYS_statx, "statx"},
    {SYS_getdents64, "getdents64"},
    {SYS_ftruncate, "ftruncate"},
    {SYS_fallocate, "fallocate"},
    {SYS_linkat, "linkat"},
    {SYS_link, "link"},
    {SYS_rename, "rename"},
    {SYS_renameat2, "renameat2"},
    {SYS_unlink, "unlink"},
    {SYS_unlinkat, "unlinkat"},
    {SYS_rmdir, "rmdir"},
    {SYS_mkdir, "mkdir"},
    {SYS_mkdirat, "mkdirat"},
    {SYS_fsync, "fsync"},
    {SYS_fdatasync, "fdatasync"},
    {SYS_sync_file_range, "sync_file_range"},
    {SYS_flock, "flock"},
    {SYS_mmap, "mmap"},
    {SYS_fcntl, "fcntl"},
    {SYS_lseek, "lseek"},
    {SYS_readlink, "readlink"},
    {SYS_readlinkat, "readlinkat"},
    {SYS_symlinkat, "symlinkat"},
    {SYS_utimensat, "utimensat"},
    {SYS_fadvise64, "fadvise64"},
    {SYS_getxattr, "getxattr"},
    {SYS_fgetxattr, "fgetxattr"},
    {SYS_listxattr, "listxattr"},
    {SYS_flistxattr, "flistxattr"},
    {SYS_fchmod, "fchmod"},
    {SYS_getrandom, "getrandom"},
    {SYS_statfs, "statfs"},
    {SYS_fstatfs, "fstatfs"},
    {SYS_poll, "poll"},
    {SYS_pipe2, "pipe2"},
};

std::atomic<std::uint64_t> fails_at = 0;
long unknown_call = -1;
CallLog* the_log = nullptr;

bool waits_for_data(long number, long flags) {
  return number == SYS_fsync || number == SYS_fdatasync || number == SYS_syncfs ||
         (number == SYS_sync_file_range &&
          (flags & (SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WAIT_AFTER)) != 0);
}

// Descriptors to which data was written that was not flushed since; close() may then be the first
// to report that it is lost, as on NFS.
std::array<std::atomic<bool>, 4096> unflushed;

void note_success(long number, std::uint64_t first) {
  if (first >= unflushed.size()) {
    return;
  }
  switch (number) {
    case SYS_write:
    case SYS_writev:
    case SYS_pwrite64:
    case SYS_pwritev:
      unflushed[first] = true;
      break;
    case SYS_fsync:
    case SYS_fdatasync:
    case SYS_close:
      unflushed[first] = false;
      break;
    default:
      break;
  }
}

bool removes(long number) {
  return number == SYS_unlink || number == SYS_unlinkat || number == SYS_rmdir;
}

void on_call(int /*signal*/, siginfo_t* info, void* context) {
  greg_t* const registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const long number = info->si_syscall;
  const auto call = [&] {
    return cim_test_system_call(number, registers[REG_RDI], registers[REG_RSI], registers[REG_RDX],
                                registers[REG_R10], registers[REG_R8], registers[REG_R9]);
  };
  if (number == unknown_call) {
    registers[REG_RAX] = -ENOSYS;
    return;
  }
  const std::uint64_t place = std::atomic_ref(the_log->calls).fetch_add(1) + 1;
  const auto descriptor = static_cast<std::uint64_t>(registers[REG_RDI]);
  if (place != fails_at) {
    registers[REG_RAX] = call();
    if (registers[REG_RAX] >= 0) {
      note_success(number, descriptor);
    }
    return;
  }
  the_log->failed = number;
  the_log->lost_data =
      waits_for_data(number, registers[REG_R10]) ||
      (number == SYS_close && descriptor < unflushed.size() && unflushed[descriptor]);
  the_log->kept_file = removes(number);
  if (number == SYS_close) {  // closes the file nevertheless
    call();
  }
  registers[REG_RAX] = number == SYS_mmap ? -ENOMEM : -EIO;
}

// The operands of conditional jumps are numbers of instructions to skip.
std::vector<sock_filter> filter() {
  const auto load = [](std::size_t offset) {
    return sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
  };
  const auto answer = [](std::uint32_t what) {
    return sock_filter BPF_STMT(BPF_RET | BPF_K, what);
  };
  const auto equals = [](std::uint64_t value, std::uint8_t yes, std::uint8_t no) {
    return sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(value), yes,
                                no);
  };
  const auto has = [](std::uint32_t bits, std::uint8_t yes, std::uint8_t no) {
    return sock_filter BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, yes, no);
  };
  const auto from = reinterpret_cast<std::uint64_t>(&cim_test_after_system_call[0]);
  constexpr std::size_t kFrom = offsetof(seccomp_data, instruction_pointer);
  std::vector<sock_filter> program = {
      load(kFrom),
      equals(from & 0xFFFFFFFFU, 0, 3),
      load(kFrom + 4),
      equals(from >> 32U, 0, 1),
      answer(SECCOMP_RET_ALLOW),
      load(offsetof(seccomp_data, nr)),
  };
  for (const int number : kUncounted) {
    program.push_back(equals(static_cast<std::uint64_t>(number), 0, 1));
    program.push_back(answer(SECCOMP_RET_ALLOW));
  }
  program.insert(program.end(), {
                                    equals(SYS_mmap, 0, 4),
                                    load(offsetof(seccomp_data, args) + 3 * sizeof(std::uint64_t)),
                                    has(MAP_STACK, 2, 0),
                                    has(MAP_ANONYMOUS, 0, 1),
                                    answer(SECCOMP_RET_ALLOW),
                                    answer(SECCOMP_RET_TRAP),
                                });
  return program;
}

}  // namespace

bool can_fail_system_calls() {
  return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

void fail_system_call(std::uint64_t place, CallLog* log, long unknown) {
  fails_at = place;
  unknown_call = unknown;
  the_log = log;
  struct sigaction action {};
  action.sa_sigaction = on_call;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  std::vector<sock_filter> instructions = filter();
  const sock_fprog program = {static_cast<unsigned short>(instructions.size()),
                              instructions.data()};
  if (::sigaction(SIGSYS, &action, nullptr) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    throw std::runtime_error("no seccomp filter can be set");
  }
}

std::string system_call_name(long number) {
  for (const Name& known : kNames) {
    if (known.number == number) {
      return known.name;
    }
  }
  return "system call " + std::to_string(number);
}

}  // namespace cim::test

#else

namespace cim::test {

bool can_fail_system_calls() {
  return false;
}

void fail_system_call(std::uint64_t /*place*/, CallLog* /*log*/, long /*unknown*/) {}

std::string system_call_name(long number) {
  return std::to_string(number);
}

}  // namespace cim::test

#endif
