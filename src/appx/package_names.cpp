// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Names of packages and their directories, and the default descriptor: what needs no package.
#include <span>

#include <fmt/format.h>

#include "cimlib/app_package.h"
#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "base/bytes.h"
#include "base/printable.h"
#include "base/utf16.h"
#include "os/crypto.h"

namespace cim::appx {

std::string Identity::full_name() const {
  return fmt::format("{}_{}_{}_{}_{}", name, version, architecture, resource_id,
                     publisher_id(publisher));
}

std::string Identity::family_name() const {
  return fmt::format("{}_{}", name, publisher_id(publisher));
}

// 64 bits of the digest and a zero bit make 13 digits of five bits.
std::string publisher_id(std::string_view publisher) {
  static constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  static_assert(kDigits.size() == 32);
  const auto utf16 = to_utf16(publisher);
  if (!utf16) {
    throw Error(ErrorCode::kInvalidArgument, printable(publisher), "is not UTF-8");
  }
  Bytes bytes;
  append_utf16_le(bytes, *utf16);
  const Sha256Digest digest = Sha256::of(bytes);
  std::uint64_t bits = 0;
  for (const std::byte each : std::span(digest).first<8>()) {
    bits = bits << 8U | std::to_integer<std::uint64_t>(each);
  }
  std::string text;
  for (unsigned shift = 64; shift > 4; shift -= 5) {
    text += kDigits[bits >> (shift - 5) & 0x1FU];
  }
  return text + kDigits[bits << 1U & 0x1FU];
}

// The descriptors that msixmgr applies are not published. The owner and those who have full control
// are the ones of the directory WindowsApps on an installed system. That all users and app
// containers may read is cimlib's choice; there, only processes of packages may.
std::string_view windows_apps_sddl() noexcept {
  return "O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
         "G:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
         "D:PAI"
         "(A;OICI;FA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)"
         "(A;OICI;FA;;;SY)"
         "(A;OICI;0x1200a9;;;BU)"
         "(A;OICI;0x1200a9;;;AC)"
         "(A;OICI;0x1200a9;;;S-1-15-2-2)";
}

}  // namespace cim::appx
