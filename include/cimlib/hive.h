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
// Names are WTF-8 here and compared as Windows compares them, without regard to letter case. A path
// has backslashes between the names of keys and starts below the root; the empty path is the root.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/filetime.h"
#include "cimlib/progress.h"

namespace cim::registry {

class HiveData;  // not public: the bytes of a hive and what is known of them

/// Types of values (winnt.h). A hive may hold any other number.
inline constexpr std::uint32_t kRegNone = 0;
inline constexpr std::uint32_t kRegSz = 1;
inline constexpr std::uint32_t kRegExpandSz = 2;
inline constexpr std::uint32_t kRegBinary = 3;
inline constexpr std::uint32_t kRegDword = 4;
inline constexpr std::uint32_t kRegDwordBigEndian = 5;
inline constexpr std::uint32_t kRegLink = 6;
inline constexpr std::uint32_t kRegMultiSz = 7;
inline constexpr std::uint32_t kRegQword = 11;

/// What a key of a delta hive does to the key of the same path below it.
enum class LayerSemantics : std::uint8_t {
  kMerge = 0,           ///< its values lie over those below, and so do its subkeys
  kTombstone = 1,       ///< deletes the key and all below it
  kSupersedeLocal = 2,  ///< replaces the key's values; subkeys still merge
  kSupersedeTree = 3,   ///< replaces the key and all below it
};

/// A value of a key. Cheap to copy; keeps the bytes of its hive alive.
class CIM_EXPORT Value {
 public:
  /// Empty for the unnamed ("default") value.
  std::string name() const;
  std::uint32_t type() const noexcept;
  /// Of the data, in bytes.
  std::uint32_t size() const noexcept;
  std::vector<std::byte> data() const;
  /// The data as text without the terminating NUL, if the type is REG_SZ, REG_EXPAND_SZ or
  /// REG_LINK and the size is even.
  std::optional<std::string> text() const;
  /// The number, if the type is REG_DWORD and the size is 4.
  std::optional<std::uint32_t> dword() const;
  /// In a delta hive: hides the value of this name below.
  bool is_tombstone() const noexcept;

 private:
  friend class Key;
  friend class ValueIterator;
  Value(std::shared_ptr<const HiveData> image, std::uint32_t pointer) noexcept
      : image_(std::move(image)), pointer_(pointer) {}

  std::shared_ptr<const HiveData> image_;
  std::uint32_t pointer_;
};

/// Goes over the values of a key in the order in which the hive has them.
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
  ValueIterator(std::shared_ptr<const HiveData> image, std::uint32_t list,
                std::uint32_t index) noexcept
      : image_(std::move(image)), list_(list), index_(index) {}

  std::shared_ptr<const HiveData> image_;
  std::uint32_t list_;
  std::uint32_t index_;
};

/// The values of a key, for a range-for.
class CIM_EXPORT ValueRange {
 public:
  ValueIterator begin() const noexcept { return {image_, list_, 0}; }
  ValueIterator end() const noexcept { return {image_, list_, count_}; }
  std::uint32_t size() const noexcept { return count_; }

 private:
  friend class Key;
  ValueRange(std::shared_ptr<const HiveData> image, std::uint32_t list,
             std::uint32_t count) noexcept
      : image_(std::move(image)), list_(list), count_(count) {}

  std::shared_ptr<const HiveData> image_;
  std::uint32_t list_;
  std::uint32_t count_;
};

class SubkeyRange;

/// A key. Cheap to copy; keeps the bytes of its hive alive.
class CIM_EXPORT Key {
 public:
  std::string name() const;
  /// When it was last written.
  FileTime time() const noexcept;
  /// UTF-16 turned into WTF-8; nothing where the key has no class.
  std::optional<std::string> class_name() const;
  /// The self-relative security descriptor, in the hive's bytes.
  /// Valid while this key, or another handle to the same hive, lives.
  std::span<const std::byte> descriptor() const& noexcept;
  std::span<const std::byte> descriptor() const&& = delete;
  bool is_symbolic_link() const noexcept;
  /// The flags of the key as stored, of which 0x80, 0x100 and 0x200 tell of virtualization.
  std::uint16_t flags() const noexcept;
  /// Byte 54: user flags (low half) and virtualization control (high half).
  std::uint8_t control() const noexcept;
  /// Byte 55.
  std::uint8_t debug() const noexcept;
  /// kMerge in a hive that is not a delta.
  LayerSemantics layer() const noexcept;
  /// In a delta hive: takes the class of the key below.
  bool inherits_class() const noexcept;

  std::uint32_t subkey_count() const noexcept;
  SubkeyRange subkeys() const noexcept;
  std::optional<Key> subkey(std::string_view name) const;
  ValueRange values() const noexcept;
  /// The first value of that name.
  std::optional<Value> value(std::string_view name) const;

