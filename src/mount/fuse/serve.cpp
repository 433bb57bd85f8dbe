// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/serve.h"

#include <filesystem>
#include <memory>
#include <string>

#include <spdlog/logger.h>
#include <spdlog/sinks/syslog_sink.h>
#include <syslog.h>

#include "cimlib/error.h"
#include "cimlib/image.h"
#include "cimlib/mount.h"

#include "mount/fuse/server.h"
#include "mount/overlay.h"
#include "os/path_status.h"

namespace cim::mount {
namespace {

WarningSink to_system_log() {
  auto sink = std::make_shared<spdlog::sinks::syslog_sink_mt>("cim", LOG_PID, LOG_DAEMON, false);
  auto logger = std::make_shared<spdlog::logger>("cim", std::move(sink));
  return [logger](const std::string& text) { logger->error("{}", text); };
}

void require_possible(const Options& options) {
  if (!options.upper) {
    return;
  }
  if (options.names == NameMatch::kIgnoringCase) {
    throw Error(ErrorCode::kInvalidArgument, "a writable mount",
                "cannot ignore case: an overlay takes two spellings for two files");
  }
  require_overlays();
}

}  // namespace

void serve_fuse_foreground(const std::filesystem::path& image,
                           const std::filesystem::path& mount_point, const Options& options,
                           const Events& events, const std::stop_token& stop) {
  require_possible(options);
  Server server(Image(absolute_path(image), ReadPattern::kAnywhere), mount_point, options,
                events.warning ? events.warning : to_system_log());
  server.run(
      [&events] {
        if (events.ready) {
          events.ready({.backend = Backend::kFuse});
        }
      },
      stop);
}

}  // namespace cim::mount
