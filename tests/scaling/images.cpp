// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cmath>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <sys/xattr.h>

#include "cimlib/check.h"
#include "cimlib/create.h"
#include "cimlib/diff.h"
#include "cimlib/error.h"
#include "cimlib/extract.h"
#include "cimlib/find.h"
#include "cimlib/gc.h"
#include "cimlib/image.h"
#include "cimlib/image_summary.h"
#include "cimlib/image_tar.h"
#include "cimlib/image_transfer.h"
#include "cimlib/image_writer.h"
#include "cimlib/reparse.h"

#include "base/endian.h"
#include "base/utf16.h"
#include "colliding_bytes.h"
#include "format/file_record.h"
#include "format/filesystem.h"
#include "image/read/image_reader.h"
#include "image/read/pe_layout.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "scaling/measure.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

const WriterOptions& fixed_options() {
  static const WriterOptions options = {.region_set = Guid{}, .now = FileTime{1}};
  return options;
}

// ---- images with n of something, all of it in "dir" ----

void fill_files(ImageWriter& writer, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    put(writer, fmt::format("dir/file{}", i), as_bytes(fmt::format("contents {}", i)));
  }
}

void fill_links(ImageWriter& writer, std::size_t count) {
  put(writer, "file", as_bytes("x"));
  for (std::size_t i = 0; i < count; ++i) {
    writer.add_link(path(fmt::format("dir/link{}", i)), path("file"));
  }
}

// Adds files of "dir" that each have a second name elsewhere, which becomes the only one when "dir"
// is removed.
void fill_second_names(ImageWriter& writer, std::size_t count) {
  writer.add(path("other"), directory_metadata());
  for (std::size_t i = 0; i < count; ++i) {
    put(writer, fmt::format("dir/f{}", i), {});
    writer.add_link(path(fmt::format("other/f{}", i)), path(fmt::format("dir/f{}", i)));
  }
}

void fill_streams(ImageWriter& writer, std::size_t count) {
  put(writer, "dir/file", {});
  for (std::size_t i = 0; i < count; ++i) {
    writer.add_alternate_stream({path("dir/file"), to_utf16_replacing(fmt::format("stream{}", i))},
                                1);
    writer.write(as_bytes("x"));
  }
}

void fill_directories(ImageWriter& writer, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    writer.add(path(fmt::format("dir/{}", i)), directory_metadata());
  }
}

void fill_depth(ImageWriter& writer, std::size_t count) {
  std::string at = "dir";
  for (std::size_t i = 0; i < count; ++i) {
    at += "/d";
    writer.add(path(at), directory_metadata());
  }
}

// Since each directory is named by a path from the root, n names make paths of a depth of the
// square root of 2 n.
void fill_names_of_paths(ImageWriter& writer, std::size_t count) {
  fill_depth(writer, static_cast<std::size_t>(std::sqrt(2.0 * static_cast<double>(count))));
}

void fill_symbolic_links(ImageWriter& writer, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes target =
        ReparsePoint::pointing_to(reparse_tag::kSymlink, fmt::format("..\\dir\\{}", i + 1))
            .encode();
    writer.add(path(fmt::format("dir/{}", i)), {.reparse_data = target});
  }
}

void fill_deep_target(ImageWriter& writer, std::size_t count) {
  std::string target = "x";
  for (std::size_t i = 0; i < count; ++i) {
    target += "\\..\\x";
  }
  const Bytes data = ReparsePoint::pointing_to(reparse_tag::kSymlink, target).encode();
  writer.add(path("dir/link"), {.reparse_data = data});
}

void fill_equal_files(ImageWriter& writer, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    put(writer, fmt::format("dir/{}", i), pattern(5000));
  }
}

void fill_executables(ImageWriter& writer, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Bytes bytes = SamplePe{}.bytes();
    bytes.back() = static_cast<std::byte>(i);
    bytes[bytes.size() - 2] = static_cast<std::byte>(i >> 8U);
    put(writer, fmt::format("dir/{}.exe", i), bytes);
  }
}

struct Shape {
  const char* name;
  std::size_t count;
  void (*fill)(ImageWriter&, std::size_t);
};

