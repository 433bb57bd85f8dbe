// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Registry hives: reading, editing, checking, and merging the changes of a container layer.
//
//   auto hive = cim::registry::Hive::open("config/SOFTWARE");
//   if (auto key = hive.find("Microsoft\\Windows NT\\CurrentVersion")) {
//     if (auto build = key->value("CurrentBuild")) std::cout << build->text().value_or("?");
//   }
//   cim::registry::merge("parent/SYSTEM_BASE", {"Hives/SYSTEM_DELTA"}, "Hives/SYSTEM_BASE");
//
// Names are WTF-8 and compared as Windows does, ignoring case; a lookup of text that is not WTF-8
// throws kInvalidArgument. A path is a list of key names separated by backslashes, relative to the
// root key; the empty path is the root.
//
// A delta hive holds the changes of one container layer. They apply to the hive of the layer below,
// called the lower hive here.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/byte_streams.h"
#include "cimlib/export.h"
#include "cimlib/filetime.h"
#include "cimlib/finding.h"
#include "cimlib/progress.h"

namespace cim::registry {

class HandleAccess;  // not public
class HiveData;      // not public: the bytes of a hive and its parsed properties

/// Value types (winnt.h). A hive may contain any other number.
inline constexpr std::uint32_t kRegNone = 0;
inline constexpr std::uint32_t kRegSz = 1;
inline constexpr std::uint32_t kRegExpandSz = 2;
inline constexpr std::uint32_t kRegBinary = 3;
inline constexpr std::uint32_t kRegDword = 4;
inline constexpr std::uint32_t kRegDwordBigEndian = 5;
inline constexpr std::uint32_t kRegLink = 6;
inline constexpr std::uint32_t kRegMultiSz = 7;
inline constexpr std::uint32_t kRegResourceList = 8;
inline constexpr std::uint32_t kRegFullResourceDescriptor = 9;
inline constexpr std::uint32_t kRegResourceRequirementsList = 10;
inline constexpr std::uint32_t kRegQword = 11;

/// Returns the name of a value type in winnt.h, as in "REG_SZ"; empty for any other number. Names
/// have static storage duration.
CIM_EXPORT std::string_view type_name(std::uint32_t type) noexcept;

/// How a key of a delta hive affects the key of the same path in the lower hive.
enum class LayerSemantics : std::uint8_t {
  kMerge = 0,           ///< its values and subkeys are merged into the lower key
  kTombstone = 1,       ///< deletes the lower key and everything below it
  kSupersedeLocal = 2,  ///< replaces the values of the lower key; subkeys are merged
  kSupersedeTree = 3,   ///< replaces the lower key and everything below it
};

/// A value of a key. Cheap to copy; keeps the bytes of its hive alive.
class CIM_EXPORT Value {
 public:
  /// Returns the name; empty for the unnamed ("default") value.
  std::string name() const;
  /// Returns the type, kReg… or any other number.
  std::uint32_t type() const noexcept;
  /// Returns the size of the data in bytes.
  std::uint32_t size() const noexcept;
  /// Returns a copy of the data as stored: text in UTF-16, numbers in little-endian order.
  std::vector<std::byte> data() const;
  /// Returns the data as text without the terminating NUL; nullopt unless the type is kRegSz,
  /// kRegExpandSz or kRegLink and the size is even.
  std::optional<std::string> text() const;
  /// Returns the number; nullopt unless the type is kRegDword and the size is 4.
  std::optional<std::uint32_t> dword() const;
  /// Returns the number; nullopt unless the type is kRegDword or kRegDwordBigEndian and the size is
  /// 4, or the type is kRegQword and the size is 8.
  std::optional<std::uint64_t> number() const;
  /// Returns the strings of a list without their NULs; nullopt unless the type is kRegMultiSz and
  /// the size is even. Empty strings within the list are kept, although Windows reads none of the
  /// strings after one.
  std::optional<std::vector<std::string>> strings() const;
  /// Returns true if the value, in a delta hive, deletes the value of this name in the lower hive.
  bool is_tombstone() const noexcept;

 private:
  friend class HandleAccess;
  friend class Key;
  friend class ValueIterator;
  Value(std::shared_ptr<const HiveData> data, std::uint32_t pointer) noexcept
      : data_(std::move(data)), pointer_(pointer) {}

  std::shared_ptr<const HiveData> data_;
  std::uint32_t pointer_;
};

/// Iterates over the values of a key in the order of the hive.
class CIM_EXPORT ValueIterator {
 public:
  Value operator*() const noexcept;
  ValueIterator& operator++() noexcept {
    ++index_;
    return *this;
  }
  bool operator==(const ValueIterator& other) const noexcept { return index_ == other.index_; }

 private:
  friend class ValueRange;
  ValueIterator(std::shared_ptr<const HiveData> data, std::uint32_t list,
                std::uint32_t index) noexcept
      : data_(std::move(data)), list_(list), index_(index) {}

