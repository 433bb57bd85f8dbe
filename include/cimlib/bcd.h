// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Boot configuration data (BCD) stores: the edits, normally made with `bcdedit`, that make a
// utility VM boot from a CIM image.
//
//   cim::bcd::CimBootOptions options;
//   options.scratch = {.disk = disk, .partition = partition};
//   options.cim = "\\cim-layers\\42.cim";
//   options.unverified = cim::bcd::Unverified::kAccept;
//   const auto report = cim::bcd::edit_for_cim_boot("EFI/Microsoft/Boot/BCD", options);
//   for (const auto& open : report.unverified) std::cerr << open.id << ": " << open.text << '\n';
//
// No public store with the records that boot from a CIM has been found. The records written here
// are inferred from public sources and no VM has been booted with them. Therefore the functions
// refuse to edit unless the caller accepts that, and every report lists the open questions.
//
// The functions may be called from several threads at once. They are not safe against another
// process that writes the same store file.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/filetime.h"
#include "cimlib/guid.h"
#include "cimlib/hive.h"

namespace cim::bcd {

/// GUID, in braces, of the volume under which the VM mounts the image when it boots. The VM's
/// SYSTEM hive has to name the same volume.
inline constexpr std::string_view kBootContainer = "{b890454c-80de-4e98-a7ab-56b74b4fbd0c}";

/// A partition of a GPT disk, identified by the GUIDs of the disk and of the partition.
struct GptPartition {
  Guid disk;
  Guid partition;
};

/// A detail of the records that public sources do not settle.
struct OpenQuestion {
  std::string_view id;    ///< "U1" and so on; an id keeps its meaning across releases
  std::string_view text;  ///< one sentence; static storage duration, like `id`
};

/// Returns all open questions, ordered by id. They have static storage duration.
CIM_EXPORT std::span<const OpenQuestion> open_questions() noexcept;

/// Policy for records that are inferred rather than verified.
enum class Unverified {
  kRefuse,  ///< edit nothing and throw kUnsupported
  kAccept,  ///< write the inferred records and list the open questions in the report
};

/// Length of the record that names the CIM (open question U2).
enum class CimRecord {
  kShort,  ///< 0x30 bytes, as in the boot libraries of the Windows Server 2025 generation
  kLong,   ///< 0x48 bytes, as in later boot libraries
};

/// Action if the objects to be created already exist (open question U6).
enum class ExistingObjects {
  kRefuse,   ///< throw kExists
  kReplace,  ///< recreate them, so that a store can be edited twice; only device options objects
             ///< are replaced
};

/// Action if the store has a vmbus record of another kind than the one to be written (open question
/// U8). kRefuse throws kUnsupported.
enum class OtherVmbus { kRefuse, kAccept };

/// How to edit a store.
struct CimBootOptions {
  GptPartition scratch;  ///< the writable partition that holds the changes to the image
  /// The image's path on the share that exports the layers' directories, as in
  /// "\cim-layers\42.cim". A missing leading backslash is added.
  std::string cim;
  Unverified unverified = Unverified::kRefuse;
  CimRecord cim_record = CimRecord::kShort;
  ExistingObjects existing = ExistingObjects::kRefuse;
  OtherVmbus other_vmbus = OtherVmbus::kRefuse;
  FileTime time = {};  ///< written as the last write time of every key that changes
};

/// How the vmbus record of the store's default entry compares with the record that is written. An
/// equal record is the best available evidence that the written one is right.
enum class VmbusEvidence { kAbsent, kEqual, kDifferent };

/// Returns a name for programs: "absent", "equal" or "different". Names are stable across releases.
CIM_EXPORT std::string_view to_string(VmbusEvidence evidence) noexcept;

/// The result of an edit.
struct CimBootReport {
  std::string entry;  ///< GUID in braces of the loader that boots by default
  VmbusEvidence vmbus = VmbusEvidence::kAbsent;
  /// Elements of the entry that were left unchanged, as eight hexadecimal digits each.
  std::vector<std::string> kept_elements;
  std::vector<OpenQuestion> unverified;  ///< the open questions that affect this store
  std::vector<std::string> warnings;     ///< one line each, without a newline
};

/// An edited store in memory.
struct EditedStore {
  std::vector<std::byte> bytes;  ///< the hive, of the same hive version as the source
  CimBootReport report;
};

/// Makes all edits or none, in memory, and returns the new hive. `subject` names the store in
/// errors. Throws kUnsupported unless `options` accepts unverified records, kInvalidArgument for
/// options that are contradictory or malformed, kCorrupt for a store that lacks what a boot store
/// must have, and kExists if an object to be created already exists.
CIM_EXPORT EditedStore edit_for_cim_boot(const registry::Hive& store, const std::string& subject,
                                         const CimBootOptions& options);

/// Edits a store file in place: the new file replaces the old one by a rename and keeps its
/// permissions. Throws as the overload above does, what registry::Hive::open() throws, and
/// kUnsupported for a store that is a link or has a non-empty transaction log beside it.
CIM_EXPORT CimBootReport edit_for_cim_boot(const std::filesystem::path& store,
                                           const CimBootOptions& options);

}  // namespace cim::bcd
