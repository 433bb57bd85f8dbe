// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/utility_vm.h"

#include <charconv>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/utf16.h"
#include "os/file.h"

namespace cim::layer {
namespace {

constexpr std::string_view kVersionKey = "Microsoft\\Windows NT\\CurrentVersion";
constexpr std::string_view kBuildValue = "CurrentBuild";
// Without NULs; the space that hcsshim has for it.
constexpr std::size_t kLongestBuildText = 7;

constexpr std::string_view kControlKey = "ControlSet001\\Control";
// UnionFS combines an image with the scratch disk; wcifs does so for layers of the older kind.
constexpr std::string_view kUnionKey = "ControlSet001\\Services\\UnionFS";
constexpr std::string_view kOldFilterKey = "ControlSet001\\Services\\wcifs";
constexpr std::string_view kSetupKey = "Setup";
constexpr std::uint32_t kStartsAtBoot = 0;
constexpr std::uint32_t kDisabled = 4;

[[noreturn]] void fail(const std::string& subject, std::string_view reason) {
  throw Error(ErrorCode::kCorrupt, subject,
              fmt::format("cannot read the build number of the utility VM: {}", reason));
}

std::uint16_t parse_build(std::u16string_view text, const std::string& subject) {
  const std::string digits = to_wtf8(text);
  std::uint16_t build = 0;
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, build);
  if (parsed.ptr != end || parsed.ec != std::errc()) {
    fail(subject, fmt::format("CurrentBuild is not a number up to {}",
                              std::numeric_limits<std::uint16_t>::max()));
  }
  return build;
}

const std::filesystem::path& required(const std::filesystem::path& file, std::string_view name) {
  if (file.empty()) {
    throw Error(ErrorCode::kCorrupt, std::string(name), "the utility VM does not have this file");
  }
  return file;
}

bool has_build(const registry::Hive& software) {
  const auto key = software.find(kVersionKey);
  return key && key->value(kBuildValue);
}

// The hive is read without its logs; even a dirty one contains the build number.
registry::Hive open_software(const std::filesystem::path& software) {
  return registry::Hive::open(software, {.dirty = registry::DirtyHive::kReadAsIs});
}

// Both files are staged copies. If the second cannot be replaced, closing the layer fails and both
// are discarded, so that all edits are made or none.
CimBootState edit(const UtilityVmFiles& files, bcd::CimBootOptions options,
                  const std::string& image, FileTime now, UtilityVmReport& report) {
  if (report.build <= kLastBuildWithoutCimBoot) {
    return CimBootState::kTooOld;
  }
  if (options.cim.empty()) {
    options.cim = image;
  }
  options.time = now;
  const auto& system = required(files.system, "UtilityVM/Files/Windows/System32/config/SYSTEM");
  const auto& store = required(files.boot_store, "UtilityVM/Files/EFI/Microsoft/Boot/BCD");
  const Bytes edited = edit_system_for_cim_boot(registry::Hive::open(system), now);
  report.boot_store = bcd::edit_for_cim_boot(store, options);
  AtomicFile file(system);
  file.file().write_at(0, edited);
  file.publish(Publish::kReplace);
  return CimBootState::kEdited;
}

}  // namespace

std::uint16_t build_number(const registry::Hive& software, const std::string& subject) {
  const auto key = software.find(kVersionKey);
  if (!key) {
    fail(subject, fmt::format("key {} does not exist", kVersionKey));
  }
  const auto value = key->value(kBuildValue);
  if (!value) {
    fail(subject, fmt::format("value {} does not exist", kBuildValue));
  }
  if (value->type() != registry::kRegSz) {
    fail(subject, fmt::format("{} has type {}, which is not a string", kBuildValue, value->type()));
  }
  std::u16string text = utf16_from_le(value->data());
  while (text.ends_with(u'\0')) {  // some programs write more than one
    text.pop_back();
  }
  if (text.size() > kLongestBuildText || value->size() % 2 != 0) {
    fail(subject,
         fmt::format("{} has {} bytes, which is not a build number", kBuildValue, value->size()));
  }
  return parse_build(text, subject);
}

Bytes edit_system_for_cim_boot(const registry::Hive& system, FileTime now) {
  registry::HiveEditor editor(system);
  for (const std::string_view key : {kControlKey, kUnionKey, kOldFilterKey, kSetupKey}) {
    editor.add_key(key, now);
  }
  editor.set_text(kControlKey, "BootContainerGuid", bcd::kBootContainer, now);
  editor.set_dword(kUnionKey, "Start", kStartsAtBoot, now);
  editor.set_dword(kOldFilterKey, "Start", kDisabled, now);
  editor.set_text(kSetupKey, "BootPathOverride", "\\Windows\\", now);
  return editor.to_bytes({.os_version = registry::OsVersion{10, 0}, .last_written = now});
}

UtilityVmReport process_utility_vm(const UtilityVmFiles& files, const UtilityVmOptions& options,
                                   const std::string& image, FileTime now) {
  UtilityVmReport report;
  const auto& path = required(files.software, "UtilityVM/Files/Windows/System32/config/SOFTWARE");
  const registry::Hive software = open_software(path);
  if (!options.cim_boot && !has_build(software)) {
    return report;
  }
  report.build = build_number(software, path.string());
  if (options.cim_boot) {
    report.cim_boot = edit(files, *options.cim_boot, image, now, report);
  }
  return report;
}

std::string_view to_string(CimBootState state) noexcept {
  switch (state) {
    case CimBootState::kNotRequested:
      return "not-asked";
    case CimBootState::kTooOld:
      return "too-old";
    case CimBootState::kEdited:
      return "edited";
  }
  return "";
}

}  // namespace cim::layer