  std::shared_ptr<const HiveData> data_;
  std::uint32_t list_;
  std::uint32_t index_;
};

/// The values of a key, for a range-for. Keeps the bytes of its hive alive.
class CIM_EXPORT ValueRange {
 public:
  /// Make a range-for work; size() is the number of values.
  ValueIterator begin() const noexcept { return {data_, list_, 0}; }
  ValueIterator end() const noexcept { return {data_, list_, count_}; }
  std::uint32_t size() const noexcept { return count_; }

 private:
  friend class Key;
  ValueRange(std::shared_ptr<const HiveData> data, std::uint32_t list, std::uint32_t count) noexcept
      : data_(std::move(data)), list_(list), count_(count) {}

  std::shared_ptr<const HiveData> data_;
  std::uint32_t list_;
  std::uint32_t count_;
};

class SubkeyRange;

/// A key. Cheap to copy; keeps the bytes of its hive alive.
class CIM_EXPORT Key {
 public:
  /// Returns the name of the key alone, without those of the keys above it.
  std::string name() const;
  /// Returns the last write time.
  FileTime time() const noexcept;
  /// Returns the class, converted to WTF-8; nullopt if the key has none.
  std::optional<std::string> class_name() const;
  /// Returns the self-relative security descriptor, a part of the hive's bytes. Valid as long as
  /// this key or another handle to the same hive.
  std::span<const std::byte> descriptor() const& noexcept;
  std::span<const std::byte> descriptor() const&& = delete;
  /// Returns true if the key is a symbolic link to another key. Links are not followed.
  bool is_symbolic_link() const noexcept;
  /// Returns the stored flags, of which 0x80, 0x100 and 0x200 concern virtualization.
  std::uint16_t flags() const noexcept;
  /// Returns byte 54 of the key's record: user flags (low half) and virtualization control (high
  /// half).
  std::uint8_t control() const noexcept;
  /// Returns byte 55 of the key's record.
  std::uint8_t debug() const noexcept;
  /// Returns how the key affects the lower hive; kMerge unless the hive is a delta.
  LayerSemantics layer() const noexcept;
  /// Returns true if the key, in a delta hive, inherits the class of the lower key.
  bool inherits_class() const noexcept;

  /// Return the number of subkeys and of values.
  std::uint32_t subkey_count() const noexcept;
  /// Returns the subkeys, which a valid hive stores sorted by name.
  SubkeyRange subkeys() const noexcept;
  /// Returns the subkey of that name; nullopt if it does not exist.
  std::optional<Key> subkey(std::string_view name) const;
  /// Returns the values in stored order.
  ValueRange values() const noexcept;
  /// Returns the value of that name, the first one if a hive has several; nullopt if it does not
  /// exist.
  std::optional<Value> value(std::string_view name) const;

 private:
  friend class HandleAccess;
  friend class Hive;
  friend class SubkeyIterator;
  friend class SubkeyRange;
  Key(std::shared_ptr<const HiveData> data, std::uint32_t pointer) noexcept
      : data_(std::move(data)), pointer_(pointer) {}

  std::shared_ptr<const HiveData> data_;
  std::uint32_t pointer_;
};

/// Iterates over the subkeys of a key in the order of the hive.
class CIM_EXPORT SubkeyIterator {
 public:
  Key operator*() const noexcept;
  SubkeyIterator& operator++() noexcept;
  bool operator==(const SubkeyIterator& other) const noexcept {
    return remaining_ == other.remaining_;
  }

 private:
  friend class SubkeyRange;
  SubkeyIterator() noexcept = default;
  explicit SubkeyIterator(const Key& key) noexcept;

  std::shared_ptr<const HiveData> data_;
  std::uint32_t list_ = 0;        // offset of the list that the key names
  std::uint32_t leaf_ = 0;        // offset of the current leaf
  std::uint32_t leaf_index_ = 0;  // index in list_, if that is a list of lists
  std::uint32_t index_ = 0;       // index in the leaf
  std::uint32_t remaining_ = 0;
};

/// The subkeys of a key, for a range-for. Keeps the bytes of its hive alive.
class CIM_EXPORT SubkeyRange {
 public:
  /// Make a range-for work; size() is the number of subkeys.
  SubkeyIterator begin() const noexcept { return SubkeyIterator(key_); }
  SubkeyIterator end() const noexcept { return {}; }
  std::uint32_t size() const noexcept { return key_.subkey_count(); }

 private:
  friend class Key;
  explicit SubkeyRange(const Key& key) noexcept : key_(key) {}

