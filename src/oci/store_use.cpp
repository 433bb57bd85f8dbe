// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/store_use.h"

#include <algorithm>
#include <system_error>

#include "cimlib/error.h"

#include "os/host_path.h"
#include "os/system_error.h"

namespace cim::oci {
namespace {

constexpr int kDirectoryAttempts = 100;

// Returns whether it created the directory.
bool make_directories(const std::filesystem::path& directory) {
  std::error_code error;
  const bool is_new = std::filesystem::create_directories(directory, error);
  if (error) {
    throw_system_error(error, directory.string(), "create");
  }
  return is_new;
}

}  // namespace

StoreUse::~StoreUse() {
  if (lock_ && !is_kept_) {
    lock_.reset();
    try {
      remove_empty_directories();
    } catch (const Error&) {  // others are using them; empty directories do no harm
    }
  }
}

// Another import that fails may remove the directories in the meantime, as below.
void StoreUse::begin() {
  for (int attempt = 1; !lock_; ++attempt) {
    try {
      made_store_ = make_directories(records_.store()) || made_store_;
      records_.create();
      lock_.emplace(records_.directory(), lock_timeout_, LockMode::kShared);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound || attempt == kDirectoryAttempts) {
        throw;
      }
    }
  }
  records_.create();  // only now can no other import remove them
}

void StoreUse::remove_empty_directories() {
  const DirectoryLock exclusive(records_.directory());
  const auto directories = records_.directories();
  std::for_each(directories.rbegin(), directories.rend(), remove_empty_directory);
  if (made_store_) {
    remove_empty_directory(records_.store());
  }
}

}  // namespace cim::oci
