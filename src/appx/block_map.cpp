// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/block_map.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "appx/xml.h"
#include "base/printable.h"
#include "os/base64.h"
#include "os/seeded_hash.h"

namespace cim::appx {
namespace {

constexpr std::size_t kFirstFileSlots = 64;

std::uint64_t blocks_of(std::uint64_t size) noexcept {
  return size / kBlockSize + (size % kBlockSize != 0 ? 1 : 0);
}

class BlockMapHandler final : public XmlHandler {
 public:
  explicit BlockMapHandler(const std::string& source) : source_(source) {}

  void start(const std::vector<std::string>& path, const XmlElement& element) override {
    if (path.size() == 1) {
      begin_map(element);
    } else if (path.size() == 2 && path[1] == "File") {
      begin_file(element);
    } else if (path.size() == 3 && path[1] == "File" && path[2] == "Block") {
      add_block(element);
    }
  }

  void end(const std::vector<std::string>& path) override {
    if (path.size() == 2 && path[1] == "File" &&
        blocks_ != blocks_of(map_.files.all().back().size)) {
      const MappedFile& file = map_.files.all().back();
      throw Error(ErrorCode::kCorrupt, source_,
                  fmt::format("the file {} has {} blocks, but {} bytes",
                              printable(map_.files.name(file)), blocks_, file.size));
    }
  }

  BlockMap result() { return std::move(map_); }

 private:
  void begin_map(const XmlElement& element) {
    if (element.name() != "BlockMap") {
      element.fail("is not the element BlockMap");
    }
    const std::string_view uri = element.required("HashMethod");
    const auto method = digest_method(uri);
    if (!method) {
      throw Error(ErrorCode::kUnsupported, source_,
                  fmt::format("has the unknown HashMethod \"{}\"", printable(uri)));
    }
    map_.method = *method;
  }

  void begin_file(const XmlElement& element) {
    const std::string_view name = element.required("Name");
    const MappedFile file = {.size = element.number("Size"), .first_block = all_blocks_};
    if (!map_.files.add(name, file)) {
      element.fail(fmt::format("names {} for the second time", printable(name)));
    }
    blocks_ = 0;
  }

  void add_block(const XmlElement& element) {
    const std::string_view text = element.required("Hash");
    const auto digest = decode_base64(text);
    if (!digest || digest->size() != digest_size(map_.method)) {
      element.fail(fmt::format("has Hash=\"{}\", which is not a digest", printable(text)));
    }
    append(map_.digests, *digest);
    ++blocks_;
    ++all_blocks_;
  }

  const std::string& source_;
  BlockMap map_;
  std::uint64_t blocks_ = 0;      // of the file
  std::uint32_t all_blocks_ = 0;  // kMaxBlockMap keeps it small
};

}  // namespace

std::size_t MappedFiles::slot_of(std::string_view name) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = SeededHash()(name) & mask;
  while (slots_[slot] != 0 && this->name(files_[slots_[slot] - 1]) != name) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

bool MappedFiles::add(std::string_view name, MappedFile file) {
  if (2 * (files_.size() + 1) > slots_.size()) {
    grow();
  }
  std::uint32_t& slot = slots_[slot_of(name)];
  if (slot != 0) {
    return false;
  }
  file.name_size = static_cast<std::uint32_t>(name.size());
  file.name_offset = names_.size();
  names_ += name;
  files_.push_back(file);
  slot = static_cast<std::uint32_t>(files_.size());
  return true;
}

const MappedFile* MappedFiles::find(std::string_view name) const {
  const std::uint32_t index = slots_.empty() ? 0 : slots_[slot_of(name)];
  return index == 0 ? nullptr : &files_[index - 1];
}

void MappedFiles::grow() {
  slots_.assign(std::max(kFirstFileSlots, 2 * slots_.size()), 0);
  for (std::size_t i = 0; i < files_.size(); ++i) {
    slots_[slot_of(name(files_[i]))] = static_cast<std::uint32_t>(i + 1);
  }
}

struct BlockMapReader::State {
  explicit State(std::string source_name)
      : source(std::move(source_name)), handler(source), parser(source, handler) {}

  std::string source;
  BlockMapHandler handler;
  XmlParser parser;
};

BlockMapReader::BlockMapReader(std::string source)
    : state_(std::make_unique<State>(std::move(source))) {}

BlockMapReader::~BlockMapReader() = default;

void BlockMapReader::feed(ByteView bytes) {
  state_->parser.feed(bytes);
}

BlockMap BlockMapReader::finish() {
  state_->parser.finish();
  return state_->handler.result();
}

BlockVerifier::BlockVerifier(const BlockMap& map, Digest& digest, Report report)
    : map_(map), digest_(digest), report_(std::move(report)) {}

void BlockVerifier::begin(const MappedFile& file) {
  file_ = file;
  block_ = 0;
  filled_ = 0;
  left_ = file.size;
}

void BlockVerifier::add(ByteView bytes) {
  bytes = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_)));
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min(bytes.size(), kBlockSize - filled_));
    digest_.add(piece);
    filled_ += piece.size();
    left_ -= piece.size();
    bytes = bytes.subspan(piece.size());
    if (filled_ == kBlockSize) {
      end_block();
    }
  }
}

void BlockVerifier::finish() {
  if (filled_ != 0) {
    end_block();
  }
}

// The reader of the block map made sure that there is a digest for each block.
void BlockVerifier::end_block() {
  const std::size_t size = digest_size(map_.method);
  const ByteView expected =
      ByteView(map_.digests)
          .subspan((file_.first_block + static_cast<std::size_t>(block_)) * size, size);
  if (!equal(digest_.finish(), expected)) {
    report_(block_);
  }
  ++block_;
  filled_ = 0;
}

}  // namespace cim::appx