  Key key_;
};

/// Reads a hive or transaction log from a stream to its end, for Hive::from_bytes() and check().
/// The bytes are not validated, but of a stream that begins neither as a hive nor as a log only the
/// first bytes are read. Throws kLimit for a stream that is larger than any hive, kCancelled on a
/// request to stop, and what reading the source throws.
CIM_EXPORT std::vector<std::byte> read_hive(const ByteSource& source,
                                            const std::stop_token& stop = {});

/// Treatment of a dirty hive, one whose last write by Windows was interrupted.
enum class DirtyHive {
  kRefuse,    ///< throw kCorrupt, unless the given logs can recover it
  kReadAsIs,  ///< read the hive as it is, for inspection only; merging and editing refuse such a
              ///< hive
};

/// A transaction log, NAME.LOG1 or NAME.LOG2, in memory.
struct LogFile {
  std::string name;  ///< names the log in errors and warnings
  std::vector<std::byte> bytes;
};

/// How to open a hive.
struct OpenOptions {
  DirtyHive dirty = DirtyHive::kRefuse;
  /// Transaction logs NAME.LOG1 and NAME.LOG2 from which to recover a dirty hive in memory. The
  /// files are not changed. Each log is validated separately; a warning reports which of its
  /// entries were applied. The logs of a clean hive are not read.
  std::vector<std::filesystem::path> logs = {};
  WarningSink warning = {};  ///< receives the results of recovery and oddities of the hive
};

/// A hive in memory. Opening validates every key and value, so the accessors
/// cannot fail on damage later. Concurrent reading is safe. Keys and values may outlive the Hive:
/// each keeps its bytes alive.
class CIM_EXPORT Hive {
 public:
  /// Opens a hive file. Throws kCorrupt for damage, naming its offset and the key; kUnsupported for
  /// versions other than 1.3 to 1.6 and for transaction logs; kNotFound, kAccessDenied, kIo.
  static Hive open(const std::filesystem::path& path, const OpenOptions& options = {});
  /// Opens a hive in memory. `name` names it in errors.
  static Hive from_bytes(std::vector<std::byte> bytes, std::string name,
                         const OpenOptions& options = {});
  /// Opens a hive in memory with `logs` instead of `options.logs`.
  static Hive from_bytes(std::vector<std::byte> bytes, std::string name,
                         std::span<const LogFile> logs, const OpenOptions& options);

  Hive(Hive&&) noexcept;
  Hive& operator=(Hive&&) noexcept;
  ~Hive();

  /// Returns the bytes of the file up to the end of the bins, after recovery if the hive was
  /// recovered. Valid as long as the Hive or a handle to it.
  std::span<const std::byte> bytes() const& noexcept;
  std::span<const std::byte> bytes() const&& = delete;
  Key root() const noexcept;
  /// Returns the key at the path; nullopt if it does not exist.
  std::optional<Key> find(std::string_view path) const;
  /// Returns the path with each name spelled as in the hive; nullopt if the key does not exist.
  std::optional<std::string> spelled_path(std::string_view path) const;

  /// Returns the minor version, 3 to 6; the major version is 1.
  std::uint32_t minor_version() const noexcept;
  /// Returns true if the header marks the hive as a delta ("layered keys supported").
  bool is_layered() const noexcept;
  /// Returns true if the hive is dirty and was read as it is (DirtyHive::kReadAsIs).
  bool is_dirty() const noexcept;
  /// Returns true if the hive was recovered from logs.
  bool is_recovered() const noexcept;
  std::uint64_t key_count() const noexcept;
  std::uint64_t value_count() const noexcept;
  /// Returns the time of the last write, as recorded in the header.
  FileTime last_written() const noexcept;

 private:
  friend const std::shared_ptr<const HiveData>& data_of(const Hive& hive) noexcept;
  explicit Hive(std::shared_ptr<const HiveData> data) noexcept;

  std::shared_ptr<const HiveData> data_;
};

/// A version of Windows, from which ORSaveHive derives the version of the hive.
struct OsVersion {
  std::uint32_t major = 10;
  std::uint32_t minor = 0;
};

/// Action if the target already exists.
enum class ExistingFile { kRefuse, kReplace };

/// How to write a hive.
struct SaveOptions {
  /// Accepts 5.1, 5.2, 6.0 to 6.3 and 10.0, all of which select hive version 1.5. If nullopt, an
  /// edited hive keeps its version.
  std::optional<OsVersion> os_version = {};
  /// Last write time in the header. With the default, equal hives have equal bytes.
  FileTime last_written = {};
  ExistingFile existing = ExistingFile::kRefuse;  ///< kRefuse throws kExists
};

/// Edits a hive. Changes are held in memory until save(); the source file is not changed. Not safe
/// for concurrent use.
///
/// Every change of a key's values or subkeys sets the key's last write time to `time`, as Windows
/// does. Paths and names that a key cannot have throw kInvalidArgument (harmless). After an
/// exception that is not documented as harmless, every later call throws it again, including
/// to_bytes() and save().
class CIM_EXPORT HiveEditor {
 public:
  /// Starts from a copy of `source`, which may be destroyed afterwards. Throws kCorrupt if `source`
  /// is dirty.
  explicit HiveEditor(const Hive& source);
  /// Starts from an empty hive with a root key named `root_name`, as ORCreateHive creates it.
  explicit HiveEditor(std::string_view root_name = "ROOT", FileTime time = {});

