// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Conversions between descriptors as bytes, as a model and as SDDL: random ones, and those of
// Windows (tests/data/security_descriptors.txt).

#include <algorithm>
#include <array>
#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"

#include "base/bytes.h"
#include "hex.h"
#include "os/sha256.h"

namespace cim {
namespace {

// The control bits that SDDL expresses or implies.
constexpr std::uint32_t kControlInSddl =
    descriptor_control::kSelfRelative | descriptor_control::kDaclPresent |
    descriptor_control::kSaclPresent | descriptor_control::kDaclAutoInheritRequired |
    descriptor_control::kSaclAutoInheritRequired | descriptor_control::kDaclAutoInherited |
    descriptor_control::kSaclAutoInherited | descriptor_control::kDaclProtected |
    descriptor_control::kSaclProtected;

class RandomDescriptors {
 public:
  explicit RandomDescriptors(unsigned seed) : random_(seed) {}

  // Returns a descriptor with anything that the binary form can hold.
  SecurityDescriptor any() {
    SecurityDescriptor descriptor = printable();
    descriptor.control =
        static_cast<std::uint16_t>(descriptor.control | (next() & 0xFFFFU & ~kControlInSddl));
    descriptor.resource_manager_control = static_cast<std::uint8_t>(next());
    for (auto* const acl : {&descriptor.sacl, &descriptor.dacl}) {
      for (unsigned i = acl->has_value() ? next() % 3 : 0; i > 0; --i) {
        (*acl)->aces.push_back(raw_ace());
      }
    }
    return descriptor;
  }

  // Returns a descriptor that SDDL can express.
  SecurityDescriptor printable() {
    SecurityDescriptor descriptor;
    descriptor.owner = maybe_sid();
    descriptor.group = maybe_sid();
    descriptor.sacl = maybe_acl();
    descriptor.dacl = maybe_acl();
    if (descriptor.sacl) {
      descriptor.control |= descriptor_control::kSaclPresent;
      descriptor.control |= static_cast<std::uint16_t>(next() & 0x2A00);  // P, AR, AI
    }
    if (descriptor.dacl || next() % 4 == 0) {
      descriptor.control |= descriptor_control::kDaclPresent;
      descriptor.control |= static_cast<std::uint16_t>(next() & 0x1500);  // P, AR, AI
    }
    return descriptor;
  }

 private:
  Sid sid() {
    Sid sid{.authority =
                next() % 4 == 0 ? std::uint64_t{next()} << 16 | next() % 65536 : next() % 20};
    sid.sub_authorities.resize(next() % 16);
    std::ranges::generate(sid.sub_authorities, [this] { return next() >> (next() % 32); });
    return sid;
  }

  std::optional<Sid> maybe_sid() { return next() % 4 != 0 ? std::optional(sid()) : std::nullopt; }

  std::optional<Guid> maybe_guid() {
    Guid guid;
    std::ranges::generate(guid.bytes, [this] { return static_cast<std::byte>(next()); });
    return next() % 2 != 0 ? std::optional(guid) : std::nullopt;
  }

  Ace ace() {
    constexpr std::array kTypes = {0x00, 0x01, 0x02, 0x03, 0x05, 0x06,
                                   0x07, 0x08, 0x11, 0x13, 0x14};
    Ace ace{.type = static_cast<AceType>(kTypes[next() % kTypes.size()]),
            .flags = static_cast<std::uint8_t>(next()),
            .mask = static_cast<std::uint32_t>(next() >> (next() % 32))};
    if (ace.type >= AceType::kAccessAllowedObject && ace.type <= AceType::kSystemAlarmObject) {
      ace.object_type = maybe_guid();
      ace.inherited_object_type = maybe_guid();
    }
    ace.sid = sid();
    return ace;
  }

  Ace raw_ace() {
    Ace ace{.type = static_cast<AceType>(0x20 + next() % 0xE0),
            .flags = static_cast<std::uint8_t>(next()),
            .data = Bytes(std::size_t{4} * (next() % 10))};
    std::ranges::generate(ace.data, [this] { return static_cast<std::byte>(next()); });
    return ace;
  }

  std::optional<Acl> maybe_acl() {
    if (next() % 4 == 0) {
      return std::nullopt;
    }
    Acl acl;
    for (unsigned i = next() % 6; i > 0; --i) {
      acl.aces.push_back(ace());
      if (acl.aces.back().type >= AceType::kAccessAllowedObject &&
          acl.aces.back().type <= AceType::kSystemAlarmObject) {
        acl.revision = Acl::kRevisionWithObjects;
      }
    }
    return acl;
  }

  std::uint32_t next() { return static_cast<std::uint32_t>(random_()); }

  std::mt19937 random_;
};

TEST(DescriptorRoundTrip, BytesKeepEverything) {
  RandomDescriptors random(1);
  for (int i = 0; i < 3000; ++i) {
    const SecurityDescriptor descriptor = random.any();
    const Bytes bytes = descriptor.encode();
    ASSERT_EQ(SecurityDescriptor::parse(bytes), descriptor) << to_hex(bytes);
  }
}

TEST(DescriptorRoundTrip, TextKeepsWhatSddlCanExpress) {
  RandomDescriptors random(2);
  for (int i = 0; i < 3000; ++i) {
    const SecurityDescriptor descriptor = random.printable();
    const std::string text = descriptor.to_sddl();
    ASSERT_EQ(SecurityDescriptor::from_sddl(text), descriptor) << text;
  }
}

// A flipped bit may yield another valid descriptor or an error, and nothing else.
TEST(DescriptorRoundTrip, EveryFlippedBitIsAnErrorOrAnotherDescriptor) {
  RandomDescriptors random(3);
  for (int i = 0; i < 4; ++i) {
    const Bytes sound = random.any().encode();
    for (std::size_t bit = 0; bit < 8 * sound.size(); ++bit) {
      Bytes bytes = sound;
      bytes[bit / 8] ^= std::byte(1U << (bit % 8));
      try {
        const auto descriptor = SecurityDescriptor::parse(bytes);
        ASSERT_EQ(SecurityDescriptor::parse(descriptor.encode()), descriptor);
      } catch (const Error&) {
        continue;
      }
    }
  }
}

struct Sample {
  std::string name;
  Bytes bytes;
  std::string sddl;
};

std::vector<Sample> samples() {
  std::ifstream file(CIMLIB_TEST_DATA "/security_descriptors.txt");
  std::vector<Sample> result;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string name;
    std::string hex;
    std::string sddl;
    fields >> name >> hex >> sddl;
    result.push_back({name, test::from_hex(hex), sddl});
  }
  return result;
}

TEST(DescriptorRoundTrip, SamplesPrintAndReadAsAnotherProgramPrintsThem) {
  const auto all = samples();
  EXPECT_EQ(all.size(), 34U);
  for (const auto& [name, bytes, sddl] : all) {
    const auto descriptor = SecurityDescriptor::parse(bytes);
    EXPECT_EQ(descriptor.to_sddl(), sddl) << name;
    EXPECT_EQ(SecurityDescriptor::from_sddl(sddl), descriptor) << name;
  }
}

TEST(DescriptorRoundTrip, SamplesEncodeUnchangedExceptForTheOrderOfParts) {
  for (const auto& [name, bytes, sddl] : samples()) {
    const bool has_lists_first = name == "acl-first-order" || name == "key-offreg";
    const Bytes encoded = SecurityDescriptor::parse(bytes).encode();
    EXPECT_EQ(encoded.size(), bytes.size()) << name;
    EXPECT_EQ(encoded != bytes, has_lists_first) << name;
  }
}

}  // namespace
}  // namespace cim
