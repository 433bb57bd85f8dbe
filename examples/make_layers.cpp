// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// make_layers STORE [TAR]: makes a base layer and one upon it, entry by entry; with a tar of a
// layer it puts a third one on top; tells of each and removes them again.

#include <filesystem>
#include <iostream>
#include <span>
#include <string_view>
#include <vector>

#include <cimlib/error.h>
#include <cimlib/image.h>
#include <cimlib/layer.h>
#include <cimlib/layer_writer.h>

namespace {

using cim::ImagePath;
using cim::StreamPath;
using cim::layer::LayerWriter;
using std::filesystem::path;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

cim::FileMetadata metadata(std::uint32_t attributes) {
  const auto now = cim::FileTime::now();
  return {.attributes = attributes, .times = {now, now, now, now}};
}

void add_text(LayerWriter& writer, std::string_view file, std::string_view text) {
  writer.add(ImagePath::parse(file), metadata(cim::attribute::kArchive), text.size());
  writer.write(bytes_of(text));
}

void make_base(const path& layer) {
  LayerWriter writer(layer, {});
  writer.add(ImagePath::parse("Files"), metadata(cim::attribute::kDirectory));
  add_text(writer, "Files/greeting.txt", "Hello from below.\r\n");
  add_text(writer, "Files/old.txt", "Of no use any more.\r\n");
  writer.close();
}

void make_child(const path& layer, const path& parent) {
  constexpr std::string_view kZone = "[ZoneTransfer]\r\nZoneId=3\r\n";
  LayerWriter writer(layer, {parent});  // shows all that the parent does
  add_text(writer, "Files/new.txt", "Hello from above.\r\n");
  writer.add_alternate_stream(StreamPath::parse("Files/new.txt:Zone.Identifier"), kZone.size());
  writer.write(bytes_of(kZone));
  writer.add_link(ImagePath::parse("Files/same.txt"), ImagePath::parse("Files/greeting.txt"));
  writer.remove(ImagePath::parse("Files/old.txt"));
  writer.close();
}

void tell(const path& layer) {
  std::cout << cim::layer::cim_name(layer) << " in "
            << cim::layer::cim_dir(layer).filename().string() << ":\n";
  const cim::Image image(cim::layer::cim_path(layer));
  image.walk({}, [](const cim::WalkEntry& entry) {
    std::cout << "  " << entry.path.to_string() << '\n';
    return true;
  });
}

void work(const path& store, const char* tar) {
  std::vector<path> layers = {store / "child", store / "base"};  // the immediate parent first
  make_base(layers[1]);
  make_child(layers[0], layers[1]);
  if (tar != nullptr) {
    const path top = store / "top";
    const auto result = cim::layer::import_tar(tar, top, layers);
    std::cout << result.entries << " entries from a tar\n";
    layers.insert(layers.begin(), top);
  }
  for (const path& layer : layers) {
    tell(layer);
  }
  for (const path& layer : layers) {  // no layer goes while another lies on it
    cim::layer::destroy(layer);
    std::cout << (cim::layer::is_cim_layer(layer) ? "still there\n" : "removed\n");
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2 || count > 3) {
    std::cerr << "usage: make_layers STORE [TAR]\n";
    return 2;
  }
  try {
    work(arguments[1], count > 2 ? arguments[2] : nullptr);
    return 0;
  } catch (const cim::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
