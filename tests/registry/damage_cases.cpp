// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "damage_cases.h"

#include <fmt/format.h>

#include "base/utf16.h"
#include "registry/format/cell_map.h"

namespace cim::test {

using namespace cim::registry;

namespace {

constexpr auto kFault = Severity::kFault;
constexpr auto kWarning = Severity::kWarning;
constexpr auto kNote = Severity::kNote;

// Offsets in records.
constexpr std::size_t kFlags = 2;
constexpr std::size_t kLayer = 13;
constexpr std::size_t kParent = 16;
constexpr std::size_t kSubkeyCount = 20;
constexpr std::size_t kSubkeyList = 28;
constexpr std::size_t kValueCount = 36;
constexpr std::size_t kValueList = 40;
constexpr std::size_t kSecurity = 44;
constexpr std::size_t kClass = 48;
constexpr std::size_t kLargestSubkeyName = 52;
constexpr std::size_t kLargestSubkeyClass = 56;
constexpr std::size_t kLargestValueName = 60;
constexpr std::size_t kLargestValueData = 64;
constexpr std::size_t kKeyNameSize = 72;
constexpr std::size_t kClassSize = 74;
constexpr std::size_t kKeyName = 76;
constexpr std::size_t kValueNameSize = 2;
constexpr std::size_t kDataSize = 4;
constexpr std::size_t kData = 8;
constexpr std::size_t kValueFlags = 16;
constexpr std::size_t kValueName = 20;

constexpr std::size_t kFirstCell = 4096 + 32;

std::size_t cell(std::size_t record) {
  return record - 4;
}
std::size_t root(const HiveFile& f) {
  return f.key("ROOT");
}
std::size_t root_list(const HiveFile& f) {
  return f.follow(root(f) + kSubkeyList);
}
std::size_t many_list(const HiveFile& f) {
  return f.follow(f.key("Many") + kSubkeyList);
}
std::size_t entry(std::size_t list, std::size_t i) {
  return list + 4 + 8 * i;
}

std::uint32_t negative(std::uint32_t size) {
  return ~size + 1;
}

std::vector<DamageCase> bin_cases() {
  return {
      {"BinWithoutSignature", kFault, "'hbin'", [](auto& f) { f.set_text(4096, "hbun"); }},
      {"BinAtWrongOffset", kFault, "the bin states", [](auto& f) { f.set_u32(8192 + 4, 0); }},
      {"BinOfNoSize", kFault, "a bin of", [](auto& f) { f.set_u32(4096 + 8, 0); }},
      {"BinOfOddSize", kFault, "a bin of", [](auto& f) { f.set_u32(4096 + 8, 4097); }},
      {"BinPastTheEnd", kFault, "a bin of", [](auto& f) { f.set_u32(4096 + 8, 0x7FFFF000); }},
      {"CellOfNoSize", kFault, "a cell of size 0", [](auto& f) { f.set_u32(kFirstCell, 0); }},
      {"CellOfSmallestNumber", kFault, "a cell of",
       [](auto& f) { f.set_u32(kFirstCell, 0x80000000); }},
      {"CellOfOddSize", kFault, "a cell of size -81",
       [](auto& f) { f.set_u32(kFirstCell, negative(81)); }},
      {"CellTooSmall", kFault, "a cell of size -4",
       [](auto& f) { f.set_u32(kFirstCell, negative(4)); }},
      {"CellPastItsBin", kFault, "are left in its bin",
       [](auto& f) { f.set_u32(kFirstCell, negative(4096)); }},
      {"FreeCellsSideBySide", kNote, "adjacent free cells",
       [](auto& f) {
         // The free cell at the end of the last bin, split in two.
         std::size_t at = f.bytes().size() - 4096 + 32;
         while (static_cast<std::int32_t>(f.u32(at)) < 0) {
           at += ~f.u32(at) + 1;
         }
         f.set_u32(at + 8, f.u32(at) - 8).set_u32(at, 8);
       }},
      {"BytesAfterTheBins", kNote, "after the last bin",
       [](auto& f) { f.bytes().resize(f.bytes().size() + 512); }},
  };
}

std::vector<DamageCase> key_cases() {
  return {
      {"RootNil", kFault, "it is absent", [](auto& f) { f.set_u32(36, kNil).fix_checksum(); }},
      {"RootOdd", kFault, "multiple of 8", [](auto& f) { f.set_u32(36, 33).fix_checksum(); }},
      {"RootBeyond", kFault, "past the end",
       [](auto& f) { f.set_u32(36, 0x40000000).fix_checksum(); }},
      {"RootFree", kFault, "free cell", [](auto& f) { f.free_cell(root(f)); }},
      {"RootInsideCell", kFault, "middle of a cell",
       [](auto& f) { f.set_u32(36, 40).fix_checksum(); }},
      {"RootInBinHeader", kFault, "middle of a cell",
       [](auto& f) { f.set_u32(36, 0).fix_checksum(); }},
      {"RootNotKey", kFault, "'nk'",
       [](auto& f) { f.set_u32(36, f.pointer_to(f.record(kSecuritySignature))).fix_checksum(); }},
      {"KeySignature", kFault, "'nk'", [](auto& f) { f.set_text(f.key("Alpha"), "nx"); }},
      {"KeyIsValue", kFault, "",
       [](auto& f) { f.set_u32(entry(root_list(f), 0), f.pointer_to(f.value("Text"))); }},
      {"KeyCellShort", kFault, "in a cell of only",
       [](auto& f) {
         // A cell of 16 bytes in place of the key's, and a free one for the rest.
         const std::size_t at = cell(f.key("Gamma"));
         const std::uint32_t size = ~f.u32(at) + 1;
         f.set_u32(at, negative(16)).set_u32(at + 16, size - 16);
       }},
      {"KeyNamePastCell", kFault, "in a cell with room for",
       [](auto& f) { f.set_u16(f.key("Gamma") + kKeyNameSize, 200); }},
      {"KeyNameOdd", kFault, "UTF-16 name with an odd size of 5",
       [](auto& f) { f.set_u16(f.key("Gamma") + kFlags, 0); }},
      {"KeyNameEmpty", kFault, "name of 0",
       [](auto& f) { f.set_u16(f.key("Gamma") + kKeyNameSize, 0); }},
      {"KeyNameLong", kFault, "name of 513",
       [](auto& f) { f.set_u16(f.key("Gamma") + kKeyNameSize, 513); }},
      {"KeyNameBackslash", kFault, "backslash",
       [](auto& f) { f.set_text(f.key("Gamma") + kKeyName, "Ga\\ma"); }},
      {"KeyVolatile", kFault, "volatile",
       [](auto& f) { f.set_u16(f.key("Gamma") + kFlags, 0x21); }},
      {"KeyHiveExit", kFault, "mount point",
       [](auto& f) { f.set_u16(f.key("Gamma") + kFlags, 0x22); }},
      {"KeyPredefinedHandle", kFault, "predefined",
       [](auto& f) { f.set_u16(f.key("Gamma") + kFlags, 0x60); }},
      {"KeyParent", kWarning, "as its parent",
       [](auto& f) { f.set_u32(f.key("Gamma") + kParent, 8); }},
      {"RootNotFlagged", kNote, "not flagged", [](auto& f) { f.set_u16(root(f) + kFlags, 0x20); }},
      {"KeyFlaggedAsRoot", kNote, "flagged as root",
       [](auto& f) { f.set_u16(f.key("Gamma") + kFlags, 0x24); }},
      {"KeyNameWide", kNote, "unnecessarily stored in UTF-16",
       [](auto& f) {
         const std::size_t key = f.key("Wide0000");
         f.set_u16(key + kFlags, 0).set_text(key + kKeyName, {"W\0i\0d\0e\0", 8});
       }},
      {"LargestSubkeyName", kWarning, "name of a subkey",
       [](auto& f) { f.set_u16(root(f) + kLargestSubkeyName, 2); }},
      {"LargestSubkeyClass", kWarning, "class of a subkey",
       [](auto& f) { f.set_u32(root(f) + kLargestSubkeyClass, 2); }},
      {"LargestValueName", kWarning, "name of a value",
       [](auto& f) { f.set_u32(root(f) + kLargestValueName, 2); }},
      {"LargestValueData", kWarning, "data of a value",
       [](auto& f) { f.set_u32(root(f) + kLargestValueData, 2); }},
      {"LargestTooLarge", kNote, "data of a value",
       [](auto& f) { f.set_u32(root(f) + kLargestValueData, 0x10000); }},
      {"ClassPastCell", kFault, "class name of 200",
       [](auto& f) { f.set_u16(f.key("Alpha") + kClassSize, 200); }},
      {"ClassOdd", kFault, "UTF-16 class name with an odd size of 9",
       [](auto& f) { f.set_u16(f.key("Alpha") + kClassSize, 9); }},
      {"ClassNil", kFault, "class name", [](auto& f) { f.set_u32(f.key("Alpha") + kClass, kNil); }},
      {"ClassUsedTwice", kFault, "already in use",
       [](auto& f) {
         f.set_u32(f.key("Gamma") + kClass, f.u32(f.key("Alpha") + kClass));
         f.set_u16(f.key("Gamma") + kClassSize, 2);
       }},
      {"LayerBitsUnannounced", kNote, "not marked as layered",
       [](auto& f) { f.set_u16(f.key("Gamma") + kLayer - 1, 0x8000); }},
  };
}

std::vector<DamageCase> list_cases() {
  return {
      {"SubkeysWithoutList", kFault, "but no list of them",
       [](auto& f) { f.set_u32(root(f) + kSubkeyList, kNil); }},
      {"ListWithoutSubkeys", kNote, "but no subkeys",
       [](auto& f) { f.set_u32(f.key("Gamma") + kSubkeyList, 32); }},
      {"SubkeyCountLow", kFault, "but their lists have",
       [](auto& f) { f.set_u32(root(f) + kSubkeyCount, 2); }},
      {"SubkeyCountHigh", kFault, "but their lists have",
       [](auto& f) { f.set_u32(root(f) + kSubkeyCount, 4'000'000); }},
      {"ListCountPastCell", kFault, "in a cell of",
       [](auto& f) { f.set_u16(root_list(f) + 2, 5000); }},
      {"LeafEmpty", kFault, "an empty list", [](auto& f) { f.set_u16(root_list(f) + 2, 0); }},
      {"IndexRootEmpty", kFault, "an empty list", [](auto& f) { f.set_u16(many_list(f) + 2, 0); }},
      {"IndexRootCountPastCell", kFault, "in a cell of",
       [](auto& f) { f.set_u16(many_list(f) + 2, 5000); }},
      {"IndexRootInIndexRoot", kFault, "inside another",
       [](auto& f) { f.set_text(f.follow(many_list(f) + 4), "ri"); }},
      {"IndexRootInItself", kFault, "already in use",
       [](auto& f) { f.set_u32(many_list(f) + 4, f.pointer_to(many_list(f))); }},
      {"LeafTwice", kFault, "already in use",
       [](auto& f) { f.set_u32(many_list(f) + 8, f.u32(many_list(f) + 4)); }},
      {"ListUnknown", kFault, "of unknown type", [](auto& f) { f.set_text(root_list(f), "lx"); }},
      {"Cycle", kFault, "already in use",
       [](auto& f) {
         const std::size_t list = f.follow(f.key("Beta") + kSubkeyList);
         f.set_u32(entry(list, 0), f.pointer_to(root(f)));
       }},
      {"TwoParents", kFault, "already in use",
       [](auto& f) {
         const std::size_t list = f.follow(f.key("Beta") + kSubkeyList);
         f.set_u32(entry(list, 0), f.pointer_to(f.key("Alpha")));
       }},
      {"SubkeysOutOfOrder", kFault, "out of order",
       [](auto& f) { f.set_text(f.key("Alpha") + kKeyName, "Zlpha"); }},
      {"SubkeysOutOfOrderAcrossLeaves", kFault, "out of order",
       [](auto& f) { f.set_text(f.key("Sub0510") + kKeyName, "Sub9999"); }},
      {"SubkeysOfOneName", kFault, "two subkeys named",
       [](auto& f) { f.set_text(f.key("Sub0001") + kKeyName, "sUB0000"); }},
      {"Hash", kWarning, "the hash of",
       [](auto& f) { f.set_u32(entry(root_list(f), 1) + 4, 12345); }},
      {"Hint", kWarning, "the hint of", [](auto& f) { f.set_text(root_list(f), "lf"); }},
      {"PointerToFreeKey", kFault, "free cell", [](auto& f) { f.free_cell(f.key("Gamma")); }},
      {"UnreachableCell", kNote, "are unreferenced",
       [](auto& f) {
         const std::size_t key = f.key("Gamma");
         f.set_u32(key + kValueCount, 0);
         f.set_u32(key + kLargestValueName, 0).set_u32(key + kLargestValueData, 0);
       }},
  };
}

std::vector<DamageCase> value_cases() {
  return {
      {"ValueCountHuge", kFault, "4000000 values",
       [](auto& f) { f.set_u32(root(f) + kValueCount, 4'000'000); }},
      {"ValueListNil", kFault, "the list of values",
       [](auto& f) { f.set_u32(root(f) + kValueList, kNil); }},
      {"ValueSignature", kFault, "'vk'", [](auto& f) { f.set_text(f.value("Text"), "vx"); }},
      {"ValueTwice", kFault, "already in use",
       [](auto& f) {
         const std::size_t list = f.follow(root(f) + kValueList);
         f.set_u32(list + 4, f.u32(list));
       }},
      {"ValueNamePastCell", kFault, "value's name of 900",
       [](auto& f) { f.set_u16(f.value("Text") + kValueNameSize, 900); }},
      {"ValueNameOdd", kFault, "value's UTF-16 name with an odd size of 3",
       [](auto& f) { f.set_u16(f.value("Odd") + kValueFlags, 0); }},
      {"ValueNameWide", kNote, "value's name is unnecessarily stored in UTF-16",
       [](auto& f) {
         const std::size_t value = f.value("Inline");
         f.set_u16(value + kValueFlags, 0).set_text(value + kValueName, {"I\0i\0n\0", 6});
       }},
      {"ValuesOfOneName", kWarning, "two values named",
       [](auto& f) { f.set_text(f.value("Twin") + kValueName, "tEXT"); }},
      {"InlineTooLong", kFault, "5 bytes of data inside",
       [](auto& f) { f.set_u32(f.value("Inline") + kDataSize, 0x80000005); }},
      {"DataBeyond", kFault, "past the end",
       [](auto& f) { f.set_u32(f.value("Text") + kData, 0x7000'0000); }},
      {"DataFree", kFault, "free cell",
       [](auto& f) { f.free_cell(f.follow(f.value("Text") + kData)); }},
      {"DataCut", kFault, "truncated value",
       [](auto& f) { f.set_u32(f.value("Text") + kDataSize, 2000); }},
      {"DataShared", kFault, "already in use",
       [](auto& f) { f.set_u32(f.value("Twin") + kData, f.u32(f.value("Text") + kData)); }},
      {"DataOutsideWithoutNeed", kNote, "outside the value",
       [](auto& f) { f.set_u32(f.value("Text") + kDataSize, 4); }},
      {"DataEmptyOutside", kNote, "not marked as inside",
       [](auto& f) { f.set_u32(f.value("Inline") + kDataSize, 0); }},
      {"TombstoneUnannounced", kNote, "not marked as layered",
       [](auto& f) { f.set_u16(f.value("Text") + kValueFlags, 3); }},
      {"BigDataSignature", kFault, "'db'",
       [](auto& f) { f.set_text(f.record(kBigDataSignature), "dx"); }},
      {"BigDataCount", kFault, "in 2 segments",
       [](auto& f) { f.set_u16(f.record(kBigDataSignature) + 2, 2); }},
      {"BigDataListNil", kFault, "list of segments",
       [](auto& f) { f.set_u32(f.record(kBigDataSignature) + 4, kNil); }},
      {"BigDataListShort", kFault, "but their list has room for",
       [](auto& f) {
         // 1,633 segments would need a longer list.
         f.set_u32(f.value("Big") + kDataSize, 100 * 16344);
         f.set_u16(f.record(kBigDataSignature) + 2, 100);
       }},
      {"BigDataSegmentIsItself", kFault, "already in use",
       [](auto& f) {
         const std::size_t big = f.record(kBigDataSignature);
         f.set_u32(f.follow(big + 4), f.pointer_to(big));
       }},
      {"BigDataSegmentIsList", kFault, "already in use",
       [](auto& f) {
         const std::size_t list = f.follow(f.record(kBigDataSignature) + 4);
         f.set_u32(list, f.pointer_to(list));
       }},
      {"BigDataSegmentShort", kFault, "a segment of",
       [](auto& f) {
         const std::size_t list = f.follow(f.record(kBigDataSignature) + 4);
         f.set_u32(list, f.u32(f.value("Text") + kData));
       }},
      {"BigDataSegmentTight", kNote, "where Windows writes",
       [](auto& f) {
         const std::size_t last = f.follow(f.follow(f.record(kBigDataSignature) + 4) + 8);
         const std::uint32_t size = ~f.u32(cell(last)) + 1;
         f.set_u32(cell(last), negative(size - 8)).set_u32(cell(last) + size - 8, 8);
       }},
  };
}

std::vector<DamageCase> security_cases() {
  return {
      {"SecurityNil", kFault, "security descriptor",
       [](auto& f) { f.set_u32(f.key("Gamma") + kSecurity, kNil); }},
      {"SecurityIsKey", kFault, "",
       [](auto& f) { f.set_u32(f.key("Gamma") + kSecurity, f.pointer_to(f.key("Wide0000"))); }},
      {"SecuritySignature", kFault, "'sk'",
       [](auto& f) { f.set_text(f.record(kSecuritySignature, 1), "sx"); }},
      {"DescriptorPastCell", kFault, "descriptor of 2000",
       [](auto& f) { f.set_u32(f.record(kSecuritySignature) + 16, 2000); }},
      {"DescriptorShort", kFault, "descriptor of 19",
       [](auto& f) { f.set_u32(f.record(kSecuritySignature) + 16, 19); }},
      {"DescriptorRevision", kFault, "of revision 2",
       [](auto& f) { f.set_u16(f.record(kSecuritySignature) + 20, 2); }},
      {"DescriptorNotSelfRelative", kFault, "self-relative",
       [](auto& f) { f.set_u16(f.record(kSecuritySignature) + 22, 4); }},
      {"DescriptorOwnerOutside", kFault, "outside its",
       [](auto& f) { f.set_u32(f.record(kSecuritySignature) + 24, 144); }},
      {"RingForwards", kWarning, "ring",
       [](auto& f) {
         const std::size_t second = f.record(kSecuritySignature, 1);
         f.set_u32(second + 4, f.pointer_to(second));
       }},
      {"RingBackwards", kWarning, "does not point back",
       [](auto& f) { f.set_u32(f.record(kSecuritySignature) + 8, 32); }},
      {"RingLeavesOneOut", kWarning, "outside the ring",
       [](auto& f) {
         const std::size_t first = f.record(kSecuritySignature);
         f.set_u32(first + 4, f.pointer_to(first)).set_u32(first + 8, f.pointer_to(first));
       }},
      {"ReferenceCount", kWarning, "states 7 references",
       [](auto& f) { f.set_u32(f.record(kSecuritySignature, 1) + 12, 7); }},
      {"DescriptorsEqual", kNote, "same security descriptor",
       [](auto& f) {
         const std::size_t first = f.record(kSecuritySignature);
         const std::size_t second = f.record(kSecuritySignature, 1);
         std::copy_n(f.bytes().begin() + static_cast<std::ptrdiff_t>(first + 20), 144,
                     f.bytes().begin() + static_cast<std::ptrdiff_t>(second + 20));
       }},
  };
}

std::vector<DamageCase> head_cases() {
  return {
      {"Checksum", kWarning, "checksum", [](auto& f) { f.set_u32(508, 1); }},
      {"Sequences", kWarning, "sequence numbers differ: 1 and 2",
       [](auto& f) { f.set_u32(8, 2).fix_checksum(); }},
      {"NotAHive", kFault, "'regf'", [](auto& f) { f.set_text(0, "fger").fix_checksum(); }},
      {"FileFormat", kFault, "file format 2", [](auto& f) { f.set_u32(32, 2).fix_checksum(); }},
      {"FileType", kFault, "file type 3", [](auto& f) { f.set_u32(28, 3).fix_checksum(); }},
      {"BinsSizeZero", kFault, "0x0 bytes of bins",
       [](auto& f) { f.set_u32(40, 0).fix_checksum(); }},
      {"BinsSizeOdd", kFault, "0x1001 bytes of bins",
       [](auto& f) { f.set_u32(40, 4097).fix_checksum(); }},
      {"BinsSizePastFile", kFault, "truncated",
       [](auto& f) { f.set_u32(40, 0x100000).fix_checksum(); }},
      {"BinsSizePastLimit", kFault, "2 GiB",
       [](auto& f) { f.set_u32(40, 0x80001000).fix_checksum(); }},
      {"CutInsideBin", kFault, "truncated",
       [](auto& f) { f.bytes().resize(f.bytes().size() - 100); }},
      {"Tiny", kFault, "too few", [](auto& f) { f.bytes().resize(8191); }},
      {"Empty", kFault, "too few", [](auto& f) { f.bytes().clear(); }},
  };
}

void add(std::vector<DamageCase>& all, const std::vector<DamageCase>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

MutableTree sample_model() {
  MutableTree model(u"ROOT", FileTime{1});
  MutableKey& top = model.root();
  top.set_value({u"", kRegSz, text_data(u"default")});
  top.set_value({u"Inline", kRegDword, value_bytes(4)});
  top.set_value({u"Odd", kRegBinary, value_bytes(3)});
  top.set_value({u"Text", kRegSz, text_data(u"a value of some length")});
  top.set_value({u"Twin", kRegSz, text_data(u"a value of some length")});
  top.set_value({u"Big", kRegBinary, value_bytes(40'000)});
  top.set_value({u"\u0394elta", kRegNone, {}});
  MutableAttributes alpha = plain_attributes();
  append_utf16_le(alpha.class_name, u"AlphaClass");
  top.add_subkey(u"Alpha", alpha);
  MutableAttributes other = plain_attributes();
  Bytes descriptor = *other.descriptor;
  descriptor[24 + 4] = std::byte{0x19};  // another access mask
  other.descriptor = std::make_shared<const Bytes>(descriptor);
  top.add_subkey(u"Beta", other).add_subkey(u"Kid", other);
  top.add_subkey(u"Gamma", plain_attributes()).set_value({u"v", kRegDword, value_bytes(4)});
  MutableKey& many = top.add_subkey(u"Many", plain_attributes());
  for (int i = 0; i < 600; ++i) {
    const std::string name = fmt::format("Sub{:04}", i);
    many.add_subkey(std::u16string(name.begin(), name.end()), plain_attributes());
  }
  top.add_subkey(u"Wide0000", plain_attributes());
  top.add_subkey(u"\u03A9mega", plain_attributes());
  return model;
}

HiveFile sample_hive() {
  return HiveFile(sample_model());
}

HiveFile sample_delta() {
  MutableTree model(u"ROOT", FileTime{1});
  const auto attributes = [](std::uint8_t layer) {
    MutableAttributes made = plain_attributes();
    made.layer = layer;
    return made;
  };
  MutableKey& top = model.root();
  MutableKey& changed = top.add_subkey(u"Changed", attributes(0x80));
  changed.add_value({u"Gone", kRegNone, {}, true});
  top.add_subkey(u"Deleted", attributes(1));
  top.add_subkey(u"Tree", attributes(3)).add_subkey(u"Inside", attributes(3));
  BuildOptions options;
  options.layered = true;
  options.minor_version = 6;
  return HiveFile(model, options);
}

const std::vector<DamageCase>& damage_cases() {
  static const std::vector<DamageCase> kCases = [] {
    std::vector<DamageCase> all = head_cases();
    add(all, bin_cases());
    add(all, key_cases());
    add(all, list_cases());
    add(all, value_cases());
    add(all, security_cases());
    return all;
  }();
  return kCases;
}

const std::vector<DamageCase>& delta_damage_cases() {
  static const std::vector<DamageCase> kCases{
      {"DeletedWithValues", kNote, "a deleted key has",
       [](HiveFile& f) {
         const std::size_t key = f.key("Changed");
         f.set_u16(key + kLayer - 1, 0x0100);
       }},
      {"MergingInsideTree", kNote, "inside one that supersedes",
       [](HiveFile& f) { f.set_u16(f.key("Inside") + kLayer - 1, 0); }},
      {"SupersedingLocallyInsideTree", kNote, "inside one that supersedes",
       [](HiveFile& f) { f.set_u16(f.key("Inside") + kLayer - 1, 0x0200); }},
      {"RootDeleted", kNote, "the root is a tombstone",
       [](HiveFile& f) { f.set_u16(f.key("ROOT") + kLayer - 1, 0x0100); }},
  };
  return kCases;
}

}  // namespace cim::test
