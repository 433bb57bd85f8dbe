// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fstream>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image_transfer.h"
#include "cimlib/layer.h"
#include "cimlib/oci.h"
#include "cimlib/report.h"
#include "cimlib/store.h"

#include "oci/records.h"
#include "scaling/measure.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

oci::Digest digest(const std::string& text) {
  return oci::Digest(Sha256::of(as_bytes(text)));
}

// Records without layers, which cost the same as those with.
class Records {
 public:
  Records() { records_.create(); }

  const std::filesystem::path& store() const { return directory_.path(); }

  void add_name(const std::string& name, const oci::Digest& image) const {
    records_.put({.name = name, .manifest = image}, {});
  }

  oci::Digest add_image(const std::string& name, std::vector<oci::Digest> chain) const {
    const std::string document = "{\"name\":\"" + name + "\"}";
    const oci::ImageRecord record{.manifest = digest(document),
                                  .media_type = "type",
                                  .configuration = digest(document),
                                  .platform = {"windows", "amd64"},
                                  .chain = std::move(chain)};
    records_.put_document(record.manifest, as_bytes(document));
    records_.put(record);
    add_name(name, record.manifest);
    return record.manifest;
  }

  oci::Digest add_layer(const std::string& diff_id,
                        const std::optional<oci::Digest>& parent) const {
    const oci::LayerRecord record{
        .chain_id = parent ? oci::chain_id_on(*parent, digest(diff_id)) : digest(diff_id),
        .parent = parent,
        .diff_id = digest(diff_id),
        .media_type = "type",
        .packed = digest(diff_id)};
    records_.put(record);
    return record.chain_id;
  }

  std::filesystem::path layer_directory(const oci::Digest& chain_id) const {
    return records_.layer_directory(records_.layer(chain_id).value());
  }

 private:
  TemporaryDirectory directory_;
  oci::StoreRecords records_{directory_.path()};
};

using Add = std::function<void(const Records&, std::size_t)>;
using Work = std::function<void(const std::filesystem::path&)>;

Countable records(std::string name, std::size_t count, const Add& add, const Work& work) {
  return {"store: " + std::move(name), count, [=](std::size_t n) {
            auto all = std::make_shared<Records>();
            add(*all, n);
            return [all, work] { work(all->store()); };
          }};
}

void add_images(const Records& records, std::size_t n) {
  const oci::Digest base = records.add_layer("base", std::nullopt);
  for (std::size_t i = 0; i < n; ++i) {
    records.add_image(fmt::format("name{}", i),
                      {base, records.add_layer(fmt::format("{}", i), base)});
  }
}

void add_names(const Records& records, std::size_t n) {
  const oci::Digest image = records.add_image("x", {records.add_layer("base", std::nullopt)});
  for (std::size_t i = 0; i < n; ++i) {
    records.add_name(fmt::format("name{}", i), image);
  }
}

void add_chain(const Records& records, std::size_t n) {
  std::optional<oci::Digest> top;
  for (std::size_t i = 0; i < n; ++i) {
    top = records.add_layer(fmt::format("{}", i), top);
  }
}

void write_tar(const std::filesystem::path& tar, const std::string& entries) {
  std::ofstream(tar, std::ios::binary) << entries << end_marker();
}

// Layers with images, all on top of one.
void add_siblings(const Records& records, std::size_t n) {
  const oci::Digest base = records.add_layer("base", std::nullopt);
  const auto tar = records.store() / "layer.tar";
  write_tar(tar, EntryBytes{.name = "Files", .type = '5'}.bytes());
  layer::import_tar(tar, records.layer_directory(base));
  for (std::size_t i = 0; i < n; ++i) {
    write_tar(tar, EntryBytes{.name = fmt::format("Files/{}", i)}.bytes());
    layer::import_tar(tar, records.layer_directory(records.add_layer(fmt::format("{}", i), base)),
                      {records.layer_directory(base)});
  }
}

// Layers of images of other writers, which have no object id files.
void add_bare_siblings(const Records& records, std::size_t n) {
  add_siblings(records, n);
  remove_object_ids(records.store() / "cim-layers");
}

// Images of layers that are there.
void add_named_siblings(const Records& records, std::size_t n) {
  add_bare_siblings(records, n);
  add_images(records, n);
}

void list(const std::filesystem::path& store) {
  static_cast<void>(store::images(store));
}
void collect(const std::filesystem::path& store) {
  static_cast<void>(store::collect_garbage(store));
}
void check(const std::filesystem::path& store) {
  static_cast<void>(store::check(store));
}

void check_deep(const std::filesystem::path& store) {
  static_cast<void>(store::check(store, {.deep = true}));
}
void measure(const std::filesystem::path& store) {
  static_cast<void>(store::usage(store));
}
void report(const std::filesystem::path& store) {
  write_report(store, store / "page.html");
}
void list_uses(const std::filesystem::path& store) {
  static_cast<void>(file_uses(store));
}

// An archive of docker save with n layers, of which none is needed.
Countable members_of_an_archive() {
  return {
      "store: members of an archive", 50, [](std::size_t n) {
        auto directory = std::make_shared<TemporaryDirectory>();
        std::string layers;
        std::string members;
        for (std::size_t i = 0; i < n; ++i) {
          layers += fmt::format("{}\"{}/layer.tar\"", i == 0 ? "" : ",", i);
          members += EntryBytes{.name = fmt::format("{}/layer.tar", i), .body = "x"}.bytes();
        }
        const auto path = directory->path() / "archive.tar";
        std::ofstream(path, std::ios::binary)
            << members << EntryBytes{.name = "config", .body = "{}"}.bytes()
            << EntryBytes{.name = "manifest.json",
                          .body = fmt::format(R"([{{"Config":"config","Layers":[{}]}}])", layers)}
                   .bytes()
            << end_marker();
        return [directory, path] {
          try {
            static_cast<void>(oci::import_image({oci::ImageForm::kDockerArchive, path},
                                                directory->path() / "store"));
          } catch (const Error&) {  // it has no configuration
          }
        };
      }};
}

}  // namespace

std::vector<Countable> store_countables() {
  return {
      records("images", 20, add_images, list),
      records("names of an image", 20, add_names, list),
      records("layers of a chain", 20, add_chain, list),
      records("images, checked", 20, add_images, check),
      records("names, collected", 20, add_names, collect),
      records("layers of a chain, collected", 20, add_chain, collect),
      records("images of layers, collected", 10, add_siblings, collect),
      records("images of layers, listed", 15, add_named_siblings, list),
      records("images of layers, measured", 15, add_named_siblings, measure),
      records("images of layers, checked", 15, add_named_siblings, check),
      records("images of layers, checked deeply", 15, add_named_siblings, check_deep),
      records("images of layers, report", 15, add_named_siblings, report),
      records("images of layers, their files listed", 15, add_named_siblings, list_uses),
      members_of_an_archive(),
  };
}

}  // namespace cim::test