constexpr Shape kShapes[] = {
    {"files of a directory", 120, fill_files},
    {"directories", 120, fill_directories},
    {"names of a file", 120, fill_links},
    {"files with two names", 120, fill_second_names},
    {"streams of a file", 120, fill_streams},
    {"depth of directories", 25, fill_depth},
    {"symbolic links", 100, fill_symbolic_links},
    {"parts of a link's target", 60, fill_deep_target},
    {"equal files", 30, fill_equal_files},
    {"executables", 30, fill_executables},
};

// ---- what is done with them ----

struct Place {
  Place(const Shape& filled, std::size_t n) : shape(filled), count(n) {}

  Shape shape;
  std::size_t count;
  TemporaryDirectory directory;
  std::filesystem::path image = directory.path() / "image.cim";
  std::filesystem::path empty = directory.path() / "empty.cim";
  mutable unsigned made = 0;

  /// Returns a path at which nothing is.
  std::filesystem::path unused(std::string_view ending) const {
    return directory.path() / fmt::format("made{}{}", made++, ending);
  }

  void write(const std::filesystem::path& file) const {
    ImageWriter writer(file, {.now = FileTime{1}});
    writer.add(path("dir"), directory_metadata());
    shape.fill(writer, count);
    writer.commit();
  }
};

void read_streams(const Image& image, FileId file) {
  Bytes buffer(1U << 16);
  for (const StreamInfo& stream : image.streams(file)) {
    image.open_stream(file, stream.name)->read(0, buffer);
  }
}

void read(const Place& place) {
  const Image image(place.image);
  image.walk({}, [&image](const WalkEntry& entry) {
    static_cast<void>(image.security_descriptor(entry.info.id));
    read_streams(image, entry.info.id);
    if (entry.info.is_directory()) {
      for (const DirectoryEntry& child : image.list(entry.info.id)) {
        static_cast<void>(image.find_child(entry.info.id, child.name));
      }
    }
    return true;
  });
  static_cast<void>(image.link_counts());
  static_cast<void>(summarize(image));
}

void compare(const Place& place) {
  const auto push = [](const Difference&) { return true; };
  diff(place.empty, place.image, {}, push);
  diff(place.image, place.empty, {}, push);
}

void remove_all(const Place& place) {
  ImageWriter writer(place.unused(".cim"), {.base = place.image});
  writer.remove(path("dir"));
  writer.commit();
}

void remove_each(const Place& place) {
  const Image image(place.image);
  ImageWriter writer(place.unused(".cim"), {.base = place.image});
  const FileId directory = image.find(path("dir")).value();
  for (const DirectoryEntry& entry : image.list(directory)) {
    const ImagePath name = path("dir").child(entry.name);
    for (const StreamInfo& stream : image.streams(entry.id)) {
      writer.remove(StreamPath{name, stream.name});
    }
    writer.remove(name);
  }
  writer.commit();
}

struct Work {
  const char* name;
  void (*run)(const Place&);
  bool names_paths = false;  ///< its input or output has the whole path of each entry
};

void search(const Place& place) {
  find(Image(place.image),
       {.kinds = {EntryKind::kFile, EntryKind::kHardLink, EntryKind::kStream},
        .sddl = "D:",
        .contents = {{std::byte{1}, std::byte{2}}},
        .hash = HashAlgorithm::kSha256},
       [](const FoundEntry&) { return true; });
}

void extract_by_paths(const Place& place) {
  const Image image(place.image);
  ExtractOptions options;
  image.walk({}, [&](const WalkEntry& entry) {
    options.paths.push_back(entry.path);
    return true;
  });
  options.paths.erase(options.paths.begin());  // the root
  extract(image, {}, place.unused(""), options);
}

void export_and_create(const Place& place) {
  const auto tar = place.unused(".tar");
  export_image(Image(place.image), tar);
  create_image_from_tar(place.unused(".cim"), tar);
}

constexpr Work kWorks[] = {
    {"written", [](const Place& place) { place.write(place.unused(".cim")); }, true},
    {"read", read},
    {"checked",
     [](const Place& place) {
       static_cast<void>(check(place.image, {.depth = CheckDepth::kDeep}));
     }},
    {"compared", compare},
    {"searched", search},
    {"verified",
     [](const Place& place) {
       find(Image(place.image), {.hash = HashAlgorithm::kMd5, .verifies = true},
            [](const FoundEntry&) { return true; });
     }},
    {"extracted by paths", extract_by_paths, true},
    {"exported and created again", export_and_create, true},
    {"extracted", [](const Place& place) { extract(Image(place.image), {}, place.unused("")); }},
    {"removed at once", remove_all},
    {"removed one by one", remove_each},
};

