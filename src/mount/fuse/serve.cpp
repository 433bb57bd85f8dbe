// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <filesystem>
#include <memory>
#include <string>

#include <spdlog/logger.h>
#include <spdlog/sinks/syslog_sink.h>
#include <syslog.h>

#include "cimlib/image.h"
#include "cimlib/mount.h"

#include "mount/fuse/server.h"

namespace cim::mount {
namespace {

WarningSink to_system_log() {
  auto sink = std::make_shared<spdlog::sinks::syslog_sink_mt>("cim", LOG_PID, LOG_DAEMON, false);
  auto logger = std::make_shared<spdlog::logger>("cim", std::move(sink));
  return [logger](const std::string& text) { logger->error("{}", text); };
}

}  // namespace

void serve(const std::filesystem::path& image, const std::filesystem::path& mount_point,
           const Options& options, const Events& events, const std::stop_token& stop) {
  Server server(Image(std::filesystem::absolute(image)), mount_point, options,
                events.warning ? events.warning : to_system_log());
  server.run(events.ready, stop);
}

}  // namespace cim::mount
