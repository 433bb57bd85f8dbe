// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "faults/operations.h"

#include <fstream>

#include <fmt/format.h>
#include <sys/syscall.h>

#include "cimlib/app_package.h"
#include "cimlib/create.h"
#include "cimlib/error.h"
#include "cimlib/extract.h"
#include "cimlib/gc.h"
#include "cimlib/hive.h"
#include "cimlib/image.h"
#include "cimlib/image_tar.h"
#include "cimlib/image_transfer.h"
#include "cimlib/image_writer.h"
#include "cimlib/layer.h"
#include "cimlib/layer_chain.h"
#include "cimlib/layer_commit.h"
#include "cimlib/layer_export.h"
#include "cimlib/oci.h"

#include "appx/stored_package.h"
#include "image/sample_image.h"
#include "layer/sample_hives.h"
#include "oci/layout_directory.h"
#include "tar/tar_builder.h"

namespace cim::test {
namespace {

namespace fs = std::filesystem;

constexpr FileTime kNow = {132'000'000'000'000'000};
const Guid kNewRegions = *Guid::parse("00000000-1111-2222-3333-444444444444");

WriterOptions writer_options() {
  return {.region_set = kNewRegions, .now = kNow};
}

std::string hives(bool layered) {
  std::string entries;
  for (const char* const name :
       {"Files/Windows", "Files/Windows/System32", "Files/Windows/System32/config", "Hives"}) {
    if (layered == (name == std::string_view("Hives"))) {
      entries += EntryBytes{.name = name, .type = '5'}.bytes();
    }
  }
  for (const char* const name : {"SYSTEM", "SOFTWARE", "SAM", "SECURITY", "DEFAULT"}) {
    if (layered) {
      entries += EntryBytes{.name = fmt::format("Hives/{}_Delta", name),
                            .body = delta_hive({{u"b", u"2"}})}
                     .bytes();
    } else {
      entries += EntryBytes{.name = fmt::format("Files/Windows/System32/config/{}", name),
                            .body = base_hive({{u"CurrentBuild", u"20348"}, {u"a", u"1"}})}
                     .bytes();
    }
  }
  return entries;
}

std::string base_tar() {
  return EntryBytes{.name = "Files", .type = '5'}.bytes() +
         EntryBytes{.name = "Files/gone", .body = "gone"}.bytes() +
         EntryBytes{.name = "Files/kept", .body = std::string(10'000, 'k')}.bytes() + hives(false) +
         end_marker();
}

std::string layer_tar() {
  return EntryBytes{.name = "Files", .type = '5'}.bytes() +
         EntryBytes{.name = "Files/.wh.gone"}.bytes() +
         EntryBytes{.name = "Files/same", .body = std::string(10'000, 'k')}.bytes() +
         EntryBytes{.name = "Files/new", .body = "new"}.bytes() +
         EntryBytes{.name = "Files/new:stream", .body = "stream"}.bytes() +
         EntryBytes{.name = "Files/link", .type = '1', .link = "Files/new"}.bytes() + hives(true) +
         end_marker();
}

void write_file(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

layer::ImportOptions import_options() {
  return {.writer = writer_options()};
}

void fork_image(const fs::path& root) {
  WriterOptions options = writer_options();
  options.base = root / "images/old.cim";
  ImageWriter writer(root / "images/new.cim", options);
  put(writer, "dir/new", pattern(5000, 3));
  writer.remove(path("dir/2"));
  writer.commit();
}

void export_layer(const fs::path& root) {
  layer::export_tar(root / "store/child", root / "out.tar");
}

// After a failure the image may be at both places.
void move_other_image(const fs::path& root) {
  const fs::path from = root / "images/other.cim";
  const fs::path to = root / "copies/other.cim";
  std::error_code ignored;  // a failure means false
  if (!fs::exists(to, ignored)) {
    move_image(from, to);
  } else if (fs::exists(from, ignored)) {
    destroy_image(from);
  } else {
    collect_garbage(root / "images");
  }
}

const Operation kAll[] = {
    {"create",
     [](const fs::path& root) {
       create_image(root / "images/new.cim", root / "tree", {.writer = {.reproducible = true}});
     }},
    {"fork", fork_image},
    {.name = "fork, links for renames", .run = fork_image, .unknown_call = SYS_renameat2},
    {"in place",
     [](const fs::path& root) {
       WriterOptions options = writer_options();
       options.base = root / "images/old.cim";
       ImageWriter writer(root / "images/old.cim", options);
       put(writer, "dir/1", pattern(5000, 3));
       writer.commit();
     },
     false, true},
    {"import of a base layer",
     [](const fs::path& root) {
       layer::import_tar(root / "base.tar", root / "store/new", {}, import_options());
     }},
    {"import",
     [](const fs::path& root) {
       layer::import_tar(root / "layer.tar", root / "store/new", {root / "store/base"},
                         import_options());
     }},
    {"import to explicit paths",
     [](const fs::path& root) {
       const layer::LayerPaths base = {root / "store/base", root / "store/cim-layers/base.cim"};
       layer::import_tar(root / "layer.tar", {root / "new/1", root / "store/cim-layers/1.cim"},
                         {base}, import_options());
     }},
    {"commit",
     [](const fs::path& root) {
       layer::commit(root / "changes", root / "store/new",
                     {root / "store/child", root / "store/base"},
                     {.writer = {.reproducible = true}});
     }},
    {"layer chain",
     [](const fs::path& root) {
       layer::write_layer_chain(root / "store/child", {root / "store/base"});
     },
     true, true},
    {"oci import",
     [](const fs::path& root) {
       oci::import_image(root / "oci", root / "images-store", {.layer = import_options()});
     },
     true},
    {"export", export_layer},
    {.name = "export, links for renames", .run = export_layer, .unknown_call = SYS_renameat2},
    {"export without a marker",
     [](const fs::path& root) { layer::export_tar(root / "store/unmarked", root / "out.tar"); }},
    {"extract",
     [](const fs::path& root) {
       const ExtractSummary made = extract(Image(root / "images/old.cim"), {}, root / "out");
       if (made.skipped != 0) {  // which the program treats as a failure
         throw Error(ErrorCode::kIo, "out", "something is left out");
       }
     },
     true},
    {"extract with metadata",
     [](const fs::path& root) {
       try {
         const ExtractSummary made =
             extract(Image(root / "images/old.cim"), {}, root / "out", {.metadata = true});
         if (made.skipped != 0) {
           throw Error(ErrorCode::kIo, "out", "something is left out");
         }
       } catch (const Error& error) {
         if (error.code() != ErrorCode::kUnsupported) {  // the volume has no such attributes
           throw;
         }
       }
     },
     true},
    {"export of an image",
     [](const fs::path& root) { export_image(Image(root / "images/old.cim"), root / "out.tar"); }},
    {"create from a tar",
     [](const fs::path& root) {
       create_image_from_tar(root / "images/new.cim", root / "base.tar",
                             {.writer = {.reproducible = true}});
     }},
    {"destroy", [](const fs::path& root) { layer::destroy(root / "store/child"); }, true},
    {"destroy image",
     [](const fs::path& root) {
       try {
         destroy_image(root / "images/other.cim");
       } catch (const Error& error) {
         if (error.code() != ErrorCode::kNotFound) {  // removed by the attempt before
           throw;
         }
       }
     },
     true},
    {"create from a package",
     [](const fs::path& root) {
       const std::vector<fs::path> packages = {root / "package"};
       appx::create_image(root / "images/new.cim", packages, {.writer = writer_options()});
     }},
    {"copy",
     [](const fs::path& root) { copy_image(root / "images/old.cim", root / "copies/old.cim"); }},
    {"move", move_other_image, true},
    {"gc", [](const fs::path& root) { collect_garbage(root / "garbage"); }, true},
    {"hive merge",
     [](const fs::path& root) {
       registry::merge(root / "base.hive", {root / "delta.hive"}, root / "merged.hive");
     }},
};

void make_image(const fs::path& file, unsigned seed) {
  ImageWriter writer(file, {.now = kNow});
  writer.add(path("dir"), directory_metadata());
  for (unsigned i = 0; i < 4; ++i) {
    put(writer, fmt::format("dir/{}", i), pattern(3000 * i, seed + i));
  }
  writer.add_alternate_stream({path("dir/1"), u"stream"}, 10);
  writer.add_link(path("link"), path("dir/2"));
  writer.commit();
}

void make_tree(const fs::path& tree) {
  fs::create_directory(tree / "dir");
  write_file(tree / "dir/file", "text");
  write_file(tree / "dir/file:stream", "stream");
  write_file(tree / "large", std::string(100'000, 'l'));
  fs::create_hard_link(tree / "large", tree / "dir/link");
  fs::create_symlink("dir/file", tree / "symbolic");
}

void make_changes(const fs::path& changes) {
  fs::create_directories(changes / "Files/new");
  write_file(changes / "Files/new/file", "text");
  write_file(changes / "Files/.wh.file", "");
}

}  // namespace

std::span<const Operation> operations() {
  return kAll;
}

void prepare_files(const fs::path& root, const fs::path& tree) {
  fs::create_directory(root / "images");
  make_image(root / "images/old.cim", 1);
  make_image(root / "images/other.cim", 2);
  fs::create_directory(root / "copies");
  write_file(root / "package", stored_package({{"dir/file", std::string(100'000, 'f')}}));
  fs::create_directory(root / "garbage");
  make_image(root / "garbage/old.cim", 1);
  // As a killed writer leaves it.
  const std::string zeros(4096, '\0');
  write_file(root / "garbage/region_01020304-0506-0708-090a-0b0c0d0e0f10_0", zeros);
  write_file(root / "garbage/objectid_01020304-0506-0708-090a-0b0c0d0e0f10_0", zeros);
  write_file(root / "garbage/.new.cim.01020304-0506-0708-090a-0b0c0d0e0f10.tmp", zeros);
  make_tree(tree);
  fs::create_symlink(tree, root / "tree");
  write_file(root / "base.tar", base_tar());
  write_file(root / "layer.tar", layer_tar());
  layer::import_tar(root / "base.tar", root / "store/base");
  layer::import_tar(root / "layer.tar", root / "store/child", {root / "store/base"});
  layer::import_tar(root / "layer.tar", root / "store/unmarked", {root / "store/base"});
  fs::remove(root / "store/unmarked/.cimlib-layer");  // as one of hcsshim's
  // Not copied for each run, so that its times do not change.
  const fs::path changes = tree.parent_path() / "changes";
  make_changes(changes);
  fs::create_symlink(changes, root / "changes");
  const LayoutDirectory layout(root / "oci");
  layout.write_index({layout.add_image({base_tar(), layer_tar()})});
  write_file(root / "base.hive", base_hive({{u"a", u"1"}}));
  write_file(root / "delta.hive", delta_hive({{u"b", u"2"}}));
}

}  // namespace cim::test
