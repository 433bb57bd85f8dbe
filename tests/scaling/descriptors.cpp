// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/security_descriptor.h"

#include "base/bytes.h"
#include "scaling/measure.h"

namespace cim::test {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all += text;
  }
  return all;
}

// Returns text of a descriptor in which `repeat` occurs n times. It may be rejected, but quickly.
Countable sddl(std::string name, std::string begin, std::string repeat, std::string end,
               std::size_t count = 300) {
  return {"SDDL: " + std::move(name), count, [=](std::size_t n) {
            return [text = begin + repeated(repeat, n) + end] {
              try {
                static_cast<void>(SecurityDescriptor::from_sddl(text));
              } catch (const Error&) {  // a limit is a valid result, too
              }
            };
          }};
}

SecurityDescriptor with_aces(std::size_t count) {
  SecurityDescriptor descriptor;
  descriptor.control |= descriptor_control::kDaclPresent;
  descriptor.dacl.emplace();
  for (std::size_t i = 0; i < count; ++i) {
    descriptor.dacl->aces.push_back(
        {.mask = static_cast<std::uint32_t>(i), .sid = {.authority = 5, .sub_authorities = {18}}});
  }
  return descriptor;
}

std::vector<ExtendedAttribute> attributes(std::size_t count) {
  std::vector<ExtendedAttribute> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back({.name = fmt::format("N{:04}", i), .value = Bytes(1)});
  }
  return all;
}

}  // namespace

std::vector<Countable> descriptor_countables() {
  return {
      sddl("rights of an ACE", "D:(A;;", "GA", ";;;WD)"),
      sddl("digits of rights", "D:(A;;0x", "0", "1;;;WD)"),
      sddl("flags of an ACE", "D:(A;", "CI", ";GA;;;WD)"),
      sddl("flags of an ACL", "D:", "AI", "(A;;GA;;;WD)"),
      sddl("letters of a type", "D:(", "A", ";;GA;;;WD)"),
      sddl("digits of an object type", "D:(OA;;GA;", "0", ";;WD)"),
      sddl("digits of an authority", "O:S-1-", "0", "5-18"),
      sddl("subauthorities", "O:S-1-5", "-1", ""),
      sddl("ACEs", "D:", "(A;;GA;;;WD)", "", 50),
      sddl("ACEs of the SACL", "S:", "(AU;SA;GA;;;WD)", "", 50),
      sddl("spaces", "D:", " ", "(A;;GA;;;WD)"),
      sddl("components", "", "O:SY", ""),
      sddl("parentheses of a condition", "D:(XA;;GA;;;WD;", "(", ")"),
      sddl("terms of a condition", "D:(XA;;GA;;;WD;(a==1", "&&a==1", "))", 50),
      sddl("characters of a name in a condition", "D:(XA;;GA;;;WD;(a", "a", "==1))"),
      sddl("characters of a text in a condition", "D:(XA;;GA;;;WD;(a==\"", "x", "\"))"),
      sddl("members of a list in a condition", "D:(XA;;GA;;;WD;(a=={1", ",1", "}))"),
      sddl("SIDs of a list in a condition", "D:(XA;;GA;;;WD;(Member_of{SID(BA)", ",SID(BA)", "}))",
           50),
      sddl("characters of a claim", "S:(RA;;;;;WD;(\"n\",TS,0,\"", "x", "\"))"),
      {"ACEs encoded and parsed", 200,
       [](std::size_t n) {
         return [descriptor = with_aces(n)] {
           static_cast<void>(SecurityDescriptor::parse(descriptor.encode()));
         };
       }},
      {"ACEs printed", 200,
       [](std::size_t n) {
         return [descriptor = with_aces(n)] { static_cast<void>(descriptor.to_sddl()); };
       }},
      {"extended attributes encoded and parsed", 400,
       [](std::size_t n) {
         return [all = attributes(n)] {
           static_cast<void>(parse_extended_attributes(encode_extended_attributes(all)));
         };
       }},
  };
}

}  // namespace cim::test
