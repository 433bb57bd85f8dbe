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
#include <vector>

#include "appx/digest.h"
#include "base/bytes.h"

namespace cim::appx {

inline constexpr std::size_t kBlockSize = std::size_t{64} * 1024;

/// A block map of this size describes 80 GB. What it describes bounds what a package may unpack to.
inline constexpr std::uint64_t kMaxBlockMap = std::uint64_t{128} << 20;

/// A file as the block map describes it.
struct MappedFile {
  std::uint64_t size = 0;
  std::uint32_t first_block = 0;  ///< number of its first block among all of BlockMap::digests
  std::uint32_t name_size = 0;
  std::size_t name_offset = 0;  ///< used by MappedFiles
};

/// The files of a block map by name, with `\` between names. A file costs some forty bytes besides
/// its name.
class MappedFiles {
 public:
  /// Adds a file; returns false if there is one of that name.
  bool add(std::string_view name, MappedFile file);

  /// Returns null if there is no file of that name.
  const MappedFile* find(std::string_view name) const;

  /// Returns the files in the order of the block map.
  const std::vector<MappedFile>& all() const noexcept { return files_; }
  std::string_view name(const MappedFile& file) const {
    return std::string_view(names_).substr(file.name_offset, file.name_size);
  }

 private:
  std::size_t slot_of(std::string_view name) const;
  void grow();

  std::vector<MappedFile> files_;
  std::string names_;
  // Open addressing: index of the file plus one, or zero; the number of slots is a power of two,
  // and at least half of them are free.
  std::vector<std::uint32_t> slots_;
};

struct BlockMap {
  DigestMethod method = DigestMethod::kSha256;
  MappedFiles files;
  Bytes digests;  ///< of all blocks, one after another
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
