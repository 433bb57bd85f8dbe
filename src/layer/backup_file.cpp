// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/backup_file.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "ntfs/ntfs_3g.h"

namespace cim::layer {
namespace {

constexpr std::size_t kMaxDescriptorSize = 65535;  // its size has 16 bits in an image

}  // namespace

BackupFile::BackupFile(const BackupTarget& target, const ImagePath& path, std::uint32_t attributes,
                       const FileTimes& times)
    : target_(target),
      path_(path),
      attributes_(attributes),
      times_(times),
      reader_(path.to_string()) {}

void BackupFile::write(ByteView bytes, const std::shared_ptr<const void>& owner) {
  while (const auto event = reader_.next(bytes)) {
    switch (event->kind) {
      case BackupEvent::Kind::kHeader:
        start_record();
        break;
      case BackupEvent::Kind::kBytes:
        take_bytes(*event, owner);
        break;
      case BackupEvent::Kind::kEnd:
        end_record();
        break;
    }
  }
}

void BackupFile::finish() {
  reader_.finish();
  finish_sparse_stream();
  if (!is_added_) {
    add_to_layer(0);
  } else if (has_late_metadata_) {
    target_.writer.replace_metadata(path_, metadata());
  }
}

void BackupFile::start_record() {
  place_ = Place::kNowhere;
  if (reader_.header().id != BackupId::kSparseBlock) {
    finish_sparse_stream();
  }
  switch (reader_.header().id) {
    case BackupId::kData:
      return start_data();
    case BackupId::kAlternateData:
      return start_alternate_stream();
    case BackupId::kSparseBlock:
      return start_sparse_block();
    case BackupId::kSecurityDescriptor:
      return start_metadata(descriptor_, kMaxDescriptorSize);
    case BackupId::kExtendedAttributes:
      return start_metadata(extended_attributes_, kMaxExtendedAttributesSize);
    case BackupId::kReparseData:
      return start_metadata(reparse_data_, kMaxReparseBufferSize);
    case BackupId::kLink:
      return skip("the names of its other links");
    case BackupId::kPropertyData:
      return skip("the property data");
    case BackupId::kObjectId:
      return skip("the object id");
    case BackupId::kTransactionalNtfs:
      return skip("the transactional data");
  }
}

void BackupFile::start_data() {
  const BackupHeader& header = reader_.header();
  if (is_directory()) {
    if (header.size > 0 || header.is_sparse()) {
      reader_.fail(ErrorCode::kCorrupt, "data of a directory, which has none");
    }
    return;
  }
  if (is_added_) {
    reader_.fail(ErrorCode::kUnsupported, "the default stream comes after an alternate stream");
  }
  if (header.is_sparse()) {
    sparse_ = SparseStream{};
    return start_sparse_stream();
  }
  require_size(header.size, target_.size_left);
  target_.size_left -= header.size;
  add_to_layer(header.size);
  place_ = Place::kLayer;
}

void BackupFile::start_alternate_stream() {
  const BackupHeader& header = reader_.header();
  const StreamPath stream{path_, header.name};
  try {
    check_name(header.name);
  } catch (const Error& error) {
    reader_.fail(ErrorCode::kCorrupt, fmt::format("the name of an alternate stream: {}: {}",
                                                  error.subject(), error.reason()));
  }
  if (!is_added_) {
    add_to_layer(0);
  }
  if (target_.writer.exists(stream)) {
    reader_.fail(ErrorCode::kCorrupt, "a second alternate stream of one name, ignoring case");
  }
  if (header.is_sparse()) {
    sparse_ = SparseStream{.name = header.name};
    return start_sparse_stream();
  }
  require_size(header.size, target_.size_left);
  target_.size_left -= header.size;
  target_.writer.add_alternate_stream(stream, header.size);
  place_ = Place::kLayer;
}

void BackupFile::start_sparse_stream() {
  target_.staging.clear();
  start_sparse_block();
}

// Also for the first bytes of a sparse stream, whose offset is 0.
void BackupFile::start_sparse_block() {
  const BackupHeader& header = reader_.header();
  SparseStaging& staging = target_.staging;
  sparse_->length = reader_.sparse_length();
  require_size(sparse_->length, target_.size_left);
  require_size(header.size, target_.size_left - staging.data_size());  // blocks may overlap
  if (!staging.start_range(header.offset, header.size, reader_.header_offset())) {
    reader_.fail(ErrorCode::kLimit,
                 fmt::format("a sparse stream of more than {} ranges", SparseStaging::kMaxRanges));
  }
  place_ = Place::kStaging;
}

void BackupFile::start_metadata(Bytes& bytes, std::size_t limit) {
  if (const std::uint64_t size = reader_.header().size; size > limit) {
    reader_.fail(ErrorCode::kLimit,
                 fmt::format("{} bytes of metadata; the limit is {}", size, limit));
  }
  metadata_ = &bytes;
  place_ = Place::kMetadata;
}

void BackupFile::skip(std::string_view what) {
  const std::uint32_t bit = std::uint32_t{1} << static_cast<std::uint32_t>(reader_.header().id);
  if ((skipped_ & bit) == 0 && target_.warning) {
    target_.warning(fmt::format("{}: skipped {} in its backup stream", path_.to_string(), what));
  }
  skipped_ |= bit;
}

void BackupFile::take_bytes(const BackupEvent& event, const std::shared_ptr<const void>& owner) {
  switch (place_) {
    case Place::kNowhere:
      return;
    case Place::kLayer:
      return target_.writer.write(event.bytes, owner);
    case Place::kStaging:
      return target_.staging.append(event.bytes);
    case Place::kMetadata:
      return append(*metadata_, event.bytes);
  }
}

void BackupFile::end_record() {
  if (place_ != Place::kMetadata) {
    return;
  }
  if (metadata_ == &extended_attributes_) {
    extended_attributes_ = ea_list_of_volume(extended_attributes_);
  }
  try {
    check_metadata();
  } catch (const Error& error) {
    throw Error(error.code(), path_.to_string(),
                fmt::format("{}: {}", error.subject(), error.reason()),
                reader_.body_offset() + error.offset().value_or(0));
  }
  has_late_metadata_ = is_added_;
}

// Validates the current record. An empty descriptor or list stands for none.
void BackupFile::check_metadata() const {
  switch (reader_.header().id) {
    case BackupId::kSecurityDescriptor:
      if (!descriptor_.empty()) {
        validate_security_descriptor(descriptor_);
      }
      return;
    case BackupId::kExtendedAttributes:
      parse_extended_attributes(extended_attributes_);
      return;
    default:
      ReparsePoint::parse(reparse_data_);
      return;
  }
}

void BackupFile::finish_sparse_stream() {
  if (!sparse_) {
    return;
  }
  const SparseStream stream = *std::exchange(sparse_, std::nullopt);
  if (const auto overlap = target_.staging.sort()) {
    throw Error(ErrorCode::kCorrupt, path_.to_string(), "a sparse block overlaps another one",
                overlap);
  }
  target_.size_left -= stream.length;  // its blocks were checked against it
  if (stream.name.empty()) {
    add_to_layer(stream.length);
  } else {
    target_.writer.add_alternate_stream({path_, stream.name}, stream.length);
  }
  target_.staging.copy_to(target_.writer, stream.length);
}

void BackupFile::add_to_layer(std::uint64_t size) {
  target_.writer.add(path_, metadata(), size);
  is_added_ = true;
}

void BackupFile::require_size(std::uint64_t size, std::uint64_t left) const {
  if (size > left) {
    reader_.fail(ErrorCode::kLimit, "its streams make the layer larger than allowed");
  }
}

FileMetadata BackupFile::metadata() const {
  return {.attributes = attributes_,
          .times = times_,
          .security_descriptor = descriptor_,
          .extended_attributes = extended_attributes_,
          .reparse_data = reparse_data_};
}

}  // namespace cim::layer
