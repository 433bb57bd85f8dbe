// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Damages of directories: of their tables, of names, and of what names lead to.

#include "format/file_record.h"
#include "image/damage.h"

namespace cim::test {
namespace {

const std::string kMetadata = Specimen::region(0);
constexpr std::string_view kFiles = "\\Files";
constexpr unsigned kNames = 10;

// In the order of the table: again.bin, eas, empty, link.txt, nothing, page.bin, program.exe,
// small.txt, symlink, zeros.bin.
constexpr unsigned kEas = 1;
constexpr unsigned kEmpty = 2;
constexpr unsigned kPage = 5;

std::size_t value(const Specimen& s, unsigned index) {
  return s.directory(kFiles) + 8 + std::size_t{4} * index;
}
std::size_t place(const Specimen& s, unsigned index) {
  return s.directory(kFiles) + 8 + std::size_t{4} * kNames + std::size_t{4} * index;
}

void lead_to(Specimen& s, unsigned index, std::uint32_t id) {
  s.set(kMetadata, value(s, index), Le32(id));
}

void swap_names(Specimen& s, unsigned a, unsigned b) {
  const auto first = s.get<Le32>(kMetadata, place(s, a));
  s.set(kMetadata, place(s, a), s.get<Le32>(kMetadata, place(s, b)));
  s.set(kMetadata, place(s, b), first);
}

const Damage kDamages[] = {
    {"TableLength", [](Specimen& s) { s.set8(kMetadata, s.directory(kFiles), 7); }, "table-length",
     "\\Files: a table of names of"},
    {"TableLongerThanItsStream",
     [](Specimen& s) {
       const std::size_t length = s.record(kFiles) + offsetof(format::DiskFileRecord, stream) + 8;
       s.set(kMetadata, length, Le32(std::uint32_t{s.get<Le32>(kMetadata, length)} - 8));
     },
     "table-length", "bytes, expected"},
    {"TableCount", [](Specimen& s) { s.set8(kMetadata, s.directory(kFiles) + 7, 1); },
     "table-count", "\\Files: 16777226 names do not fit"},
    {"TableCountZero", [](Specimen& s) { s.set8(kMetadata, s.directory(kFiles) + 4, 0); },
     "table-empty", "\\Files: the table of names is empty"},
    {"TableUnaligned",
     [](Specimen& s) {
       const std::size_t field = s.record(kFiles) + offsetof(format::DiskFileRecord, stream);
       s.set(kMetadata, field, Le64(std::uint64_t{s.get<Le64>(kMetadata, field)} - 4));
     },
     "table-alignment", "\\Files: the directory is at byte"},
    {"TableElsewhere",
     [](Specimen& s) {
       s.set(kMetadata, s.record(kFiles) + offsetof(format::DiskFileRecord, stream),
             Le64(std::uint64_t{5} << 48 | 64));
     },
     "offset-region", "\\Files: the directory is in region 5"},
    {"TableTooLarge",
     [](Specimen& s) {
       s.set8(kMetadata, s.record(kFiles) + offsetof(format::DiskFileRecord, stream) + 12, 1);
     },
     "table-length", "the limit is 536870912"},
    {"NamePlacePastTheEnd", [](Specimen& s) { s.set8(kMetadata, place(s, kPage) + 1, 0x77); },
     "name-place", "\\Files: name 5 starts at byte"},
    {"NamePlaceAmongValues", [](Specimen& s) { s.set(kMetadata, place(s, kPage), Le32(8U)); },
     "name-place", "\\Files: name 5 starts at byte 8"},
    {"NameEmpty", [](Specimen& s) { s.set8(kMetadata, s.name(kFiles, kPage), 0); }, "name-length",
     "\\Files: a name of 0 UTF-16 units"},
    {"NameTooLong", [](Specimen& s) { s.set8(kMetadata, s.name(kFiles, kPage) + 1, 1); },
     "name-length", "\\Files: a name of 264 UTF-16 units; it must have 1 to 255"},
    {"NamePastTheEnd", [](Specimen& s) { s.set8(kMetadata, s.name(kFiles, 9), 200); }, "name-place",
     "name 9 of 200 UTF-16 units extends past"},
    {"NamesOverlap", [](Specimen& s) { s.set8(kMetadata, s.name(kFiles, kEas), 20); },
     "name-overlap", "\\Files: names in the table overlap"},
    {"NameWithColon", [](Specimen& s) { s.set8(kMetadata, s.name(kFiles, kPage) + 2, ':'); },
     "name-impossible", "\\Files: name 5: a name cannot contain"},
    {"NameWithNul", [](Specimen& s) { s.set8(kMetadata, s.name(kFiles, kPage) + 2, 0); },
     "name-impossible", "name 5: a name cannot contain"},
    {"NamesSwapped", [](Specimen& s) { swap_names(s, kEas, kPage); }, "name-order",
     "\\Files: \"empty\" follows \"page.bin\""},
    {"NameChanged", [](Specimen& s) { s.set8(kMetadata, s.name(kFiles, kPage) + 2, 'a'); },
     "name-order", "\"aage.bin\" follows \"nothing\""},
    {"NameTwice",
     [](Specimen& s) {
       const std::size_t first = s.name(kFiles, kPage) + 2;
       // "page.bin" and "program.exe" become "PROG" and "prog".
       s.set8(kMetadata, s.name(kFiles, kPage), 4);
       s.set8(kMetadata, s.name(kFiles, 6), 4);
       for (unsigned i = 0; i < 4; ++i) {
         s.set8(kMetadata, first + std::size_t{2} * i, static_cast<std::uint8_t>("PROG"[i]));
       }
     },
     "name-twice", "\"prog\" occurs twice"},
    {"LeadsToNothing", [](Specimen& s) { lead_to(s, kPage, 0); }, "id-dangling",
     "\"page.bin\" refers to file 0, which does not exist"},
    {"LeadsPastTheEnd", [](Specimen& s) { lead_to(s, kPage, 2000); }, "id-dangling",
     "\"page.bin\" refers to file 2000, which does not exist"},
    {"LeadsToAnotherFile", [](Specimen& s) { lead_to(s, kPage, s.id("\\Files\\eas")); },
     "file-unreachable", "no name refers to this file"},
    {"LeadsToADirectory", [](Specimen& s) { lead_to(s, kPage, s.id("\\Files\\empty")); },
     "directory-twice", "\"page.bin\" is a second name of directory"},
    {"LeadsToItself", [](Specimen& s) { lead_to(s, kEmpty, s.id(kFiles)); }, "directory-cycle",
     "\"empty\" refers back to directory 2"},
    {"LeadsToTheRoot", [](Specimen& s) { lead_to(s, kEmpty, 1); }, "directory-cycle",
     "\"empty\" refers back to directory 1"},
    {"DirectoriesShareATable",
     [](Specimen& s) {
       const std::size_t from = s.record(kFiles) + offsetof(format::DiskFileRecord, stream);
       const std::size_t to = s.record("\\Files\\empty") + offsetof(format::DiskFileRecord, stream);
       s.set(kMetadata, to, s.get<format::DiskStream>(kMetadata, from));
     },
     "directory-twice", "\\Files\\empty: its table of names is that of directory 2"},
    {"DirectoryIsAFile", [](Specimen& s) { s.set8(kMetadata, s.record(kFiles) + 54, 0); },
     "file-unreachable", "no name refers to this file"},
};

}  // namespace

std::span<const Damage> name_damages() {
  return kDamages;
}

}  // namespace cim::test
