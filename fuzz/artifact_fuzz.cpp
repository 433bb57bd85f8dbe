// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is parsed as the manifest of an artifact, as a list of sidecar files, and as a packed
// file whose last bytes are its seek table. What is accepted is the same after it was written and
// read again, and a file that was accepted unpacks to the stated size or not at all.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "base/bytes.h"
#include "base/endian.h"
#include "base/strict_json.h"
#include "oci/artifact/frame_packer.h"
#include "oci/artifact_manifest.h"
#include "os/crypto.h"

namespace {

using namespace cim;
using namespace cim::oci;

// The largest file that is unpacked here.
constexpr std::uint64_t kMostFrames = 4;

Artifact parse_text(ByteView text) {
  const Descriptor manifest{.media_type = std::string(kArtifactManifestType),
                            .digest = Digest(Sha256::of(text)),
                            .size = text.size()};
  return parse_artifact(parse_json(text, "input"), manifest, "input");
}

void try_manifest(ByteView input) {
  try {
    const Artifact artifact = parse_text(input);
    const std::string text = encode(artifact);
    if (encode(parse_text(as_bytes(text))) != text) {
      std::abort();
    }
    (void)artifact.frames();
  } catch (const Error&) {  // expected for most inputs
  }
}

void try_sidecars(ByteView input) {
  try {
    const SidecarList list = parse_sidecar_list(input, "input");
    if (parse_sidecar_list(as_bytes(encode(list)), "input") != list) {
      std::abort();
    }
  } catch (const Error&) {
  }
}

// The first eight bytes are the plain size and the size of the table.
void try_packed(ByteView input) {
  try {
    ByteReader reader(input, "input");
    PackedSizes sizes;
    sizes.plain = reader.read<Le32>("size");
    sizes.table = reader.read<Le32>("size");
    const ByteView file = reader.take(reader.remaining(), "file");
    sizes.packed = file.size();
    const ByteView table =
        file.last(static_cast<std::size_t>(std::min<std::uint64_t>(sizes.table, file.size())));
    const std::vector<Frame> frames = parse_seek_table(table, sizes, "input");
    if (frames.size() > kMostFrames) {
      return;
    }
    FrameDigests digests;
    for (const Frame& frame : frames) {
      digests.push_back(
          Sha256::of(file.subspan(static_cast<std::size_t>(frame.offset), frame.packed_size)));
    }
    std::uint64_t plain = 0;
    FrameSplitter splitter(frames);
    std::size_t number = 0;
    splitter.take(file, [&](const SharedBytes& packed) {
      Bytes bytes(frames[number].plain_size);
      unpack_frame(packed.bytes, FrameForm::kZstd, digests[number], bytes, "input");
      ++number;
      plain += bytes.size();
    });
    if (splitter.is_complete() != (plain == sizes.plain)) {
      std::abort();
    }
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input = std::as_bytes(std::span(data, size));
  try_manifest(input);
  try_sidecars(input);
  try_packed(input);
  return 0;
}
