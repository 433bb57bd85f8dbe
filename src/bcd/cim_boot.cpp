// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Edits a boot configuration store as eleven calls of bcdedit do to make a utility VM boot from an
// image. The result is read back and compared before it is returned, since nothing here could
// notice a store that does not boot.
#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cimlib/bcd.h"
#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "base/utf16.h"
#include "bcd/cim_boot_options.h"
#include "bcd/device.h"
#include "bcd/store.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim::bcd {
namespace {

constexpr std::string_view kCimOptionsName = "CimFS Device Options";
constexpr std::string_view kCompositeOptionsName = "Composite Device Options";
constexpr std::string_view kLoader = "\\UtilityVM\\Files\\Windows\\System32\\winload.efi";
constexpr std::string_view kSystemRoot = "\\UtilityVM\\Files\\Windows";

// One element to set, with its data as stored.
struct Setting {
  Guid object;
  std::uint32_t element = 0;
  Bytes data;
};

// A string element: UTF-16LE with a NUL.
Bytes text_data(std::string_view text) {
  Bytes data;
  append_utf16_le(data, to_utf16(text).value_or(u"") + u'\0');
  return data;
}

// Returns what the eleven calls of bcdedit set, including the descriptions of new objects, in the
// order of the calls.
std::vector<Setting> settings(const Guid& entry, const CimBootOptions& options) {
  const Guid& cim = cim_options();
  const Guid& composite = composite_options();
  return {
      {entry, element::kRestartOnFailure, {std::byte{1}}},
      {cim, element::kDescription, text_data(kCimOptionsName)},
      {cim, element::kCimParentDevice, vmbus_device()},
      {cim, element::kCimRootDirectory, text_data(stored_cim_path(options.cim))},
      {composite, element::kDescription, text_data(kCompositeOptionsName)},
      {composite, element::kPrimaryDevice, partition_device(options.scratch)},
      {composite, element::kSecondaryDevice, cim_device(cim, options.cim_record)},
      {entry, element::kDevice, composite_device(composite)},
      {entry, element::kOsDevice, composite_device(composite)},
      {entry, element::kPath, text_data(kLoader)},
      {entry, element::kSystemRoot, text_data(kSystemRoot)},
  };
}

// One edit. Everything that may refuse it is checked before the first change.
class CimBootEdit {
 public:
  CimBootEdit(const registry::Hive& hive, const std::string& subject, const CimBootOptions& options)
      : hive_(hive),
        subject_(subject),
        options_(options),
        store_(hive, subject),
        entry_(store_.default_entry()),
        settings_(settings(entry_, options)) {}

  EditedStore run() {
    check_objects();
    warn_of_replaced();
    compare_vmbus();
    registry::HiveEditor editor(hive_);
    apply(editor);
    Bytes bytes = editor.to_bytes({.last_written = options_.time});
    verify(bytes);
    finish_report();
    return {std::move(bytes), std::move(report_)};
  }

 private:
  // Objects of a previous edit are replaced only if the caller allows it, since they may be
  // customized.
  void check_objects() const {
    for (const Guid& object : {cim_options(), composite_options()}) {
      if (!store_.has_object(object)) {
        continue;
      }
      if (store_.object_type(object) != kDeviceOptions) {
        throw Error(ErrorCode::kCorrupt, subject_,
                    fmt::format("the object {} exists, but is not of the type for device options",
                                braced(object)));
      }
      if (options_.existing == ExistingObjects::kRefuse) {
        throw Error(
            ErrorCode::kExists, subject_,
            fmt::format("the object {} already exists; the store may have been edited before",
                        braced(object)));
      }
    }
  }

  // A damaged record is replaced all the same, but may be a sign of a store that is damaged
  // elsewhere.
  void warn_of_replaced() {
    for (const Setting& setting : settings_) {
      if (setting.object != entry_) {
        continue;
      }
      const auto value = store_.element(entry_, setting.element);
      const bool is_device = (setting.element >> 24 & 0xF) == 1;
      if (value && is_device && !device_head(value->data())) {
        report_.warnings.push_back(
            fmt::format("element {} was a device with a wrong length; it is replaced",
                        element_name(setting.element)));
      }
    }
  }

