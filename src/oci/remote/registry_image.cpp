// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Reads manifests and blobs of a repository, and pulls an image with them.
#include "oci/remote/registry_image.h"

#include <exception>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/remote.h"

#include "base/printable.h"
#include "oci/remote/blob_download.h"
#include "oci/remote/blob_part.h"
#include "oci/remote/referrers.h"

namespace cim::oci {
namespace {

// A manifest is read more than once while an image is chosen.
constexpr std::size_t kMostKept = std::size_t{16} << 20;
// How far a download runs ahead of the import that reads it, and how much of the next one waits.
constexpr std::size_t kAhead = std::size_t{8} << 20;
constexpr std::size_t kAheadOfNext = std::size_t{32} << 20;

// Returns the type that a document itself states, or that its members show; empty if neither does.
std::string type_of_document(ByteView bytes, const std::string& subject) {
  const nlohmann::json document = parse_json(bytes, subject);
  const auto type = document.is_object() ? document.find("mediaType") : document.end();
  if (type != document.end() && type->is_string()) {
    return type->get<std::string>();
  }
  if (document.is_object() && document.contains("manifests")) {
    return std::string(kManifestTypes[0]);
  }
  return document.is_object() && document.contains("layers") ? std::string(kManifestTypes[1])
                                                             : std::string();
}

// Passes the warnings of downloads, which run in other threads, to the caller on its own thread.
class DeferredWarnings {
 public:
  explicit DeferredWarnings(const WarningSink& sink) : sink_(sink) {}

  WarningSink sink() {
    if (!sink_) {
      return {};
    }
    return [this](const std::string& text) {
      const std::lock_guard lock(mutex_);
      texts_.push_back(text);
    };
  }

  void deliver() {
    std::vector<std::string> texts;
    {
      const std::lock_guard lock(mutex_);
      texts.swap(texts_);
    }
    for (const std::string& text : texts) {
      sink_(text);
    }
  }

 private:
  const WarningSink& sink_;
  std::mutex mutex_;
  std::vector<std::string> texts_;
};

// Makes an import deliver the warnings whenever it calls back, and name the image as the reference
// does if it has a tag: a digest is a name already.
ImportOptions import_options(const ImportOptions& options, const Reference& reference,
                             DeferredWarnings& warnings) {
  ImportOptions result = options;
  if (result.name.empty() && !reference.tag.empty()) {
    Reference name = reference;
    name.digest.clear();
    result.name = name.to_string();
  }
  result.step = [&](LayerStep step, const LayerDescription& layer, std::size_t place) {
    warnings.deliver();
    if (options.step) {
      options.step(step, layer, place);
    }
  };
  result.layer.progress = [&](const Progress& progress) {
    warnings.deliver();
    if (options.layer.progress) {
      options.layer.progress(progress);
    }
  };
  return result;
}

/// Reads the pieces of a download as they are.
class StreamReader final : public SourceReader {
 public:
  StreamReader(std::shared_ptr<BlobStream> stream, std::string name, std::uint64_t size,
               std::stop_token stop)
      : SourceReader(std::move(name), size), stream_(std::move(stream)), stop_(std::move(stop)) {}

  std::shared_ptr<const void> owner() const override { return piece_.owner; }

 private:
  ByteView read() override {
    piece_ = stream_->next(stop_);
    if (stop_.stop_requested()) {
      throw Error(ErrorCode::kCancelled, name(), "cancelled while reading");
    }
    return piece_.bytes;
  }

