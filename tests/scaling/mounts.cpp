// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/image_writer.h"
#include "cimlib/reparse.h"

#include "base/utf16.h"
#include "image/sample_image.h"
#include "mount/base/mount_table.h"
#include "mount/base/posix_view.h"
#include "mount/erofs/builder.h"
#include "os/file.h"
#include "scaling/measure.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

using Fill = std::function<void(ImageWriter&, std::size_t)>;

// Reads the attributes of every file and stream, and the targets of all links, of a mounted image.
void look_at_all(const mount::PosixView& view) {
  const Image& image = view.image();
  std::vector<LinkPlace> places = {view.place_of_root()};  // of the directories above
  image.walk({}, [&](const WalkEntry& entry) {
    const std::size_t depth = entry.path.names().size();
    const mount::Node node = {entry.info.id};
    std::optional<std::string> link;
    if (entry.info.is_directory() && depth != 0) {
      places.resize(depth);
      places.push_back(view.place_in(places.back(), entry.info.id));
    } else if (mount::may_be_link(entry.info)) {
      link = view.link_target(entry.info, places.at(depth - 1)).text;
    }
    static_cast<void>(view.attributes(node, entry.info, link));
    for (const StreamInfo& stream : image.streams(entry.info.id)) {
      const auto found = view.find_stream(entry.info.id, stream.name);
      static_cast<void>(view.attributes(found.value(), entry.info));
      static_cast<void>(view.open(found.value()));
    }
    return true;
  });
}

void build_erofs(const mount::PosixView& view) {
  const TemporaryDirectory directory;
  File metadata = File::create_new(directory.path() / "metadata");
  mount::erofs::build(view.image(), {}, kSampleGuid, metadata);
}

struct Shape {
  std::string name;
  std::size_t count;
  Fill fill;
};

Countable mounted(const std::string& how, void (*look)(const mount::PosixView&),
                  const Shape& shape) {
  return {how + ": " + shape.name, shape.count, [=](std::size_t n) {
            auto directory = std::make_shared<TemporaryDirectory>();
            const auto image = directory->path() / "a.cim";
            ImageWriter writer(image);
            shape.fill(writer, n);
            writer.commit();
            return [directory, look, view = std::make_shared<mount::PosixView>(Image(image))] {
              look(*view);
            };
          }};
}

Bytes link_to(std::string_view target) {
  return ReparsePoint::pointing_to(reparse_tag::kSymlink, target).encode();
}

// Makes a tree of depth n with n links at its bottom.
void fill_deep_links(ImageWriter& writer, std::size_t count) {
  std::string at = "d";
  writer.add(path(at), directory_metadata());
  for (std::size_t i = 0; i < count; ++i) {
    at += "/d";
    writer.add(path(at), directory_metadata());
  }
  for (std::size_t i = 0; i < count; ++i) {
    writer.add(path(fmt::format("{}/{}", at, i)), {.reparse_data = link_to("x")});
  }
}

std::string mount_table(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format("{} 1 0:{} / /mnt/{} ro - fuse.cim /store/{}.cim ro\n", i, i, i, i);
  }
  return text;
}

}  // namespace

std::vector<Countable> mount_countables() {
  const Shape shapes[] = {
      {"files", 100,
       [](ImageWriter& writer, std::size_t n) {
         for (std::size_t i = 0; i < n; ++i) {
           put(writer, fmt::format("{}", i), {});
         }
       }},
      {"streams of a file", 100,
       [](ImageWriter& writer, std::size_t n) {
         put(writer, "file", {});
         for (std::size_t i = 0; i < n; ++i) {
           writer.add_alternate_stream({path("file"), to_utf16_replacing(fmt::format("s{}", i))},
                                       0);
         }
       }},
      {"names of a file", 100,
       [](ImageWriter& writer, std::size_t n) {
         put(writer, "file", {});
         for (std::size_t i = 0; i < n; ++i) {
           writer.add_link(path(fmt::format("{}", i)), path("file"));
         }
       }},
      {"links", 100,
       [](ImageWriter& writer, std::size_t n) {
         for (std::size_t i = 0; i < n; ++i) {
           writer.add(path(fmt::format("{}", i)), {.reparse_data = link_to("x")});
         }
       }},
      {"links of that depth", 60, fill_deep_links},
  };
  std::vector<Countable> all = {
      {"mount: lines of the table", 500,
       [](std::size_t n) {
         return [table = mount_table(n)] { static_cast<void>(mount::parse_mount_table(table)); };
       }},
  };
  for (const Shape& shape : shapes) {
    all.push_back(mounted("mount", look_at_all, shape));
    all.push_back(mounted("EROFS", build_erofs, shape));
  }
  return all;
}

}  // namespace cim::test
