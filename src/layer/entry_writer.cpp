// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Entries are written in the order of paths, except that names of a file with several may have to
// wait for the one that carries its bytes. Besides such files, only the directories on the current
// path are remembered, so memory does not grow with the number of entries.
#include "layer/entry_writer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/attributes.h"
#include "cimlib/error.h"
#include "cimlib/wtf8.h"

namespace cim::layer {
namespace {

using tar::RecordKind;

// The size of one piece of a body; progress is reported and cancellation checked between two
// pieces.
constexpr std::size_t kPieceSize = std::size_t{1} << 20;
// A layer's files share a few hundred different descriptors.
constexpr std::size_t kMaxDescriptors = 4096;

std::uint32_t attributes_of(const format::FileRecord& record) {
  std::uint32_t attributes = format::attributes_of_flags(record.flags);
  attributes |= record.is_directory() ? attribute::kDirectory : 0;
  attributes |= record.reparse_data.is_absent() ? 0 : attribute::kReparsePoint;
  return attributes == 0 ? attribute::kNormal : attributes;  // as in Windows
}

std::string image_path_text(const tar::Names& names, std::u16string_view stream) {
  std::string text;
  for (const std::u16string& name : names) {
    text += '\\' + to_wtf8(name);
  }
  return text + ':' + to_wtf8(stream);
}

RecordKind kind_of(const format::FileRecord& record) {
  return !record.reparse_data.is_absent() ? RecordKind::kReparsePoint
         : record.is_directory()          ? RecordKind::kDirectory
                                          : RecordKind::kFile;
}

}  // namespace

EntryWriter::EntryWriter(const ImageReader& image, const ExportedFiles& exported,
                         tar::WindowsWriter& tar, const ExportOptions& options,
                         ExportResult& result)
    : image_(image),
      exported_(exported),
      tar_(tar),
      options_(options),
      result_(result),
      buffers_(kPieceSize),
      stream_tables_(image) {}

// The name is then written as a file of its own, so any other name of the file may come first.
void EntryWriter::replace_bytes(FileId at_path, const ImagePath& path, FileId bytes) {
  replaced_.insert_or_assign(at_path, OtherBytes{path, bytes});
  firsts_.erase(at_path);
}

void EntryWriter::put(const ExportStep& step) {
  put_directories_above(step.path);
  if (step.kind == ExportStep::Kind::kWhiteout) {
    return put_whiteout(step.path);
  }
  const auto record = image_.record(step.id);
  if (record.is_directory()) {
    put_file(step.path, step.id, record);
    directory_ = step.path;
    directory_ids_.push_back(step.id);
  } else if (exported_.has_several_names(step.id)) {
    put_hard_linked(step.path, step.id, record);
  } else {
    put_file(step.path, step.id, record);
  }
}

// Writes the names that were waiting for a name that is not exported.
void EntryWriter::finish() {
  firsts_.clear();
  for (const auto& [id, paths] : std::exchange(waiting_, {})) {
    for (const ImagePath& path : paths) {
      put_hard_linked(path, id, image_.record(id));
    }
  }
}

// A tar in the order of a walk is in one directory at a time. Importers need an entry for each
// directory above an entry.
void EntryWriter::put_directories_above(const ImagePath& path) {
  const auto& names = path.names();
  const auto above = std::span(names).first(names.size() - 1);
  const auto common = std::ranges::mismatch(above, directory_.names()).in1 - above.begin();
  while (std::ssize(directory_ids_) > common) {
    directory_ = std::move(directory_).parent();
    directory_ids_.pop_back();
  }
  while (directory_ids_.size() < above.size()) {
    const std::u16string& name = above[directory_ids_.size()];
    const auto id =
        image_.find_child(directory_ids_.empty() ? image_.root() : directory_ids_.back(), name);
    directory_ = std::move(directory_).child(name);
    if (!id) {
      throw Error(ErrorCode::kCorrupt, image_.path().string(),
                  directory_.to_string() + " existed, but cannot be found");
    }
    directory_ids_.push_back(*id);
    put_file(directory_, *id, image_.record(*id));
  }
}

void EntryWriter::put_whiteout(const ImagePath& path) {
  record_ = {.kind = RecordKind::kWhiteout, .path = path.names()};
  add();
  ++result_.whiteouts;
}

// Writes one name of a file with several. The first name in the tar carries the bytes, and the
// others are hard links to it. If put_first() chose a name, the names that precede it in path order
// wait until it has been written.
void EntryWriter::put_hard_linked(const ImagePath& path, FileId id,
                                  const format::FileRecord& record) {
  const auto replaced = replaced_.find(id);
  if (replaced != replaced_.end() && replaced->second.path == path) {
    return put_file(path, id, record);
  }
  if (skipped_.contains(id)) {
    return put_file(path, id, record);  // reports this name as well
  }
  const auto [target, is_first] = targets_.try_emplace(id, path);
  if (!is_first) {
    return put_link(path, target->second, record);
  }
  const auto wanted = firsts_.find(id);
  if (wanted != firsts_.end() && wanted->second != path) {
    targets_.erase(target);
    waiting_[id].push_back(path);
    return;
  }
  put_file(path, id, record);
  if (skipped_.contains(id)) {
    targets_.erase(id);
    return;
  }
  if (const auto others = waiting_.extract(id)) {
    for (const ImagePath& other : others.mapped()) {
      put_link(other, path, record);
    }
  }
}

void EntryWriter::put_link(const ImagePath& path, const ImagePath& target,
                           const format::FileRecord& record) {
  record_ = {.kind = RecordKind::kHardLink,
             .path = path.names(),
             .link_target = target.names(),
             .attributes = attributes_of(record),
             .times = record.times};
  add();
}

void EntryWriter::put_file(const ImagePath& path, FileId id, const format::FileRecord& record) {
  const auto replaced = replaced_.find(id);
  const bool has_own_bytes = replaced == replaced_.end() || replaced->second.path != path;
  const auto bytes = has_own_bytes ? record.stream : image_.record(replaced->second.bytes).stream;
  const bool is_readable = attempt(path.to_string(), [&] {
    describe(path, record);
    if (failure_ && record_.kind == RecordKind::kFile) {
      prove_readable(image_.open(bytes));
    }
  });
  if (is_readable) {
    put_described(path, record, bytes);
  } else if (record.is_directory()) {
    // Entries below it need one for it.
    record_ = {.kind = RecordKind::kDirectory,
               .path = path.names(),
               .attributes = attributes_of(record) & ~attribute::kReparsePoint,
               .times = record.times};
    add();
  } else {
    skipped_.insert(id);
  }
}

void EntryWriter::put_described(const ImagePath& path, const format::FileRecord& record,
                                const format::Stream& bytes) {
  if (record_.kind == RecordKind::kFile) {
    record_.size = bytes.length;
  } else if (!record.is_directory() && bytes.length != 0) {
    warn(path, fmt::format("{} bytes are skipped; a link in a tar has no data", bytes.length));
  }
  add();
  if (tar_.has_own_records()) {
    warn(path,
         "its reparse data or extended attributes are stored in a form that only cimlib reads");
  }
  if (tar_.loses_metadata()) {
    warn(path,
         "skipped: the displayed target of the link, which differs from its real one, or extended "
         "attributes with equal names");
  }
  if (record_.kind == RecordKind::kFile) {
    result_.size += bytes.length;
    put_bytes(image_.open(bytes));
  }
  attempt(path.to_string(), [&] { put_streams(record); });
}

void EntryWriter::keep_going(FailureSink failure) {
  failure_ = std::move(failure);
  verifier_.emplace(image_);
}

void EntryWriter::put_root() {
  put_file({}, image_.root(), image_.record(image_.root()));
}

// Returns true on success. Failures to write are thrown.
template <typename Action>
bool EntryWriter::attempt(const std::string& path, const Action& action) {
  if (!failure_) {
    action();
    return true;
  }
  try {
    action();
    return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled || error.code() == ErrorCode::kLimit) {
      throw;
    }
    failure_(path, error);
    return false;
  }
}

