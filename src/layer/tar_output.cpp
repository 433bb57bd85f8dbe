// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/tar_output.h"

#include "cimlib/error.h"

#include "async/file_appender.h"
#include "os/file.h"
#include "os/host_path.h"
#include "tar/compression.h"

namespace cim::layer {

std::unique_ptr<tar::Sink> make_packing_sink(Compression compression, tar::Sink& output) {
  switch (compression) {
    case Compression::kGzip:
      return tar::make_gzip_sink(output);
    case Compression::kZstd:
      return tar::make_zstd_sink(output);
    case Compression::kNone:
      break;
  }
  return nullptr;
}

void write_tar_file(const std::filesystem::path& tar, bool replaces_existing,
                    const std::function<void(const tar::CallingSink::Function&)>& write) {
  const std::filesystem::file_type existing = status_of(tar).type();
  const bool replaces = replaces_existing && existing == std::filesystem::file_type::regular;
  if (existing != std::filesystem::file_type::not_found && !replaces) {
    throw Error(ErrorCode::kExists, tar.string(), "already exists");
  }
  // A symbolic link to the file is kept.
  AtomicFile file(replaces ? canonical_path(tar) : tar);
  WriteBehind write_behind;
  FileAppender appender(file.file(), write_behind);
  write([&appender](const SharedBytes& bytes) { appender.append(bytes); });
  appender.finish();
  file.publish(replaces ? Publish::kReplace : Publish::kFailIfThere);
}

}  // namespace cim::layer