// The works on one image leave it as it is, so they share it.
std::shared_ptr<Place> shared_place(const Shape& shape, std::size_t count) {
  static std::map<std::pair<std::string, std::size_t>, std::weak_ptr<Place>> places;
  std::weak_ptr<Place>& known = places[{shape.name, count}];
  std::shared_ptr<Place> place = known.lock();
  if (place == nullptr) {
    place = std::make_shared<Place>(shape, count);
    ImageWriter(place->empty, fixed_options()).commit();
    place->write(place->image);
    known = place;
  }
  return place;
}

// The paths of directories of a depth have as many names as the square of that depth.
constexpr Shape kNamesOfPaths = {"names of paths", 500, fill_names_of_paths};

Countable countable(const Shape& shape, const Work& work) {
  return {fmt::format("image: {}, {}", shape.name, work.name), shape.count,
          [shape, run = work.run](std::size_t n) {
            return [place = shared_place(shape, n), run] { run(*place); };
          }};
}

// ---- images that our writer can't make ----

/// The records of an image's files, to be damaged.
class Records {
 public:
  explicit Records(const std::filesystem::path& image) {
    const ImageReader reader(image);
    region_ = reader.files().regions()[0].path;
    for (const format::FileTable& table : reader.file_tables()) {
      for (std::size_t i = 0; i < table.count; ++i) {
        places_.push_back(table.records.byte_offset() + i * table.record_size);
      }
    }
    bytes_ = read_whole_file(region_, 1U << 28);
  }

  /// Copies a field of one file's record into another's.
  void copy(FileId from, FileId into, std::size_t offset, std::size_t size) {
    std::memcpy(&bytes_.at(place(into) + offset), &bytes_.at(place(from) + offset), size);
  }
  void fill(FileId into, std::size_t offset, std::size_t size) {
    std::memset(&bytes_.at(place(into) + offset), 0x77, size);
  }

  void write() const {
    std::ofstream(region_, std::ios::binary | std::ios::trunc) << as_text(bytes_);
  }

 private:
  std::size_t place(FileId id) const { return static_cast<std::size_t>(places_.at(id - 1)); }

  std::filesystem::path region_;
  std::vector<std::uint64_t> places_;
  Bytes bytes_;
};

using Spoil = std::function<void(const Image&, Records&)>;
using Look = std::function<void(const Place&)>;

Countable spoilt(std::string name, const Shape& shape, const Spoil& spoil, const Look& look) {
  return {"image: " + std::move(name), shape.count, [=](std::size_t n) {
            auto place = std::make_shared<Place>(shape, n);
            place->write(place->image);
            Records records(place->image);
            spoil(Image(place->image), records);
            records.write();
            return [place, look] {
              try {
                look(*place);
              } catch (const Error&) {  // a limit is a valid result, too
              }
            };
          }};
}

// Makes n directories and n files; all directories share the table of the one that holds the files.
void fill_product(ImageWriter& writer, std::size_t count) {
  fill_files(writer, count);
  writer.add(path("dirs"), directory_metadata());
  for (std::size_t i = 0; i < count; ++i) {
    writer.add(path(fmt::format("dirs/{}", i)), directory_metadata());
  }
}

void share_table(const Image& image, Records& records) {
  for (const DirectoryEntry& entry : image.list(image.find(path("dirs")).value())) {
    records.copy(image.find(path("dir")).value(), entry.id,
                 offsetof(format::DiskFileRecord, stream), sizeof(format::DiskStream));
  }
}

void spoil_descriptors(const Image& image, Records& records) {
  for (const DirectoryEntry& entry : image.list(image.find(path("dir")).value())) {
    records.fill(entry.id, offsetof(format::DiskFileRecord, security_descriptor), 8);
  }
}

std::vector<Countable> spoilt_images() {
  constexpr Shape kProduct = {"", 100, fill_product};
  return {
      spoilt("directories over one table, walked", kProduct, share_table,
             [](const Place& place) {
               Image(place.image).walk({}, [](const WalkEntry&) { return true; });
             }),
      spoilt("directories over one table, checked", kProduct, share_table,
             [](const Place& place) { static_cast<void>(check(place.image)); }),
      spoilt("directories over one table, links counted", kProduct, share_table,
             [](const Place& place) { static_cast<void>(Image(place.image).link_counts()); }),
      spoilt("directories over one table, summarized", kProduct, share_table,
             [](const Place& place) { static_cast<void>(summarize(Image(place.image))); }),
      spoilt("findings", {"", 400, fill_files}, spoil_descriptors,
             [](const Place& place) { static_cast<void>(check(place.image)); }),
  };
}

