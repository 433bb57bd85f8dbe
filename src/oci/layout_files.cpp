// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// An archive that is a plain tar in a regular file is read in place. Others are copied first,
// unpacked, since members are needed in another order than they come.
#include "oci/layout_files.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/printable.h"
#include "os/crypto.h"
#include "os/host_path.h"
#include "tar/compression.h"
#include "tar/reader.h"

namespace cim::oci {
namespace {

using std::filesystem::path;

constexpr std::size_t kMostMembers = 100'000;
constexpr std::uint64_t kBodyPiece = std::uint64_t{1} << 20;
// docker save writes a link for a layer that several images share.
constexpr int kMostLinks = 8;

bool is_packed(const File& file) {
  std::array<std::byte, 4> start{};
  const std::size_t size = file.read_some_at(0, start);
  const std::string_view text = as_text(ByteView(start).first(size));
  return text.starts_with("\x1F\x8B") || text.starts_with("\x28\xB5\x2F\xFD");
}

/// Copies what passes through to a file.
class CopyingSource final : public tar::Source {
 public:
  CopyingSource(tar::Source& source, File* copy, std::uint64_t limit)
      : tar::Source(source.name()), source_(source), copy_(copy), limit_(limit) {}

  ByteView next() override {
    const ByteView run = source_.next();
    if (run.size() > limit_ - done_) {
      throw Error(ErrorCode::kLimit, name(),
                  fmt::format("the archive has more than the {} bytes allowed", limit_));
    }
    if (copy_ != nullptr) {
      copy_->write_at(done_, run);
    }
    done_ += run.size();
    return run;
  }

 private:
  tar::Source& source_;
  File* copy_;
  std::uint64_t limit_;
  std::uint64_t done_ = 0;
};

}  // namespace

std::size_t LayoutFile::read_some_at(std::uint64_t at, std::span<std::byte> into) const {
  const std::uint64_t left = at < size ? size - at : 0;
  return file->read_some_at(
      offset + at,
      into.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, into.size()))));
}

Bytes LayoutFile::read_all(std::uint64_t limit) const {
  if (size > limit) {
    throw Error(ErrorCode::kLimit, subject,
                fmt::format("has {} bytes; the limit for documents is {}", size, limit));
  }
  Bytes bytes(static_cast<std::size_t>(size));
  file->read_at(offset, bytes);
  return bytes;
}

std::string DirectoryFiles::subject_of(const std::string& name) const {
  return (directory_ / name).string();
}

bool DirectoryFiles::contains(const std::string& name) const {
  return std::filesystem::exists(status_of(directory_ / name));
}

LayoutFile DirectoryFiles::open(const std::string& name) const {
  auto file = std::make_shared<const File>(File::open_read(directory_ / name));
  const std::uint64_t size = file->size();
  return {.file = std::move(file), .size = size, .subject = subject_of(name)};
}

ByteSource DirectoryFiles::source(const std::string& name) const {
  return directory_ / name;
}

/// Reads the archive to its end and notes its members.
class ArchiveFiles::Indexing {
 public:
  Indexing(ArchiveFiles& files, tar::Source& source, const ArchiveOptions& options)
      : files_(files), reader_(source), options_(options) {}

  void run() {
    while (const tar::Entry* entry = reader_.next()) {
      if (entry->type == tar::TypeFlag::kRegular || entry->type == tar::TypeFlag::kContiguous) {
        add(archive_name(entry->path), read_member(entry->size));
      } else if (entry->type == tar::TypeFlag::kSymlink) {
        const std::string name = archive_name(entry->path);
        add(name, {.target = link_target(name, entry->link)});
      } else if (entry->type == tar::TypeFlag::kHardLink) {
        add(archive_name(entry->path), {.target = archive_name(entry->link)});
      }
    }
  }

 private:
  // Readers differ in which of two members of one name they take.
  void add(std::string name, Member member) {
    if (files_.members_.size() == kMostMembers) {
      throw Error(ErrorCode::kLimit, files_.name_, "the archive has too many members");
    }
    if (!files_.members_.emplace(name, std::move(member)).second) {
      throw Error(ErrorCode::kCorrupt, files_.name_,
                  fmt::format("the archive has two members with the name {}", printable(name)));
    }
  }

