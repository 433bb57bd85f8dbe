// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// AppxBlockMap.xml: the size of each file and the digest of each of its blocks.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "appx/digest.h"
#include "base/bytes.h"
#include "os/seeded_hash.h"

namespace cim::appx {

inline constexpr std::size_t kBlockSize = std::size_t{64} * 1024;

/// A block map of this size describes 80 GB. What it describes bounds what a package may unpack to.
inline constexpr std::uint64_t kMaxBlockMap = std::uint64_t{128} << 20;

/// A file as the block map describes it.
struct MappedFile {
  std::uint64_t size = 0;
  std::size_t first_digest = 0;  ///< offset of the first block's digest in BlockMap::digests
};

struct BlockMap {
  DigestMethod method = DigestMethod::kSha256;
  /// By name, with `\` between names.
  SeededMap<std::string, MappedFile> files;
  Bytes digests;  ///< of all blocks, one after another

  /// Returns null if the map does not have the file.
  const MappedFile* find(const std::string& name) const;
};

/// Reads a block map that arrives in pieces.
class BlockMapReader {
 public:
  /// `source` names the document in errors.
  explicit BlockMapReader(std::string source);
  BlockMapReader(const BlockMapReader&) = delete;
  BlockMapReader& operator=(const BlockMapReader&) = delete;
  ~BlockMapReader();

  /// Throw kCorrupt for malformed documents, duplicate files, sizes that the number of blocks does
  /// not fit, and digests of another length; kUnsupported for unknown digests.
  void feed(ByteView bytes);
  BlockMap finish();

 private:
  struct State;

  std::unique_ptr<State> state_;
};

/// Compares the bytes of a file with its blocks while they pass.
class BlockVerifier {
 public:
  /// Receives the number of a block that differs, counted from 0.
  using Report = std::function<void(std::uint64_t)>;

  /// `map` must outlive this object.
  BlockVerifier(const BlockMap& map, Digest& digest, Report report);

  void begin(const MappedFile& file);
  /// The next bytes of the file. Bytes beyond the size of the file are ignored.
  void add(ByteView bytes);
  /// All bytes of the file were added.
  void finish();

 private:
  void end_block();

  const BlockMap& map_;
  Digest& digest_;
  Report report_;
  MappedFile file_;
  std::uint64_t block_ = 0;
  std::uint64_t left_ = 0;  // of the file
  std::size_t filled_ = 0;  // of the current block
};

}  // namespace cim::appx
