// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// make_layers STORE [TAR]: creates a base layer and a layer on top of it, entry by entry, and
// imports TAR as a third one if it is given; lists all layers, mounts the topmost one for a
// container where the system supports that, and removes the layers.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <cimlib/error.h>
#include <cimlib/image.h>
#include <cimlib/layer.h>
#include <cimlib/layer_mount.h>
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
  LayerWriter writer(layer, {parent});  // has all entries of the parent
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

std::string first_line(const path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line.substr(0, line.find('\r'));
}

/// Does what a container's shim does with the image of the topmost layer.
void use_in_container(const path& layer) {
  const path image = cim::layer::cim_path(layer);
  const std::string container = "example " + absolute(layer).string();
  cim::layer::cleanup_container_mounts(container);  // what a killed run has left
  cim::layer::mount(image, container);
  if (const auto volume = cim::layer::mount_path(image, container)) {  // any process can look it up
    std::cout << "in a container: " << first_line(*volume / "Files" / "greeting.txt") << '\n';
  }
  cim::layer::unmount(image, container);
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
  try {
    use_in_container(layers.front());
  } catch (const cim::Error& error) {
    std::cout << "not in a container: " << error.what() << '\n';
  }
  for (const path& layer : layers) {  // a layer cannot be removed while another is on top of it
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
