// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/write/hive_builder.h"

#include <gtest/gtest.h>

#include "cimlib/hive.h"

#include "base/utf16.h"
#include "os/crypto.h"
#include "registry/edit/mutable_tree.h"

namespace cim::registry {
namespace {

Bytes text_data(std::u16string_view text) {
  Bytes bytes;
  append_utf16_le(bytes, text);
  return bytes;
}

/// Returns the default descriptor with SYSTEM as its group.
Bytes golden_descriptor() {
  const ByteView given = default_root_descriptor();
  Bytes bytes(given.begin(), given.begin() + 128);
  const ByteView system = given.subspan(36, 12);
  append(bytes, system);
  return bytes;
}

// The example in the format's description: 8192 bytes that other readers accept.
TEST(HiveBuilder, WritesTheGoldenFileByteForByte) {
  constexpr FileTime kTime{0x01D67271A844DB28};
  MutableTree model(u"ROOT", kTime);
  model.root().attributes().descriptor = std::make_shared<const Bytes>(golden_descriptor());
  model.root().set_value({u"CurrentBuild", kRegSz, text_data({u"20348\0", 6})});
  model.root().set_value({u"Start", kRegDword, {std::byte{4}, {}, {}, {}}});
  BuildOptions options;
  options.last_written = kTime;
  options.file_name = u"SYSTEM";
  const Bytes file = model.to_bytes(options);
  EXPECT_EQ(file.size(), 8192U);
  EXPECT_EQ(to_hex(Sha256::of(file)),
            "9282e3301ddc6c768a356deab2a4c892b9964ee56ac731439a1169c11bf87df5");
}

}  // namespace
}  // namespace cim::registry
