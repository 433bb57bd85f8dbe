// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Reads the tar in one pass and passes each entry to a LayerWriter. Reading and unpacking run ahead
// in another thread, and so does each digest that is needed. Limits are checked before anything is
// stored, and whiteouts are applied at the end.
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"
#include "cimlib/layer_writer.h"

#include "base/upcase.h"
#include "layer/layer_names.h"
#include "layer/limited_source.h"
#include "layer/sidecar_paths.h"
#include "layer/tar_entries.h"
#include "layer/tar_record.h"
#include "layer/whiteouts.h"
#include "os/crypto.h"
#include "tar/compression.h"
#include "tar/source.h"

namespace cim::layer {
namespace {

using tar::RecordKind;
using tar::WindowsRecord;

// How many runs of compressed bytes are hashed ahead: with those in use, they fill one slab of
// buffers.
constexpr std::size_t kPackedRuns = 2;

/// Passes bytes on and hashes them.
class HashingSource final : public tar::Source {
 public:
  explicit HashingSource(std::unique_ptr<tar::Source> source)
      : tar::Source(source->name()), source_(std::move(source)) {}

  ByteView next() override {
    const ByteView run = source_->next();
    hash_.update(run);
    return run;
  }

  std::shared_ptr<const void> owner() const override { return source_->owner(); }

  /// Returns the digest of all bytes passed on so far. Called once, when no thread calls next().
  std::string digest() { return "sha256:" + to_hex(hash_.finish()); }

 private:
  std::unique_ptr<tar::Source> source_;
  Sha256 hash_;
};

/// A source that another thread reads ahead.
class AheadSource final : public tar::Source {
 public:
  /// As for tar::ReadAhead.
  AheadSource(std::unique_ptr<tar::Source> source, const std::stop_source& stop,
              std::size_t runs = tar::ReadAhead::kRuns)
      : tar::Source(source->name()), source_(std::move(source)), ahead_(*source_, stop, runs) {}

  ByteView next() override { return ahead_.next(); }
  std::shared_ptr<const void> owner() const override { return ahead_.owner(); }

 private:
  std::unique_ptr<tar::Source> source_;
  tar::ReadAhead ahead_;
};

LayerOptions layer_options(const ImportOptions& options) {
  LayerOptions layer = {.image = options.writer,
                        .utility_vm = options.utility_vm,
                        .made_times = options.made_times,
                        .warning = options.warning};
  layer.image.lock_timeout.stop = options.stop;
  return layer;
}

class Import {
 public:
  Import(const ByteSource& tar, const LayerPaths& layer, const std::vector<LayerPaths>& parents,
         const ImportOptions& options)
      : stop_callback_(options.stop, [this] { reading_.request_stop(); }),
        input_(tar, reading_.get_token()),
        options_(options),
        read_ahead_(unpacked_source(), reading_),
        entries_(input_, read_ahead_, tar::TarScope::kLayer,
                 {.limits = options.limits,
                  .progress = options.progress,
                  .warning = options.warning,
                  .stop = options.stop,
                  .cancelled = "the import was cancelled"}),
        writer_(layer, parents, layer_options(options)) {
    if (options.tar_record) {
      recorder_.emplace(*options.tar_record);
      entries_.reader().observe(*recorder_);
    }
    if (!parents.empty()) {
      whiteouts_.emplace(parents.front().image_path());
    }
  }

  ImportResult run() {
    entries_.for_each(
        [this](const ImagePath& path, const WindowsRecord& record) { add(path, record); });
    entries_.warn_of_end(options_.diff_id || options_.blob_digest);
    check_digests();
    if (recorder_) {
      recorder_->publish();
    }
    if (whiteouts_) {
      whiteouts_->remove_hidden(writer_, names_, [this] { entries_.report(); });
    }
    result_.entries = entries_.count();
    result_.tar_size = limited_->passed_on();
    result_.unpacked_size = std::max(result_.tar_size, entries_.content_size());
    LayerSummary summary = writer_.close();
    result_.image = summary.image;
    result_.utility_vm = std::move(summary.utility_vm);
    return result_;
  }

 private:
  // Returns the source of the unpacked bytes, with a thread for each digest and each decompression.
  std::unique_ptr<tar::Source> unpacked_source() {
    auto limited = std::make_unique<LimitedSource>(
        tar::decompress(input_, [this](auto packed) { return packed_source(std::move(packed)); }),
        options_.limits.size);
    limited_ = limited.get();
    const bool hashes_blob = options_.blob_digest && packed_ == nullptr;
    if (!options_.diff_id && !options_.computes_diff_id && !hashes_blob) {
      return limited;
    }
    auto hashing = std::make_unique<HashingSource>(
        std::make_unique<AheadSource>(std::move(limited), reading_));
    unpacked_ = hashing.get();
    return hashing;
  }

  // Compressed bytes need a digest of their own; that of a plain tar is its blob's too.
  std::unique_ptr<tar::Source> packed_source(std::unique_ptr<tar::Source> packed) {
    if (!options_.blob_digest) {
      return packed;
    }
    auto hashing = std::make_unique<HashingSource>(std::move(packed));
    packed_ = hashing.get();
    return std::make_unique<AheadSource>(std::move(hashing), reading_, kPackedRuns);
  }