// A tar has the size of a file before its bytes, so an entry cannot be given up once it has begun.
void EntryWriter::prove_readable(const Stream& stream) {
  verifier_->verify(stream);
  const auto buffer = buffers_.take();
  for (std::uint64_t done = 0; done < stream.size();) {
    check_stop();
    done += stream.read(done, *buffer);
  }
}

void EntryWriter::describe(const ImagePath& path, const format::FileRecord& record) {
  record_.kind = kind_of(record);
  record_.path = path.names();
  record_.stream.clear();
  record_.link_target.clear();
  record_.size = 0;
  record_.attributes = attributes_of(record);
  record_.times = record.times;
  record_.security_descriptor = descriptor_of(record);
  record_.extended_attributes = image_.extended_attributes(record);
  record_.reparse_data = image_.reparse_data(record);
}

// When the cache is full, it is emptied rather than aged: an image with more descriptors than that
// is not a usual layer.
const Bytes& EntryWriter::descriptor_of(const format::FileRecord& record) {
  if (descriptors_.size() >= kMaxDescriptors) {
    descriptors_.clear();
  }
  const auto [found, is_new] = descriptors_.try_emplace(record.security_descriptor.raw());
  if (is_new && !record.security_descriptor.is_absent()) {
    found->second = image_.security_descriptor(record);
  }
  return found->second;
}

// Streams of a tar have no metadata of their own. In a crafted image many files can share one large
// table, so the bytes of all tables are limited.
void EntryWriter::put_streams(const format::FileRecord& record) {
  if (record.streams.is_absent()) {
    return;
  }
  const auto table = image_.stream_table(record);
  stream_tables_.take(table->disk_size());
  for (std::uint32_t i = 0; i < table->size(); ++i) {
    const std::string name = image_path_text(record_.path, table->name(i));
    if (failure_ && !attempt(name, [&] { prove_readable(image_.open(table->stream(i))); })) {
      continue;
    }
    record_ = {.kind = RecordKind::kStream,
               .path = std::move(record_.path),
               .stream = table->name(i),
               .size = table->stream(i).length};
    add();
    put_bytes(image_.open(table->stream(i)));
  }
}

void EntryWriter::put_bytes(const Stream& stream) {
  for (std::uint64_t done = 0; done < stream.size();) {
    const auto buffer = buffers_.take();
    const std::size_t got = stream.read(done, *buffer);
    tar_.write(ByteView(*buffer).first(got), buffer);
    done += got;
    bytes_done_ += got;
    report();
  }
}

void EntryWriter::add() {
  tar_.add(record_);
  ++result_.entries;
  report();
}

void EntryWriter::warn(const ImagePath& path, std::string_view text) const {
  if (options_.warning) {
    options_.warning(fmt::format("{}: {}", path.to_string(), text));
  }
}

void EntryWriter::check_stop() const {
  if (options_.stop.stop_requested()) {
    throw Error(ErrorCode::kCancelled, image_.path().string(), "the export was cancelled");
  }
}

void EntryWriter::report() {
  check_stop();
  if (options_.progress) {
    options_.progress({.bytes_done = bytes_done_,
                       .bytes_total = bytes_total_,
                       .entries_done = result_.entries,
                       .current = {}});
  }
}

}  // namespace cim::layer