  std::shared_ptr<BlobStream> stream_;
  std::stop_token stop_;
  SharedBytes piece_;
};

bool is_accepted(std::string_view type) {
  const BlobKind kind = kind_of(type);
  return kind == BlobKind::kIndex || kind == BlobKind::kManifest;
}

}  // namespace

std::string RegistryImage::subject_of(const Digest& digest) const {
  return fmt::format("{}@{}", session_.subject(), digest.text());
}

Response RegistryImage::get_manifest(const std::string& which) const {
  Response response = request_manifest(session_, which, stop());
  if (response.status != 200) {
    session_.fail(response.status, response.body, "the image " + which);
  }
  return response;
}

std::vector<Descriptor> RegistryImage::index() const {
  const Reference& reference = session_.reference();
  return {keep_manifest(reference.digest.empty() ? reference.tag : reference.digest,
                        reference.digest, reference.to_string())};
}

Descriptor RegistryImage::manifest_of(const Digest& digest) const {
  return keep_manifest(digest.text(), digest.text(), subject_of(digest));
}

// The server's type counts if it is a known one; some servers send none, or that of any JSON.
Descriptor RegistryImage::keep_manifest(const std::string& which, const std::string& wanted,
                                        const std::string& subject) const {
  Response response = get_manifest(which);
  const Digest digest(Sha256::of(response.body));
  for (const std::string& expected : {wanted, response.digest}) {
    if (Digest::parse(expected) && digest.text() != expected) {
      throw Error(ErrorCode::kCorrupt, subject,
                  fmt::format("the registry sent a manifest with the digest {}, expected {}",
                              digest.text(), expected));
    }
  }
  const std::string type = is_accepted(response.media_type)
                               ? response.media_type
                               : type_of_document(response.body, subject);
  if (!is_accepted(type)) {
    throw Error(ErrorCode::kUnsupported, subject,
                fmt::format("is not an image: the type of its manifest is {}",
                            type.empty() ? "unknown" : printable(type)));
  }
  const std::size_t size = response.body.size();
  documents_size_ += size;
  documents_.emplace(digest.hex(), std::move(response.body));
  return {.media_type = type, .digest = digest, .size = size};
}

Bytes RegistryImage::document(const Descriptor& descriptor) const {
  if (const auto kept = documents_.find(descriptor.digest.hex()); kept != documents_.end()) {
    return kept->second;
  }
  const std::string subject = subject_of(descriptor.digest);
  if (descriptor.size > kLargestDocument) {
    throw Error(
        ErrorCode::kLimit, subject,
        fmt::format("{} bytes; the limit for documents is {}", descriptor.size, kLargestDocument));
  }
  Bytes bytes;
  if (is_accepted(descriptor.media_type)) {
    bytes = get_manifest(descriptor.digest.text()).body;
  } else {
    bytes.resize(static_cast<std::size_t>(descriptor.size));
    BlobDownload download(session_, descriptor);
    std::size_t done = 0;
    while (const std::size_t got = download.read(std::span(bytes).subspan(done), stop())) {
      done += got;
    }
  }
  const Digest found(Sha256::of(bytes));
  if (bytes.size() != descriptor.size || found != descriptor.digest) {
    throw Error(ErrorCode::kCorrupt, subject,
                fmt::format("the registry sent {} bytes with the digest {}, expected {} bytes",
                            bytes.size(), found.text(), descriptor.size));
  }
  if (documents_size_ + bytes.size() <= kMostKept) {
    documents_size_ += bytes.size();
    documents_.emplace(descriptor.digest.hex(), bytes);
  }
  return bytes;
}

bool RegistryImage::has_blob(const Descriptor& descriptor) const {
  try {
    check_presence(descriptor);
    return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) {
      return false;
    }
    throw;
  }
}

void RegistryImage::check_presence(const Descriptor& descriptor) const {
  if (is_accepted(descriptor.media_type)) {
    (void)document(descriptor);
  }
}

// A session that no stream uses any more is used again, with its connection and its token.
std::shared_ptr<Session> RegistryImage::idle_session() const {
  for (const auto& session : sessions_) {
    if (session.use_count() == 1) {
      return session;
    }
  }
  return sessions_.emplace_back(std::make_shared<Session>(session_));
}

void RegistryImage::start_reading(const Descriptor& descriptor) const noexcept {
  try {
    if (!next_ || next_digest_ != descriptor.digest.hex()) {
      next_.reset();
      next_ = std::make_shared<BlobStream>(idle_session(), descriptor, kAheadOfNext);
      next_digest_ = descriptor.digest.hex();
      next_->start();
    }
  } catch (const std::exception&) {  // reported when the blob is read
    next_.reset();
  }
}

// Unless the download was started before, the request is sent when the import starts to read.
std::shared_ptr<BlobStream> RegistryImage::stream_of(const Descriptor& descriptor) const {
  const bool is_next = next_ && next_digest_ == descriptor.digest.hex();
  return is_next ? std::exchange(next_, nullptr)
                 : std::make_shared<BlobStream>(idle_session(), descriptor, kAhead);
}

ByteSource RegistryImage::blob(const Descriptor& descriptor) const {
  return ByteSource::callback(
      [stream = stream_of(descriptor)](std::span<std::byte> into, const std::stop_token& stop) {
        return stream->read(into, stop);
      },
      descriptor.size, subject_of(descriptor.digest));
}

std::unique_ptr<SourceReader> RegistryImage::open_reader(const Descriptor& descriptor,
                                                         const BufferPool& /*buffers*/,
                                                         const std::stop_token& stop) const {
  return std::make_unique<StreamReader>(stream_of(descriptor), subject_of(descriptor.digest),
                                        descriptor.size, stop);
}

Bytes RegistryImage::blob_part(const Descriptor& descriptor, std::uint64_t offset,
                               std::size_t size) const {
  return fetch_blob_part(session_, descriptor, offset, size, stop());
}

std::vector<Descriptor> RegistryImage::referrers(const Descriptor& manifest) const {
  return fetch_referrers(session_, manifest.digest, stop()).manifests;
}

bool supports_registries() noexcept {
  return true;
}

ImportResult pull_image(const Reference& reference, const std::filesystem::path& store,
                        const ImportOptions& options, const RemoteOptions& remote) {
  RemoteOptions access = remote;
  if (!access.stop.stop_possible()) {
    access.stop = options.layer.stop;
  }
  DeferredWarnings warnings(remote.warning);
  access.warning = warnings.sink();
  Session session(reference, Session::Access::kPull, access);
  try {
    ImportResult result =
        import_from(RegistryImage(session), store, import_options(options, reference, warnings));
    warnings.deliver();
    return result;
  } catch (const Error&) {
    warnings.deliver();
    throw;
  }
}

}  // namespace cim::oci
