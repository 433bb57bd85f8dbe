// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// One mounted image and the threads that serve it.

#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "cimlib/image.h"
#include "cimlib/mount.h"
#include "cimlib/progress.h"

#include "mount/fuse/file_system.h"
#include "mount/fuse/kernel_mount.h"
#include "mount/overlay.h"

struct fuse_session;

namespace cim::mount {

class Server {
 public:
  /// Mounts; requests are answered only in run(). Throws as serve_foreground() does.
  Server(Image image, const std::filesystem::path& mount_point, const Options& options,
         WarningSink warning);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Unmounts if it is still mounted.
  ~Server();

  /// Serves until it is unmounted or `stop` is requested. Call once. Calls `ready` when the root
  /// can be read, and written to if requested. Throws kIo if it cannot be, and what Overlay throws.
  void run(const std::function<void()>& ready, const std::stop_token& stop);

 private:
  void make_ready(const std::function<void()>& ready);
  void end_mounts();

  struct EndSession {
    void operator()(fuse_session* session) const noexcept;
  };

  Options options_;
  FileSystem files_;
  KernelMount mount_;  // outlives the session, which closes the connection
  std::unique_ptr<fuse_session, EndSession> session_;
  std::optional<Overlay> overlay_;
};

}  // namespace cim::mount
