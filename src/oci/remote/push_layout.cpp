// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Blobs are sent before the manifest that refers to them, which registries require, and so that an
// interrupted push leaves nothing that can be pulled.
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/remote.h"

#include "oci/layout.h"
#include "oci/layout_files.h"
#include "oci/remote/upload.h"

namespace cim::oci {
namespace {

// A file that became shorter since it was opened fails the upload.
void read_all(const LayoutFile& file, std::uint64_t offset, std::span<std::byte> into) {
  while (!into.empty()) {
    const std::size_t got = file.read_some_at(offset, into);
    if (got == 0) {
      throw Error(ErrorCode::kCorrupt, file.subject, "ended while it was sent");
    }
    offset += got;
    into = into.subspan(got);
  }
}

class Push {
 public:
  Push(const std::filesystem::path& path, const Reference& reference, const PushOptions& options,
       const RemoteOptions& remote)
      : layout_(path),
        image_(choose_image(layout_, options.choice)),
        reference_(reference),
        options_(options),
        stop_(remote.stop),
        session_(reference, Session::Access::kPush, remote, options.mount_from) {
    if (!reference.digest.empty() && reference.digest != image_.manifest.digest.text()) {
      throw Error(ErrorCode::kInvalidArgument, reference.to_string(),
                  fmt::format("the manifest of the image has the digest {}",
                              image_.manifest.digest.text()));
    }
  }

  PushResult run() {
    const Bytes& manifest = image_.manifest_bytes;
    PushResult result{.image = image_.description};
    for (std::size_t i = 0; i < image_.layers.size(); ++i) {
      const Descriptor& layer = image_.layers[i];
      if (is_nondistributable(layer.media_type) && !layer.urls.empty()) {
        continue;
      }
      if (options_.step) {
        options_.step(LayerStep::kVerify, image_.description.layers[i], i);
      }
      send(layer, result);
    }
    send(image_.config, result);
    upload_manifest(session_, image_.manifest, manifest,
                    reference_.tag.empty() ? image_.manifest.digest.text() : reference_.tag, stop_);
    return result;
  }

 private:
  // The registry verifies the digest of what it receives.
  void send(const Descriptor& blob, PushResult& result) {
    layout_.check_presence(blob);
    const LayoutFile file = layout_.open_blob(blob.digest);
    const RequestBody body{
        .size = blob.size, .read_at = [&](std::uint64_t offset, std::span<std::byte> into) {
          read_all(file, offset, into);
          if (options_.progress) {
            options_.progress(
                {.bytes_done = offset + into.size(), .bytes_total = blob.size, .current = {}});
          }
        }};
    const UploadResult how = upload_blob(session_, blob, body, options_.mount_from, stop_);
    if (how == UploadResult::kSent) {
      ++result.blobs_sent;
      result.bytes_sent += blob.size;
    } else {
      ++result.blobs_present;
    }
  }

  Layout layout_;
  ChosenImage image_;
  const Reference& reference_;
  const PushOptions& options_;
  const std::stop_token& stop_;
  Session session_;
};

}  // namespace

PushResult push_layout(const std::filesystem::path& layout, const Reference& reference,
                       const PushOptions& options, const RemoteOptions& remote) {
  return Push(layout, reference, options, remote).run();
}

}  // namespace cim::oci