  // The reader has read to the end of the source, past the end of the tar, and decompression to the
  // end of the input.
  void check_digests() {
    const std::string unpacked = unpacked_ == nullptr ? "" : unpacked_->digest();
    if (options_.blob_digest) {
      check_digest("blob", packed_ == nullptr ? unpacked : packed_->digest(),
                   *options_.blob_digest);
    }
    if (options_.diff_id) {
      check_digest("tar", unpacked, *options_.diff_id);
    }
    if (options_.diff_id || options_.computes_diff_id) {
      result_.diff_id = unpacked;
    }
  }

  void check_digest(std::string_view what, const std::string& found,
                    const std::string& expected) const {
    if (found != expected) {
      throw Error(ErrorCode::kCorrupt, input_.name(),
                  fmt::format("the digest of the {} is {}, expected {}", what, found, expected));
    }
  }

  void add(const ImagePath& path, const WindowsRecord& record) {
    switch (record.kind) {
      case RecordKind::kFile:
      case RecordKind::kDirectory:
      case RecordKind::kReparsePoint:
        return create(path, record);
      case RecordKind::kStream:
        writer_.add_alternate_stream({path, record.stream}, record.size);
        return copy_body(path, record.stream);
      case RecordKind::kHardLink:
        return link(path, image_path(record.link_target));
      case RecordKind::kWhiteout:
        return whiteouts().apply(path);
      case RecordKind::kOpaqueMarker:
        return whiteouts().hide_children(path);
    }
  }

  // A directory that is added to one of the parent keeps the spelling of the parent's. If a
  // whiteout hides that one, it is removed first, so that the tar's spelling counts, unless the tar
  // has already added something below it.
  void create(const ImagePath& path, const WindowsRecord& record) {
    const bool is_directory = record.kind == RecordKind::kDirectory;
    if (is_directory && whiteouts_ && whiteouts_->hides_other_spelling(path) &&
        !names_.find(path)) {
      writer_.remove(path);
    }
    take_name(path, is_directory ? Added::kDirectory : Added::kOther);
    writer_.add(path, metadata_of(record), record.size);
    if (record.kind == RecordKind::kFile) {
      result_.size += record.size;
      copy_body(path, {});
    }
  }

  void link(const ImagePath& path, const ImagePath& existing) {
    take_name(path, Added::kOther);
    if (writer_.is_directory(path)) {
      writer_.remove(path);  // the parent's; an entry of another kind replaces it
    }
    writer_.add_link(path, existing);
  }

  // If a layer has two entries of one name, there is no way to know which one its maker meant.
  // Without parents, whatever exists was added by this tar.
  void take_name(const ImagePath& path, Added kind) {
    const bool is_directory = kind == Added::kDirectory;
    bool is_repeated = false;
    if (whiteouts_) {
      const auto before = names_.find(path);
      is_repeated = before && !(is_directory && names_.value(*before) != Added::kOther);
      names_[path] = kind;
    } else {
      is_repeated = writer_.exists(path) && !(is_directory && writer_.is_directory(path));
    }
    if (is_repeated) {
      throw Error(ErrorCode::kCorrupt, path.to_string(),
                  "an earlier entry has the same name, ignoring case");
    }
  }

  Whiteouts& whiteouts() {
    if (!whiteouts_) {
      throw Error(ErrorCode::kCorrupt, "\\",
                  "a whiteout in a layer without parents, which has nothing to hide");
    }
    return *whiteouts_;
  }

  void copy_body(const ImagePath& path, std::u16string_view stream) {
    // Boot processing edits some files of a utility VM, so the image need not have these bytes.
    const bool is_kept =
        !sidecar_path_of(path) || !equal_ignoring_case(path.names().front(), u"UtilityVM");
    if (recorder_ && is_kept) {
      recorder_->begin_content(path, stream);
    }
    entries_.copy_body(writer_);
  }

  // The order of the members is that of construction: each reads from the one before it.
  // Destruction stops the thread of read_ahead_ before its source is destroyed.
  std::stop_source reading_;  // ends waits for input: requested by the caller or by read_ahead_
  std::stop_callback<std::function<void()>> stop_callback_;
  tar::Input input_;
  const ImportOptions& options_;
  // These are owned by read_ahead_.
  HashingSource* packed_ = nullptr;  // null if the input is plain, or its digest is not needed
  LimitedSource* limited_ = nullptr;
  HashingSource* unpacked_ = nullptr;  // null if its digest is not needed
  AheadSource read_ahead_;
  TarEntries entries_;
  std::optional<TarRecorder> recorder_;
  LayerWriter writer_;
  LayerNames names_;                    // used only with parents
  std::optional<Whiteouts> whiteouts_;  // set only with parents
  ImportResult result_;
};

}  // namespace

ImportResult import_tar(const ByteSource& tar, const LayerPaths& layer,
                        const std::vector<LayerPaths>& parents, const ImportOptions& options) {
  return Import(tar, layer, parents, options).run();
}

}  // namespace cim::layer
