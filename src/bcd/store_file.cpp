// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <system_error>

#include <fmt/format.h>

#include "cimlib/bcd.h"
#include "cimlib/error.h"

#include "os/file.h"

namespace cim::bcd {
namespace {

namespace fs = std::filesystem;

// A rename would replace the link, and leave the store to which it points unchanged.
void refuse_links(const fs::path& store) {
  if (fs::is_symlink(fs::symlink_status(store))) {
    throw Error(ErrorCode::kUnsupported, store.string(),
                "a store that is a symbolic link cannot be edited");
  }
}

// The contents of a log must be merged into the hive before the hive is edited.
void refuse_logs(const fs::path& store) {
  for (const char* const suffix : {".LOG", ".LOG1", ".LOG2"}) {
    fs::path log = store;
    log += suffix;
    std::error_code absent;
    const std::uintmax_t size = fs::file_size(log, absent);
    if (!absent && size > 0) {
      throw Error(ErrorCode::kUnsupported, store.string(),
                  fmt::format("the transaction log {} is not empty; logs are not replayed",
                              log.filename().string()));
    }
  }
}

}  // namespace

CimBootReport edit_for_cim_boot(const fs::path& store, const CimBootOptions& options) {
  refuse_links(store);
  EditedStore edited = edit_for_cim_boot(registry::Hive::open(store), store.string(), options);
  refuse_logs(store);
  AtomicFile file(store);
  file.file().write_at(0, edited.bytes);
  std::error_code error;
  fs::permissions(file.file().path(), fs::status(store).permissions(), error);
  if (error) {
    throw Error(ErrorCode::kIo, store.string(),
                "cannot preserve the permissions: " + error.message());
  }
  file.publish(Publish::kReplace);
  return std::move(edited.report);
}

}  // namespace cim::bcd