  // If the store still has a vmbus record that bcdedit made, it shows whether ours is right.
  void compare_vmbus() {
    const Bytes ours = vmbus_device();
    for (const std::uint32_t element : {element::kDevice, element::kOsDevice}) {
      const auto value = store_.element(entry_, element);
      const Bytes data = value ? value->data() : Bytes();
      const auto head = device_head(data);
      if (!head || head->type != static_cast<std::uint32_t>(DeviceType::kVmbus)) {
        continue;
      }
      if (data != ours) {
        report_.vmbus = VmbusEvidence::kDifferent;
      } else if (report_.vmbus == VmbusEvidence::kAbsent) {
        report_.vmbus = VmbusEvidence::kEqual;
      }
    }
    if (report_.vmbus != VmbusEvidence::kDifferent) {
      return;
    }
    const std::string_view what =
        "the store's own vmbus record is not the one that booting from a CIM is known to need (U8)";
    if (options_.other_vmbus == OtherVmbus::kRefuse) {
      throw Error(ErrorCode::kUnsupported, subject_, std::string(what));
    }
    report_.warnings.emplace_back(what);
  }

  // Removes the two objects first, so that no elements of an earlier edit remain.
  void apply(registry::HiveEditor& editor) const {
    for (const Guid& object : {cim_options(), composite_options()}) {
      const std::string path = object_path(object);
      editor.remove_key(path, options_.time);
      editor.add_key(path + "\\Description", options_.time);
      editor.set_dword(path + "\\Description", "Type", kDeviceOptions, options_.time);
    }
    for (const Setting& setting : settings_) {
      const std::string path = element_path(setting.object, setting.element);
      editor.add_key(path, options_.time);
      editor.set_value(path, "Element", value_type_of(setting.element), setting.data,
                       options_.time);
    }
  }

  // Reads the result the way the boot manager would: from the default entry to the image.
  void verify(const Bytes& bytes) const {
    const registry::Hive hive = registry::Hive::from_bytes(bytes, subject_);
    const Store edited(hive, subject_);
    bool is_right = edited.default_entry() == entry_;
    for (const Setting& setting : settings_) {
      const auto value = edited.element(setting.object, setting.element);
      is_right = is_right && value && value->data() == setting.data;
    }
    for (const Guid& object : {cim_options(), composite_options()}) {
      is_right = is_right && edited.object_type(object) == kDeviceOptions;
    }
    if (!is_right) {
      throw Error(ErrorCode::kCorrupt, subject_, "the edited store does not read back as written");
    }
  }

  void finish_report() {
    report_.entry = braced(entry_);
    for (std::string& name : store_.element_names(entry_)) {
      const bool replaced = std::ranges::any_of(settings_, [&](const Setting& setting) {
        return setting.object == entry_ && element_name(setting.element) == name;
      });
      if (!replaced) {
        report_.kept_elements.push_back(std::move(name));
      }
    }
    for (const OpenQuestion& question : open_questions()) {
      // U5 and U6 are choices of this library or of the caller.
      const bool settled = question.id == "U5" || question.id == "U6" ||
                           (question.id == "U8" && report_.vmbus == VmbusEvidence::kEqual) ||
                           (question.id == "U9" && report_.kept_elements.empty());
      if (!settled) {
        report_.unverified.push_back(question);
      }
    }
  }

  const registry::Hive& hive_;
  const std::string& subject_;
  const CimBootOptions& options_;
  Store store_;
  Guid entry_;
  std::vector<Setting> settings_;
  CimBootReport report_;
};

namespace fs = std::filesystem;

// A rename would replace the link, and leave the store to which it points unchanged.
void refuse_links(const fs::path& store) {
  if (fs::is_symlink(link_status_of(store))) {
    throw Error(ErrorCode::kUnsupported, store.string(),
                "a store that is a symbolic link cannot be edited");
  }
}

// The contents of a log must be merged into the hive before the hive is edited.
void refuse_logs(const fs::path& store) {
  for (const char* const suffix : {".LOG", ".LOG1", ".LOG2"}) {
    fs::path log = store;
    log += suffix;
    if (fs::is_regular_file(status_of(log)) && File::open_read(log).size() > 0) {
      throw Error(ErrorCode::kUnsupported, store.string(),
                  fmt::format("the transaction log {} is not empty; logs are not replayed",
                              log.filename().string()));
    }
  }
}

}  // namespace

EditedStore edit_for_cim_boot(const registry::Hive& store, const std::string& subject,
                              const CimBootOptions& options) {
  check_options(options);
  return CimBootEdit(store, subject, options).run();
}

CimBootReport edit_for_cim_boot(const fs::path& store, const CimBootOptions& options) {
  refuse_links(store);
  EditedStore edited = edit_for_cim_boot(registry::Hive::open(store), store.string(), options);
  refuse_logs(store);
  AtomicFile file(store);
  file.file().write_at(0, edited.bytes);
  std::error_code error;
  fs::permissions(file.file().path(), status_of(store).permissions(), error);
  if (error) {
    throw Error(ErrorCode::kIo, store.string(),
                "cannot preserve the permissions: " + error.message());
  }
  file.publish(Publish::kReplace);
  return std::move(edited.report);
}

}  // namespace cim::bcd