// ---- directories ----

void write_file(const std::filesystem::path& file, std::string_view text) {
  std::ofstream(file, std::ios::binary) << text;
}

Countable host_directory(
    std::string name, std::size_t count,
    const std::function<void(const std::filesystem::path&, std::size_t)>& make) {
  return {"create: " + std::move(name), count, [=](std::size_t n) {
            auto directory = std::make_shared<TemporaryDirectory>();
            std::filesystem::create_directory(directory->path() / "tree");
            make(directory->path() / "tree", n);
            return [directory] {
              create_image(directory->path() / "image.cim", directory->path() / "tree",
                           {.writer = fixed_options()});
            };
          }};
}

void make_files(const std::filesystem::path& tree, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    write_file(tree / std::to_string(i), std::to_string(i));
  }
}

void make_streams(const std::filesystem::path& tree, std::size_t count) {
  write_file(tree / "file", "x");
  for (std::size_t i = 0; i < count; ++i) {
    write_file(tree / fmt::format("file:{}", i), "x");
  }
}

void make_links(const std::filesystem::path& tree, std::size_t count) {
  write_file(tree / "file", "x");
  for (std::size_t i = 0; i < count; ++i) {
    std::filesystem::create_hard_link(tree / "file", tree / std::to_string(i));
    std::filesystem::create_symlink("file", tree / fmt::format("symbolic{}", i));
  }
}

// File systems limit a file's attributes to about a block.
void make_attributes(const std::filesystem::path& tree, std::size_t count) {
  write_file(tree / "file", "x");
  for (std::size_t i = 0; i < count; ++i) {
    if (::setxattr((tree / "file").c_str(), fmt::format("user.a{}", i).c_str(), "x", 1, 0) != 0) {
      break;
    }
  }
}

void make_depth(const std::filesystem::path& tree, std::size_t count) {
  std::filesystem::path at = tree;
  for (std::size_t i = 0; i < count; ++i) {
    at /= "d";
    std::filesystem::create_directory(at);
  }
}

Countable files_of_a_store(std::string name, const std::string& pattern_of_name) {
  return {"gc: " + std::move(name), 200, [=](std::size_t n) {
            auto directory = std::make_shared<TemporaryDirectory>();
            ImageWriter(directory->path() / "image.cim", fixed_options()).commit();
            for (std::size_t i = 0; i < n; ++i) {
              write_file(directory->path() / fmt::format(fmt::runtime(pattern_of_name), i), "");
            }
            return [directory] { static_cast<void>(collect_garbage(directory->path())); };
          }};
}

// Images that share nothing and lack object id files, as those of other writers do: whatever reads
// all of them must not search the whole directory for each.
Countable images_of_a_directory(
    std::string name, const std::function<void(const std::vector<std::filesystem::path>&)>& run) {
  return {"directory: images, " + std::move(name), 60, [=](std::size_t n) {
            auto directory = std::make_shared<TemporaryDirectory>();
            std::vector<std::filesystem::path> images;
            for (std::size_t i = 0; i <= n; ++i) {
              images.push_back(directory->path() / fmt::format("{}.cim", i));
              ImageWriter writer(images.back());
              put(writer, "file", as_bytes(fmt::format("contents {}", i)));
              writer.commit();
            }
            remove_object_ids(directory->path());
            return [directory, images, run] { run(images); };
          }};
}

// Does the same as cim find with --keep-going.
void verify_all(const std::vector<std::filesystem::path>& images) {
  const auto listings = new_directory_listings();
  for (const std::filesystem::path& image : images) {
    find(Image(image, OpenOptions{.listings = listings}), {.verifies = true},
         [](const FoundEntry&) { return true; });
  }
}

void check_all(const std::vector<std::filesystem::path>& images) {
  const auto listings = new_directory_listings();
  for (const std::filesystem::path& image : images) {
    static_cast<void>(check(image, {.depth = CheckDepth::kDeep, .listings = listings}));
  }
}