 private:
  friend class Hive;
  friend class SubkeyIterator;
  friend class SubkeyRange;
  Key(std::shared_ptr<const HiveData> image, std::uint32_t pointer) noexcept
      : image_(std::move(image)), pointer_(pointer) {}

  std::shared_ptr<const HiveData> image_;
  std::uint32_t pointer_;
};

/// Goes over the subkeys of a key in their order.
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

  std::shared_ptr<const HiveData> image_;
  std::uint32_t list_ = 0;        // of the list that the key names
  std::uint32_t leaf_ = 0;        // of the present leaf
  std::uint32_t leaf_index_ = 0;  // in list_, where that is a list of lists
  std::uint32_t index_ = 0;       // in the leaf
  std::uint32_t remaining_ = 0;
};

/// The subkeys of a key, for a range-for.
class CIM_EXPORT SubkeyRange {
 public:
  SubkeyIterator begin() const noexcept { return SubkeyIterator(key_); }
  SubkeyIterator end() const noexcept { return {}; }
  std::uint32_t size() const noexcept { return key_.subkey_count(); }

 private:
  friend class Key;
  explicit SubkeyRange(const Key& key) noexcept : key_(key) {}

  Key key_;
};

/// What to do with a hive that was torn while Windows wrote it.
enum class DirtyHive {
  kRefuse,    ///< an error, unless logs are given from which it can be recovered
  kReadAsIs,  ///< read what is there, to look only; merging refuses such a hive
};

/// The bytes of a transaction log, NAME.LOG1 or NAME.LOG2.
struct LogFile {
  std::string name;  ///< stands for it in errors and warnings
  std::vector<std::byte> bytes;
};

struct OpenOptions {
  DirtyHive dirty = DirtyHive::kRefuse;
  /// NAME.LOG1 and NAME.LOG2, from which a dirty hive is recovered in memory; the files stay as
  /// they are. Each is judged by itself, and what was used of which is reported to `warning`. A
  /// clean hive is read without them.
  std::vector<std::filesystem::path> logs = {};
  WarningSink warning = {};
};

/// A hive, read whole and found sound from its first key to its last; what it then shows needs no
/// further checks. Looking at one from many threads at once is safe.
class CIM_EXPORT Hive {
 public:
  /// Throws kCorrupt for damage, with the place and the key; kUnsupported for versions other than
  /// 1.3 to 1.6 and for transaction logs.
  static Hive open(const std::filesystem::path& path, const OpenOptions& options = {});
  /// The same for bytes; `name` stands for them in errors.
  static Hive from_bytes(std::vector<std::byte> bytes, std::string name,
                         const OpenOptions& options = {});
  /// The same with logs in memory, in place of those that `options` names.
  static Hive from_bytes(std::vector<std::byte> bytes, std::string name,
                         std::span<const LogFile> logs, const OpenOptions& options);

  Hive(Hive&&) noexcept;
  Hive& operator=(Hive&&) noexcept;
  ~Hive();

  /// The file, up to the end of the bins; of a recovered hive, what was put together. Valid
  /// while the hive lives.
  std::span<const std::byte> bytes() const& noexcept;
  std::span<const std::byte> bytes() const&& = delete;
  Key root() const noexcept;
  std::optional<Key> find(std::string_view path) const;

  /// 3 to 6, of version 1.
  std::uint32_t minor_version() const noexcept;
  /// Whether it says that it is a delta ("layered keys supported").
  bool is_layered() const noexcept;
  /// Whether it was read as it is though torn.
  bool is_dirty() const noexcept;
  /// Whether it was put together from logs.
  bool is_recovered() const noexcept;
  std::uint64_t key_count() const noexcept;
  std::uint64_t value_count() const noexcept;
  /// As the file's head has it.
  FileTime last_written() const noexcept;

  std::shared_ptr<const HiveData> image() const noexcept { return image_; }

 private:
  explicit Hive(std::shared_ptr<const HiveData> image) noexcept;

  std::shared_ptr<const HiveData> image_;
};

/// A version of Windows as ORSaveHive takes it, which decides the version of the hive.
struct OsVersion {
  std::uint32_t major = 10;
  std::uint32_t minor = 0;
};

/// What to do where the target is there already.
enum class ExistingFile { kRefuse, kReplace };

struct SaveOptions {
  /// Known are 5.1, 5.2, 6.0 to 6.3 and 10.0, which all mean a hive of version 1.5. Without one, an
  /// edited hive keeps its version.
  std::optional<OsVersion> os_version = {};
  /// Of the head. The default makes equal hives equal bytes.
  FileTime last_written = {};
  ExistingFile existing = ExistingFile::kRefuse;
};