  Member read_member(std::uint64_t size) {
    Member member{.offset = reader_.offset(), .size = size};
    Sha256 hash;
    for (ByteView run = reader_.body(kBodyPiece); !run.empty(); run = reader_.body(kBodyPiece)) {
      hash.update(run);
      report();
    }
    if (reader_.offset() - member.offset != size) {
      throw Error(ErrorCode::kUnsupported, files_.name_, "the archive has a sparse member",
                  member.offset);
    }
    member.digest = Digest(hash.finish());
    return member;
  }

  void report() const {
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, files_.name_, "the import was cancelled");
    }
    if (options_.progress) {
      options_.progress(
          {.bytes_done = reader_.offset(), .bytes_total = std::nullopt, .current = {}});
    }
  }

  ArchiveFiles& files_;
  tar::Reader reader_;
  const ArchiveOptions& options_;
};

ArchiveFiles::ArchiveFiles(const ByteSource& archive, const std::optional<path>& file,
                           const ArchiveOptions& options) {
  tar::Input input(archive, options.stop);
  name_ = input.name();
  if (file) {
    file_ = std::make_shared<const File>(File::open_read(*file));
    if (!is_packed(*file_)) {
      CopyingSource source(input, nullptr, options.max_size);
      Indexing(*this, source, options).run();
      return;
    }
  }
  const auto unpacked = tar::decompress(input);
  temporary_ = temporary_name(options.spool() / "spool");
  auto copy = std::make_shared<File>(File::create_new(*temporary_));
  file_ = copy;
  try {
    CopyingSource source(*unpacked, copy.get(), options.max_size);
    Indexing(*this, source, options).run();
  } catch (...) {
    remove_file(*temporary_);
    throw;
  }
}

ArchiveFiles::~ArchiveFiles() {
  if (temporary_) {
    file_.reset();
    std::error_code ignored;  // garbage collection removes what remains
    std::filesystem::remove(*temporary_, ignored);
  }
}

std::string ArchiveFiles::subject_of(const std::string& name) const {
  return fmt::format("{}({})", name_, printable(name));
}

const ArchiveFiles::Member* ArchiveFiles::find(const std::string& name) const {
  auto found = members_.find(name);
  for (int links = 0; found != members_.end() && !found->second.digest; ++links) {
    if (links == kMostLinks) {
      return nullptr;
    }
    found = members_.find(found->second.target);
  }
  return found == members_.end() ? nullptr : &found->second;
}

bool ArchiveFiles::contains(const std::string& name) const {
  return find(name) != nullptr;
}

LayoutFile ArchiveFiles::open(const std::string& name) const {
  const Member* const member = find(name);
  if (member == nullptr) {
    throw Error(ErrorCode::kNotFound, subject_of(name), "the archive has no such member");
  }
  return {.file = file_,
          .offset = member->offset,
          .size = member->size,
          .digest = member->digest,
          .subject = subject_of(name)};
}

ByteSource ArchiveFiles::source(const std::string& name) const {
  LayoutFile member = open(name);
  const std::uint64_t size = member.size;
  std::string subject = member.subject;
  auto read = [member = std::move(member), at = std::uint64_t{0}](std::span<std::byte> into,
                                                                  const std::stop_token&) mutable {
    const std::size_t got = member.read_some_at(at, into);
    at += got;
    return got;
  };
  return ByteSource::callback(std::move(read), size, std::move(subject));
}

// Names are compared and never used on the host, so "..", which no member needs, is kept.
std::string archive_name(std::string_view name) {
  std::string normal;
  while (!name.empty()) {
    const std::size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    name.remove_prefix(slash == name.npos ? name.size() : slash + 1);
    if (!part.empty() && part != ".") {
      normal += (normal.empty() ? "" : "/") + std::string(part);
    }
  }
  return normal;
}

// A target outside of the archive has no member.
std::string link_target(const std::string& link, std::string_view target) {
  const std::size_t slash = link.rfind('/');
  std::string directory = link.substr(0, slash == link.npos ? 0 : slash);
  std::string rest = archive_name(target);
  while (rest == ".." || rest.starts_with("../")) {
    const std::size_t above = directory.rfind('/');
    directory.resize(above == directory.npos ? 0 : above);
    rest.erase(0, std::min<std::size_t>(3, rest.size()));
  }
  return directory.empty() ? rest : directory + "/" + rest;
}

}  // namespace cim::oci
