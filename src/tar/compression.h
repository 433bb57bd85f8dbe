// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The compressions of layers: gzip (RFC 1952) and zstd (RFC 8878). One file for each library that
// does the work: gzip_sink_isal.cpp or, where ISA-L is not available, gzip_sink_zlib.cpp, beside
// the decompressor in deflate/; zstd.cpp or, in a build without zstd, zstd_unsupported.cpp.

#include <functional>
#include <memory>

#include "tar/sink.h"
#include "tar/source.h"

namespace cim::tar {

/// Returns a source that passes on the bytes of another, such as one that hashes them.
using WrapSource = std::function<std::unique_ptr<Source>(std::unique_ptr<Source>)>;

/// Returns a source of the decompressed bytes of `input`, which must outlive it. Plain, gzip and
/// zstd input are distinguished by the first bytes. If the input is compressed, the compressed
/// bytes are read through the result of `wrap_packed`. Throws kUnsupported for other compressions.
/// Reading throws kCorrupt, naming the input and the offset in it, for data that are damaged or
/// truncated and for anything but zeros after a gzip stream; kLimit for a zstd window larger than
/// 128 MiB.
std::unique_ptr<Source> decompress(Source& input, const WrapSource& wrap_packed = {});

/// Decompresses consecutive zstd frames and skips skippable frames. Throws kUnsupported in a build
/// without zstd.
std::unique_ptr<Source> make_zstd_source(std::unique_ptr<Source> packed);

/// Compress into one gzip member (RFC 1952), or one zstd frame with a checksum (RFC 8878), written
/// to `packed`, which must outlive the result. Equal input gives equal output, however it is
/// divided among calls. Without finish() the output is incomplete.
std::unique_ptr<Sink> make_gzip_sink(Sink& packed);
std::unique_ptr<Sink> make_zstd_sink(Sink& packed);
/// For files that only cimlib reads, by decompress(): zstd at level 1, which needs 1 MiB of memory
/// instead of 4, or gzip in a build without zstd.
std::unique_ptr<Sink> make_fast_sink(Sink& packed);

}  // namespace cim::tar