void list_uses(const std::vector<std::filesystem::path>& images) {
  static_cast<void>(file_uses(images.front().parent_path()));
}

void find_garbage_beside(const std::vector<std::filesystem::path>& images) {
  static_cast<void>(find_garbage(images.front().parent_path()));
}

void list_dependents(const std::vector<std::filesystem::path>& images) {
  static_cast<void>(dependents(images.front()));
}

// Works on the last of a chain of forks; only that work is counted.
Countable ancestors(std::string name,
                    const std::function<void(const std::filesystem::path&)>& run) {
  return {"image: ancestors, " + std::move(name), 10, [=](std::size_t n) {
            auto directory = std::make_shared<TemporaryDirectory>();
            const auto image = [&](std::size_t i) {
              return directory->path() / fmt::format("{}.cim", i);
            };
            ImageWriter(image(0), fixed_options()).commit();
            for (std::size_t i = 1; i <= n; ++i) {
              ImageWriter writer(image(i), {.base = image(i - 1), .now = FileTime{1}});
              put(writer, fmt::format("{}", i), as_bytes("text"));
              writer.commit();
            }
            return [directory, last = image(n), run] { run(last); };
          }};
}

// Files whose objects have the same length and hash.
Countable collisions() {
  return {"image: files whose contents collide", 200, [](std::size_t n) {
            auto directory = std::make_shared<TemporaryDirectory>();
            return [directory, n] {
              ImageWriter writer(directory->path() / "image.cim", fixed_options());
              for (std::uint32_t i = 0; i < n; ++i) {
                put(writer, fmt::format("small {}", i), colliding_bytes(300, i));
                put(writer, fmt::format("large {}", i), colliding_bytes(4096, i));
              }
              writer.commit();
            };
          }};
}

// An executable with n sections. Windows, and therefore analyze_pe(), limits their number.
Countable sections() {
  return {"executable: sections", 40, [](std::size_t n) {
            SamplePe pe;
            pe.sections.clear();
            pe.headers_size = 0x4000;
            const auto count = static_cast<std::uint32_t>(n);
            for (std::uint32_t i = 0; i < count; ++i) {
              pe.sections.push_back({0x200, 0x4000 + 0x1000 * i, 0x200, 0x4000 + 0x200 * i});
            }
            pe.image_size = 0x4000 + 0x1000 * count;
            pe.file_size = 0x4000 + 0x200 * count;
            return [bytes = pe.bytes()] {
              static_cast<void>(analyze_pe(ByteView(bytes).first(kPeHeadSize), bytes.size()));
            };
          }};
}

}  // namespace

std::vector<Countable> image_countables() {
  std::vector<Countable> all = {
      host_directory("files", 200, make_files),
      host_directory("streams of a file", 200, make_streams),
      host_directory("links of a file", 200, make_links),
      host_directory("extended attributes of a file", 10, make_attributes),
      host_directory("depth of directories", 20, make_depth),
      files_of_a_store("files of others", "other{}"),
      files_of_a_store("unowned regions", "region_00000000-0000-0000-0000-{:012x}_0"),
      ancestors("opened",
                [](const std::filesystem::path& image) { static_cast<void>(Image(image)); }),
      ancestors("forked",
                [](const std::filesystem::path& image) {
                  ImageWriter(image.parent_path() / "last.cim", {.base = image}).commit();
                }),
      ancestors("checked",
                [](const std::filesystem::path& image) { static_cast<void>(check(image)); }),
      ancestors("listed for garbage",
                [](const std::filesystem::path& image) {
                  static_cast<void>(find_garbage(image.parent_path()));
                }),
      images_of_a_directory("verified", verify_all),
      images_of_a_directory("checked", check_all),
      images_of_a_directory("their files listed", list_uses),
      images_of_a_directory("searched for garbage", find_garbage_beside),
      images_of_a_directory("searched for dependents", list_dependents),
      collisions(),
      sections(),
  };
  for (Countable& one : spoilt_images()) {
    all.push_back(std::move(one));
  }
  for (const Shape& shape : kShapes) {
    for (const Work& work : kWorks) {
      const bool counts_names = shape.fill == fill_depth && work.names_paths;
      all.push_back(countable(counts_names ? kNamesOfPaths : shape, work));
    }
  }
  return all;
}

}  // namespace cim::test
