// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A hive is validated completely when it is opened, so that no later access can fail. A dirty hive
// is first recovered from its logs, if the caller has them.
#include "registry/read/hive_data.h"

#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "async/source_reader.h"
#include "os/file.h"
#include "registry/format/base_block.h"

namespace cim::registry {

bool assumed_layer_bits_are_valid(const BaseBlock& head) noexcept {
  return (head.flags & kHiveLayered) != 0;
}

CellSpace cell_space_of(ByteView file, const BaseBlock& head) noexcept {
  return {file.subspan(kBaseBlockSize, head.bins_size), head.minor_version,
          assumed_layer_bits_are_valid(head)};
}

HiveData::HiveData(Bytes file, std::string subject, std::span<const LogFile> logs,
                   const OpenOptions& options)
    : file_(std::move(file)), subject_(std::move(subject)) {
  head_ = read_base_block(file_, subject_);
  settle_dirtiness(logs, options);
  require_readable(head_, file_, subject_);
  space_ = cell_space_of(file_, head_);
  if ((head_.flags & kHiveTransactionsPending) != 0 && options.warning) {
    options.warning(subject_ +
                    ": transactions are pending, which are stored elsewhere and not read");
  }
  ThrowingSink sink(subject_, options.warning);
  const CellMap cells(space_.bins, sink);
  TreeValidator validator(cells, space_, sink);
  facts_ = validator.run(head_.root);
  sink.finish();
}

// A dirty hive needs its logs, or a caller who accepts what is there.
void HiveData::settle_dirtiness(std::span<const LogFile> logs, const OpenOptions& options) {
  const std::string why = dirty_reason(head_);
  if (why.empty()) {
    return;
  }
  if (!logs.empty()) {
    file_ = recover_from_logs(std::move(file_), subject_, logs, options.warning);
    head_ = read_base_block(file_, subject_);
    recovered_ = true;
    return;
  }
  if (options.dirty == DirtyHive::kReadAsIs) {
    dirty_ = true;
    if (options.warning) {
      options.warning(fmt::format("{}: torn, but read as it is: {}", subject_, why));
    }
    return;
  }
  throw Error(ErrorCode::kCorrupt, subject_,
              fmt::format("torn while it was written: {}; provide its .LOG1 and .LOG2, or load and "
                          "unload it once on Windows",
                          why));
}

// The bins may be followed by padding, which is ignored, but it must end somewhere. Of a stream
// that does not begin as a hive does, the first bytes are enough for an error.
std::vector<std::byte> read_hive(const ByteSource& source, const std::stop_token& stop) {
  constexpr std::uint64_t kMaxSize = kBaseBlockSize + kMaxBinsSize;
  const auto reader = open_source(source, BufferPool(kReadSize), stop);
  Bytes bytes;
  for (ByteView run = reader->next(); !run.empty(); run = reader->next()) {
    if (run.size() > kMaxSize - bytes.size()) {
      throw Error(ErrorCode::kLimit, reader->name(),
                  fmt::format("more than {} bytes, the maximum size of a hive", kMaxSize));
    }
    bytes.insert(bytes.end(), run.begin(), run.end());
    if (bytes.size() >= kBaseBlockSize && load<Signature4>(bytes, 0) != kHiveSignature) {
      break;
    }
    bytes.reserve(static_cast<std::size_t>(std::min(reader->bytes_total().value_or(0), kMaxSize)));
  }
  return bytes;
}

Bytes read_hive_file(const std::filesystem::path& path) {
  // The bins may be followed by padding, which is ignored; a larger file cannot be a hive.
  constexpr std::uint64_t kMaxFileSize = kBaseBlockSize + kMaxBinsSize;
  const File file = File::open_read(path);
  Bytes bytes(static_cast<std::size_t>(std::min(file.size(), kMaxFileSize)));
  file.read_at(0, bytes);
  return bytes;
}

}  // namespace cim::registry
