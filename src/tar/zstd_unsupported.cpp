// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Used in a build without zstd.
#include "cimlib/error.h"

#include "tar/compression.h"
#include "tar/zstd_frames.h"

namespace cim::tar {
namespace {

[[noreturn]] void refuse(const std::string& name) {
  throw Error(ErrorCode::kUnsupported, name,
              "this build of cimlib does not support zstd; \"zstd -d\" unpacks it");
}

}  // namespace

std::unique_ptr<Source> make_zstd_source(std::unique_ptr<Source> packed) {
  refuse(packed->name());
}

std::unique_ptr<Sink> make_zstd_sink(Sink& /*packed*/) {
  refuse("zstd");
}

std::unique_ptr<Sink> make_fast_sink(Sink& packed) {
  return make_gzip_sink(packed);
}

Bytes pack_zstd_frame(ByteView /*plain*/) {
  throw Error(ErrorCode::kUnsupported, "zstd", "this build of cimlib does not support zstd");
}

void unpack_zstd_frame(ByteView /*packed*/, std::span<std::byte> /*plain*/,
                       const std::string& subject) {
  throw Error(ErrorCode::kUnsupported, subject, "this build of cimlib does not support zstd");
}

}  // namespace cim::tar
