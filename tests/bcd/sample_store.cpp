// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "sample_store.h"

#include "base/utf16.h"
#include "bcd/device.h"
#include "registry/edit/mutable_tree.h"

namespace cim::test {
namespace {

constexpr FileTime kMade{132'000'000'000'000'000};
constexpr std::string_view kBootManager = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";
constexpr std::string_view kGlobalSettings = "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}";

class StoreWriter {
 public:
  explicit StoreWriter(registry::HiveEditor& editor) : editor_(editor) {}

  void object(std::string_view guid, std::uint32_t type) {
    object_ = guid;
    const std::string key = "Objects\\" + std::string(guid);
    editor_.add_key(key + "\\Description", kMade);
    editor_.set_dword(key + "\\Description", "Type", type, kMade);
    editor_.add_key(key + "\\Elements", kMade);
  }
  void text(std::string_view element, std::string_view text) {
    editor_.add_key(sample_element(object_, element), kMade);
    editor_.set_text(sample_element(object_, element), "Element", text, kMade);
  }
  void binary(std::string_view element, ByteView data) {
    editor_.add_key(sample_element(object_, element), kMade);
    editor_.set_value(sample_element(object_, element), "Element", registry::kRegBinary, data,
                      kMade);
  }

 private:
  registry::HiveEditor& editor_;
  std::string object_;
};

}  // namespace

std::string sample_element(std::string_view object, std::string_view element) {
  return "Objects\\" + std::string(object) + "\\Elements\\" + std::string(element);
}

registry::HiveEditor sample_store_editor() {
  registry::HiveEditor editor("NewStoreRoot", kMade);
  editor.add_key("Description", kMade);
  editor.set_text("Description", "KeyName", "BCD00000000", kMade);
  StoreWriter store(editor);
  store.object(kBootManager, 0x10100002);
  store.text("12000002", "\\EFI\\Microsoft\\Boot\\bootmgfw.efi");
  store.text("23000003", kSampleEntry);
  store.object(kSampleEntry, 0x10200003);
  store.binary("11000001", bcd::vmbus_device());
  store.binary("21000001", bcd::vmbus_device());
  store.text("12000002", "\\Windows\\System32\\winload.efi");
  store.text("12000004", "Windows Server");
  store.text("22000002", "\\Windows");
  store.object(kGlobalSettings, 0x20100000);
  return editor;
}

Bytes sample_store() {
  registry::BuildOptions old;
  old.minor_version = 3;
  const registry::Hive hive = hive_of(sample_store_editor().to_bytes());
  return registry::MutableTree(data_of(hive)).to_bytes(old);
}

registry::Hive hive_of(Bytes bytes) {
  return registry::Hive::from_bytes(std::move(bytes), "store");
}

bcd::CimBootOptions sample_boot_options() {
  bcd::CimBootOptions options;
  options.scratch.disk = Guid::parse("{0d1c2b3a-4958-6776-8594-a3b2c1d0e0f1}").value();
  options.scratch.partition = Guid::parse("F1E0D0C1-B2A3-9485-7667-58493A2B1C0D").value();
  options.cim = "\\cim-layers\\42.cim";
  options.unverified = bcd::Unverified::kAccept;
  options.time = {133'000'000'000'000'000};
  return options;
}

Bytes element_data(const registry::Hive& store, std::string_view object, std::string_view element) {
  const auto key = store.find(sample_element(object, element));
  const auto value = key ? key->value("Element") : std::nullopt;
  return value ? value->data() : Bytes();
}

}  // namespace cim::test
