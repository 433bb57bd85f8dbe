// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Boot configuration stores: the edits by which a utility VM boots from a CIM image, as `bcdedit`
// makes them.
//
//   cim::bcd::CimBootOptions options;
//   options.scratch = {.disk = disk, .partition = partition};
//   options.cim = "\\cim-layers\\42.cim";
//   options.unverified = cim::bcd::Unverified::kAccept;
//   const auto report = cim::bcd::edit_for_cim_boot("EFI/Microsoft/Boot/BCD", options);
//   for (const auto& fact : report.unverified) std::cerr << fact.id << ": " << fact.text << '\n';
//
// No public store with the records that boot from a CIM has been found: what is written is the best
// that public sources tell, and nobody has booted it. Therefore nothing is edited unless the caller
// accepts that, and each report says what is not settled.

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

/// The volume that a CIM is mounted as at boot; the SYSTEM hive of the utility VM names it too.
inline constexpr std::string_view kBootContainer = "{b890454c-80de-4e98-a7ab-56b74b4fbd0c}";

/// A partition of a GPT disk: the GUIDs of the disk and of the partition itself.
struct GptPartition {
  Guid disk;
  Guid partition;
};

/// What public sources do not settle.
struct OpenQuestion {
  std::string_view id;  ///< "U1"; keeps its meaning for ever
  std::string_view text;
};

/// All of them, by id.
CIM_EXPORT std::span<const OpenQuestion> open_questions() noexcept;

enum class Unverified {
  kRefuse,  ///< edit nothing
  kAccept,  ///< write what is inferred, and say so in the report
};

/// How long the record of a CIM is (U2).
enum class CimRecord {
  kShort,  ///< 0x30, as the boot libraries of the Server 2025 generation have it
  kLong,   ///< 0x48, as later ones do
};

/// What to do where the objects that are to be made are there already (U6).
enum class ExistingObjects {
  kRefuse,   ///< kExists
  kReplace,  ///< make them anew, so that a store may be edited twice; only options of devices
};

/// What to do where the store has a vmbus record of another kind than the one to be written (U8).
enum class OtherVmbus { kRefuse, kAccept };

struct CimBootOptions {
  GptPartition scratch;  ///< the writable disk that lies over the image
  /// The image on the share of the layers' directories, as in "\cim-layers\42.cim". A backslash in
  /// front is added where it is missing.
  std::string cim;
  Unverified unverified = Unverified::kRefuse;
  CimRecord cim_record = CimRecord::kShort;
  ExistingObjects existing = ExistingObjects::kRefuse;
  OtherVmbus other_vmbus = OtherVmbus::kRefuse;
  FileTime time = {};  ///< of the keys that change
};

/// How the vmbus record of the store's default entry compares with the one that is written, the
/// best evidence that there is for the latter.
enum class VmbusEvidence { kAbsent, kEqual, kDifferent };

/// Name for programs: "absent", "equal", "different"; valid for ever.
CIM_EXPORT std::string_view to_string(VmbusEvidence evidence) noexcept;

struct CimBootReport {
  std::string entry;  ///< the loader that boots by default, as in "{…}"
  VmbusEvidence vmbus = VmbusEvidence::kAbsent;
  /// Elements of the entry that stay as they were: eight hexadecimal digits each.
  std::vector<std::string> kept_elements;
  std::vector<OpenQuestion> unverified;  ///< those that bear on this store
  std::vector<std::string> warnings;
};

struct EditedStore {
  std::vector<std::byte> bytes;  ///< the hive, in the version that it had
  CimBootReport report;
};

/// Makes all edits or none. Throws kUnsupported unless what is unverified is accepted,
/// kInvalidArgument for options that cannot be, kCorrupt for a store that is not sound, kExists
/// for objects that are there already. `subject` stands for the store in errors.
CIM_EXPORT EditedStore edit_for_cim_boot(const registry::Hive& store, const std::string& subject,
                                         const CimBootOptions& options);

/// The same for a file, which is replaced by a rename and keeps its permissions. Throws, besides,
/// kUnsupported for a store that is a link or has a transaction log that is not empty beside it.
CIM_EXPORT CimBootReport edit_for_cim_boot(const std::filesystem::path& store,
                                           const CimBootOptions& options);

}  // namespace cim::bcd