/// A hive to change. Changes are kept in memory until it is saved; the file that it came from stays
/// as it is. Not to be shared between threads.
///
/// Every change of a key's values or subkeys sets its time, as in Windows. Paths and names that no
/// key can have are kInvalidArgument (harmless). After an exception that is not documented as
/// harmless every further call throws it again, to_bytes() and save() included.
class CIM_EXPORT HiveEditor {
 public:
  /// Starts from a hive, which may be let go. Throws kCorrupt for one that was read though torn.
  explicit HiveEditor(const Hive& source);
  /// Starts from an empty hive with a root of that name, as ORCreateHive makes one.
  explicit HiveEditor(std::string_view root_name = "ROOT", FileTime time = {});

  HiveEditor(HiveEditor&&) noexcept;
  HiveEditor& operator=(HiveEditor&&) noexcept;
  ~HiveEditor();

  bool has_key(std::string_view path);
  /// Makes the key, and those above it that are not there; returns whether there was anything to
  /// make. A new key has its parent's descriptor.
  bool create_key(std::string_view path, FileTime time);
  /// Replaces type and data of the value of that name, or adds one. Text must have its NUL. Throws
  /// kNotFound without the key (harmless).
  void set_value(std::string_view path, std::string_view name, std::uint32_t type,
                 std::span<const std::byte> data, FileTime time);
  /// REG_SZ of a text, its NUL added.
  void set_text(std::string_view path, std::string_view name, std::string_view text, FileTime time);
  void set_dword(std::string_view path, std::string_view name, std::uint32_t number, FileTime time);
  /// Returns whether there was one. Throws kNotFound without the key (harmless).
  bool delete_value(std::string_view path, std::string_view name, FileTime time);
  /// Returns whether there was such a key. Throws kInvalidArgument for the root (harmless).
  bool delete_tree(std::string_view path, FileTime time);

  /// The file that save() would write. Failures of these two are harmless: they change nothing of
  /// what is edited.
  std::vector<std::byte> to_bytes(const SaveOptions& options = {}) const;
  /// Writes beside the target and renames, so that there is always a whole file or none. Throws
  /// kExists, kUnsupported for an unknown version of Windows, kLimit where a hive has no room.
  void save(const std::filesystem::path& path, const SaveOptions& options = {}) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct MergeOptions {
  /// Of the head of the result. The default makes equal inputs give equal bytes.
  FileTime last_written = {};
  WarningSink warning = {};
};

struct MergeResult {
  std::uint64_t keys = 0;
  std::uint64_t values = 0;
  /// Keys of the deltas that were made as copies of a key below which is not there: more than a few
  /// mean that a delta was laid over the wrong base.
  std::uint64_t copied_up_without_base = 0;
};

/// Lays delta hives over a full hive, the first delta first, as ORMergeHives does, and writes the
/// full hive that results. `target` must not exist (kExists); after an error it does not.
CIM_EXPORT MergeResult merge(const std::filesystem::path& base,
                             const std::vector<std::filesystem::path>& deltas,
                             const std::filesystem::path& target, const MergeOptions& options = {});

struct MergedHive {
  std::vector<std::byte> bytes;  ///< the file
  MergeResult result;
};

/// The same for one delta, from and to memory; `name` stands for the result in errors and in its
/// head. Throws kCorrupt if either hive was read as it is though torn, if the delta has layer bits
/// without announcing them, or if its root is a tombstone.
CIM_EXPORT MergedHive merge(const Hive& base, const Hive& delta, const MergeOptions& options,
                            const std::string& name);

/// How bad a finding is.
enum class Severity {
  kDamage,     ///< cannot be read
  kViolation,  ///< can be read, though it breaks what Windows relies on
  kDeviation,  ///< allowed, though not what Windows or this library writes
};

/// Name of a severity for programs, as in "damage"; valid for ever.
CIM_EXPORT std::string_view to_string(Severity severity) noexcept;

struct Finding {
  Severity severity = Severity::kDamage;
  std::uint64_t offset = 0;  ///< in the file
  /// Path of the key concerned, where there is one; of a path of more than 1,000 bytes the end,
  /// with
  /// "...\" in front.
  std::string key;
  std::string text;
};

struct CheckReport {
  std::vector<Finding> findings;  ///< the first 10,000, in the order in which they were met
  std::uint64_t findings_left_off = 0;
  std::uint64_t keys = 0;  ///< reached from the root
  std::uint64_t values = 0;
  std::uint64_t unreachable_bytes = 0;  ///< in cells in use to which nothing refers
};

struct CheckOptions {
  /// The mildest severity to look for.
  Severity mildest = Severity::kViolation;
};

/// Looks at everything in a hive and goes on after what it finds. Throws only where the file cannot
/// be read at all: kIo, kNotFound, kAccessDenied.
CIM_EXPORT CheckReport check(const std::filesystem::path& path, const CheckOptions& options = {});
CIM_EXPORT CheckReport check(std::span<const std::byte> bytes, const CheckOptions& options = {});

}  // namespace cim::registry
