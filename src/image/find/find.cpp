// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A search without contents passes entries on as the walk finds them. One that reads contents
// collects the candidates first, then reads their objects in the order of the disk.
#include "cimlib/find.h"

#include <memory>
#include <optional>
#include <utility>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "format/link_table.h"
#include "image/find/content_reader.h"
#include "image/find/criteria.h"
#include "image/read/image_reader.h"

namespace cim {
namespace {

// An entry whose contents have to be read.
struct Candidate {
  ImagePath path;
  FileInfo info;
  std::optional<StreamInfo> stream;
  format::Stream data;
};

class Search {
 public:
  Search(const Image& image, const FindOptions& options,
         const std::function<bool(const FoundEntry&)>& found)
      : image_(image),
        reader_(reader_of(image)),
        options_(options),
        found_(found),
        criteria_(image, options),
        contents_(reader_, options),
        budget_(image),
        reads_contents_(options.hash || !options.contents.empty()) {}

  bool run() {
    const std::vector<ImagePath> root(1);
    for (const ImagePath& start : options_.starts.empty() ? root : options_.starts) {
      walk(start);
    }
    if (!is_ended_ && reads_contents_) {
      contents_.read_all();
      pass_candidates();
    }
    return is_complete_;
  }

 private:
  void walk(const ImagePath& start) {
    if (is_ended_) {
      return;
    }
    const WalkOptions how = {
        .stop = options_.stop,
        .failure = [this](const ImagePath& path,
                          const Error& error) { fail(path.to_string(), error); },
        .refuses_blank_records = options_.verifies};
    image_.walk(
        start,
        [this](const WalkEntry& entry) {
          try {
            visit(entry.path, entry.info);
          } catch (const Error& error) {
            if (error.code() == ErrorCode::kCancelled || error.code() == ErrorCode::kLimit) {
              throw;
            }
            fail(entry.path.to_string(), error);
          }
          return !is_ended_;
        },
        how);
  }

  void visit(const ImagePath& path, const FileInfo& info) {
    if (!criteria_.accepts(path, info)) {
      return;
    }
    if (criteria_.accepts_file(info)) {
      pass_or_keep({path, info, std::nullopt, {}});
    }
    if (criteria_.accepts_streams() && info.has_streams && !is_ended_) {
      visit_streams(path, info);
    }
  }

  void visit_streams(const ImagePath& path, const FileInfo& info) {
    const auto table = reader_.stream_table(reader_.record(info.id));
    budget_.take(table->disk_size());
    for (std::uint32_t i = 0; i < table->size() && !is_ended_; ++i) {
      const format::Stream data = table->stream(i);
      if (criteria_.accepts_size(data.length)) {
        pass_or_keep(
            {path, info,
             StreamInfo{std::u16string(table->name(i)), data.length, reader_.storage_of(data)},
             data});
      }
    }
  }

  void pass_or_keep(Candidate candidate) {
    if (!reads_contents_) {
      pass(candidate, {});
      return;
    }
    if (candidate.stream || !candidate.info.is_directory()) {
      if (!candidate.stream) {
        candidate.data = reader_.record(candidate.info.id).stream;
      }
      contents_.add(candidate.data);
    } else if (!options_.contents.empty()) {
      return;  // a directory has no contents
    }
    candidates_.push_back(std::move(candidate));
  }

  void pass_candidates() {
    for (const Candidate& candidate : candidates_) {
      if (is_ended_) {
        return;
      }
      if (!candidate.stream && candidate.info.is_directory()) {
        pass(candidate, {});
        continue;
      }
      const Content& content = contents_.content_of(candidate.data);
      if (content.failure) {
        fail(name_of(candidate), *content.failure);
      }
      if (options_.contents.empty() || content.is_found) {
        pass(candidate, content.digest);
      }
    }
  }

  static std::string name_of(const Candidate& candidate) {
    return candidate.path.to_string() +
           (candidate.stream ? ":" + to_wtf8(candidate.stream->name) : std::string());
  }

  void pass(const Candidate& candidate, const Bytes& digest) {
    const StreamInfo* const stream = candidate.stream ? &*candidate.stream : nullptr;
    is_ended_ = !found_({candidate.path, candidate.info, stream,
                         stream != nullptr ? stream->size : candidate.info.size, digest});
  }

  void fail(const std::string& path, const Error& error) {
    is_complete_ = false;
    if (options_.failure) {
      options_.failure(path, error);
    }
  }

  const Image& image_;
  const ImageReader& reader_;
  const FindOptions& options_;
  const std::function<bool(const FoundEntry&)>& found_;
  FindCriteria criteria_;
  ContentReader contents_;
  TableBudget budget_;
  bool reads_contents_;
  std::vector<Candidate> candidates_;
  bool is_complete_ = true;
  bool is_ended_ = false;  // by the caller
};

}  // namespace

bool find(const Image& image, const FindOptions& options,
          const std::function<bool(const FoundEntry&)>& found) {
  return Search(image, options, found).run();
}

}  // namespace cim