  HiveEditor(HiveEditor&&) noexcept;
  HiveEditor& operator=(HiveEditor&&) noexcept;
  ~HiveEditor();

  /// Returns true if there is a key at the path.
  bool exists(std::string_view path);
  /// Adds the key and its missing parents; returns true if it added any. A new key inherits the
  /// security descriptor of its parent. Throws kLimit for more than 512 levels (harmless).
  bool add_key(std::string_view path, FileTime time);
  /// Sets the type and data of a value, adding the value if it is missing. Text must include its
  /// terminating NUL. Throws kNotFound if the key is missing (harmless).
  void set_value(std::string_view path, std::string_view name, std::uint32_t type,
                 std::span<const std::byte> data, FileTime time);
  /// Sets a kRegSz value; adds the terminating NUL to `text`, which is WTF-8.
  void set_text(std::string_view path, std::string_view name, std::string_view text, FileTime time);
  /// Sets a kRegDword value.
  void set_dword(std::string_view path, std::string_view name, std::uint32_t number, FileTime time);
  /// Removes a value; returns true if it existed. Throws kNotFound if the key is missing
  /// (harmless).
  bool remove_value(std::string_view path, std::string_view name, FileTime time);
  /// Removes a key and everything below it; returns true if it existed. Throws kInvalidArgument for
  /// the root (harmless).
  bool remove_key(std::string_view path, FileTime time);

  /// Returns the file that save() would write. Failures of to_bytes() and save() are harmless: they
  /// do not affect the edited hive.
  std::vector<std::byte> to_bytes(const SaveOptions& options = {}) const;
  /// Writes the hive to a temporary file and renames it to `path`, where a partial file is never
  /// visible. Throws kExists, kUnsupported for an unknown version of Windows, and kLimit
  /// if the hive would exceed its maximum size.
  void save(const std::filesystem::path& path, const SaveOptions& options = {}) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// How to merge hives.
struct MergeOptions {
  /// Last write time in the header of the result. With the default, equal inputs give equal bytes.
  FileTime last_written = {};
  WarningSink warning = {};  ///< receives oddities of the inputs
};

/// Counts of a merge.
struct MergeResult {
  std::uint64_t keys = 0;    ///< in the result
  std::uint64_t values = 0;  ///< in the result
  /// Keys that the deltas mark as copied up from a lower key that does not exist. More than a few
  /// indicate that a delta was merged into the wrong base.
  std::uint64_t copied_up_without_base = 0;
};

/// Merges delta hives into a full hive, the first delta first, as ORMergeHives does, and writes the
/// resulting full hive to `target`. Throws kInvalidArgument without a delta, kExists if `target`
/// exists, what Hive::open() throws, and what the overload below throws. After any failure other
/// than kExists, `target` does not exist.
CIM_EXPORT MergeResult merge(const std::filesystem::path& base,
                             const std::vector<std::filesystem::path>& deltas,
                             const std::filesystem::path& target, const MergeOptions& options = {});

/// The result of a merge in memory.
struct MergedHive {
  std::vector<std::byte> bytes;  ///< contents of the hive file
  MergeResult result;
};

/// Merges one delta in memory. `name` names the result in errors and is stored in its header.
/// Throws kCorrupt if either hive is dirty, if the delta has layer bits but no delta mark in its
/// header, or if its root is a tombstone.
CIM_EXPORT MergedHive merge(const Hive& base, const Hive& delta, const MergeOptions& options,
                            const std::string& name);

/// The result of a check.
struct CheckReport {
  std::vector<Finding> findings;       ///< the first 10,000, in the order found
  std::uint64_t findings_omitted = 0;  ///< further findings
  std::uint64_t keys = 0;              ///< reachable from the root
  std::uint64_t values = 0;
  std::uint64_t unreachable_bytes = 0;  ///< in allocated cells that nothing refers to
};

/// How to check a hive.
struct CheckOptions {
  /// The least serious severity to report.
  Severity min_severity = Severity::kWarning;
};

/// Checks a whole hive and reports every finding. Throws only if the file cannot be read: kIo,
/// kNotFound, kAccessDenied.
CIM_EXPORT CheckReport check(const std::filesystem::path& path, const CheckOptions& options = {});
/// Checks a hive in memory. Bytes that are not a hive are a finding, not an error.
CIM_EXPORT CheckReport check(std::span<const std::byte> bytes, const CheckOptions& options = {});

}  // namespace cim::registry
