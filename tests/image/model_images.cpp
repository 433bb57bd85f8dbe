// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/model_images.h"

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "cimlib/check.h"
#include "cimlib/error.h"
#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "base/upcase.h"
#include "base/utf16.h"
#include "image/model_tree.h"
#include "temporary_directory.h"

namespace cim::test {

Dice::Dice(unsigned seed)
    : below_([engine = std::mt19937(seed)](std::size_t limit) mutable {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine);
      }) {}

Dice::Dice(ByteView bytes)
    : below_([bytes](std::size_t limit) mutable {
        std::size_t value = 0;
        for (std::size_t range = 1; range < limit && !bytes.empty(); range *= 256) {
          value = value * 256 + std::to_integer<std::size_t>(bytes.front());
          bytes = bytes.subspan(1);
        }
        return value % limit;
      }) {}

std::u16string Dice::name() {
  static const std::u16string kNames[] = {u"a",
                                          u"A",
                                          u"b",
                                          u"Bc",
                                          u"bC",
                                          u"\u00e4",
                                          u"\u00c4",
                                          u"\u00df",
                                          u"\U0001F600",
                                          {char16_t{0xD83D}},
                                          {char16_t{0xDE00}},
                                          u"\u0131",
                                          u"I",
                                          u"longer name with spaces.txt"};
  return kNames[below(std::size(kNames))];
}

ImagePath Dice::path() {
  ImagePath path;
  for (std::size_t depth = 1 + below(3); depth > 0; --depth) {
    path = std::move(path).child(name());
  }
  return path;
}

std::string Dice::data() {
  static const std::size_t kSizes[] = {0, 1, 7, 100, 4095, 4096, 4097, 9000};
  const std::size_t size = kSizes[below(std::size(kSizes))];
  return one_in(4) ? std::string(size, '\0') : std::string(size, static_cast<char>('a' + below(5)));
}

namespace {

class Comparison {
 public:
  Comparison(const Image& image, const ModelTree& model) : image_(image), model_(model) {}

  void run() {
    compare(image_.root(), model_.root(), "");
    for (const auto& [node, id] : ids_) {
      EXPECT_TRUE(known_.insert(id).second) << "file " << id << " stands for two";
      const FileInfo info = image_.info(id);
      EXPECT_TRUE(holders_[id].contains(info.parent)) << "file " << id;
    }
  }

 private:
  static std::string text_of(const Stream& stream) {
    return std::string(as_text(stream.read_all(1 << 24)));
  }

  void compare(FileId id, const ModelNode& node, const std::string& path) {
    const auto [known, is_first] = ids_.try_emplace(&node, id);
    EXPECT_EQ(known->second, id) << path << " is linked to another file";
    if (!is_first) {
      return;
    }
    if (id == image_.root()) {
      holders_[id].insert(id);
    }
    const FileInfo info = image_.info(id);
    ASSERT_EQ(info.is_directory(), node.is_directory) << path;
    compare_streams(id, node, path);
    if (!node.is_directory) {
      EXPECT_EQ(text_of(image_.open(id)), node.data) << path;
    }
    if (path.empty()) {
      return compare_entries(id, node, path);
    }
    EXPECT_EQ(info.attributes & attribute::kStoredAttributes, node.attributes) << path;
    EXPECT_EQ(info.times.last_write.ticks, node.time) << path;
    if (node.is_directory) {
      compare_entries(id, node, path);
    }
  }

  void compare_streams(FileId id, const ModelNode& node, const std::string& path) {
    const auto streams = image_.streams(id);
    ASSERT_EQ(streams.size(), node.streams.size()) << path;
    auto expected = node.streams.begin();
    for (const StreamInfo& stream : streams) {
      EXPECT_EQ(stream.name, expected->first) << path;
      EXPECT_EQ(text_of(image_.open_stream(id, stream.name).value()), expected->second) << path;
      ++expected;
    }
  }

  void compare_entries(FileId id, const ModelNode& node, const std::string& path) {
    const auto entries = image_.list(id);
    ASSERT_EQ(entries.size(), node.entries.size()) << path;
    auto expected = node.entries.begin();
    for (const DirectoryEntry& entry : entries) {
      ASSERT_EQ(entry.name, expected->first) << path;
      EXPECT_EQ(image_.find_child(id, upcase(entry.name)), entry.id) << path;
      holders_[entry.id].insert(id);
      compare(entry.id, *expected->second, path + "\\" + to_wtf8(entry.name));
      ++expected;
    }
  }

  const Image& image_;
  const ModelTree& model_;
  std::map<const ModelNode*, FileId> ids_;
  std::set<FileId> known_;
  std::map<FileId, std::set<FileId>> holders_;
};

/// A directory of images with their expected content.
class ModelImages {
 public:
  explicit ModelImages(Dice dice) : dice_(std::move(dice)) {}

  void run() {
    for (std::size_t generations = 2 + dice_.below(4); generations > 0; --generations) {
      write_one();
    }
  }

 private:
  void write_one() {
    std::optional<std::string> base;
    if (!models_.empty() && !dice_.one_in(4)) {
      base = std::next(models_.begin(), static_cast<long>(dice_.below(models_.size())))->first;
    }
    const bool in_place = base && dice_.one_in(3);
    const std::string name = in_place ? *base : std::to_string(next_name_++) + ".cim";
    WriterOptions options;
    if (base) {
      options.base = directory_.path() / *base;
    }
    ModelTree model = base ? models_.at(*base).clone() : ModelTree();
    {
      ImageWriter writer(directory_.path() / name, options);
      for (std::size_t steps = dice_.below(30); steps > 0; --steps) {
        step(writer, model);
      }
      if (dice_.one_in(6)) {
        return;  // abandoned: nothing changes, which the next comparison checks
      }
      writer.commit();
    }
    models_.insert_or_assign(name, std::move(model));
    for (const auto& [file, expected] : models_) {
      Comparison(Image(directory_.path() / file), expected).run();
      expect_clean(directory_.path() / file);
    }
  }

  static void expect_clean(const std::filesystem::path& image) {
    const CheckReport report = check(image, {.depth = CheckDepth::kDeep});
    if (!report.is_clean()) {
      for (const Finding& finding : report.findings) {
        ADD_FAILURE() << to_string(finding);
      }
    }
  }

  void step(ImageWriter& writer, ModelTree& model) {
    switch (dice_.below(11)) {
      case 0:
      case 1:
      case 2:
        return create_file(writer, model);
      case 3:
        return create_directory(writer, model);
      case 4:
        return create_stream(writer, model);
      case 5:
      case 6: {
        const ImagePath path = dice_.path();
        const ImagePath existing = dice_.path();
        return expect_same(model.link(path, existing), [&] { writer.add_link(path, existing); });
      }
      case 7:
        return replace_metadata(writer, model);
      case 8:
      case 9: {
        const ImagePath from = dice_.path();
        const ImagePath to = dice_.path();
        return expect_same(model.rename(from, to), [&] { writer.rename(from, to); });
      }
      default: {
        const ImagePath path = dice_.path();
        EXPECT_EQ(writer.remove(path), model.remove(path));
        return;
      }
    }
  }

  static void expect_same(bool possible, const std::function<void()>& action) {
    try {
      action();
      EXPECT_TRUE(possible);
    } catch (const Error& error) {
      EXPECT_FALSE(possible) << error.what();
    }
  }

  void create_file(ImageWriter& writer, ModelTree& model) {
    const ImagePath path = dice_.path();
    const std::string data = dice_.data();
    const ModelNode node = {.attributes = dice_.one_in(2) ? attribute::kHidden : 0,
                            .time = dice_.below(1000),
                            .data = data,
                            .streams = {},
                            .entries = {}};
    // Bytes that are not written read as zeros.
    const std::size_t written = dice_.one_in(5) ? dice_.below(data.size() + 1) : data.size();
    ModelNode expected = node;
    expected.data.replace(written, data.npos, data.size() - written, '\0');
    expect_same(model.create(path, expected), [&] {
      writer.add(path, metadata(node), data.size());
      write(writer, std::string_view(data).substr(0, written));
    });
  }

  void create_directory(ImageWriter& writer, ModelTree& model) {
    const ImagePath path = dice_.path();
    ModelNode node;
    node.is_directory = true;
    node.time = dice_.below(1000);
    expect_same(model.create(path, node), [&] { writer.add(path, metadata(node)); });
  }

  void replace_metadata(ImageWriter& writer, ModelTree& model) {
    const ImagePath path = dice_.path();
    ModelNode node;
    node.is_directory = dice_.one_in(2);
    node.attributes = dice_.one_in(2) ? attribute::kSystem : 0;
    node.time = dice_.below(1000);
    expect_same(model.replace_metadata(path, node),
                [&] { writer.replace_metadata(path, metadata(node)); });
  }

  void create_stream(ImageWriter& writer, ModelTree& model) {
    const ImagePath path = dice_.path();
    const std::u16string name = dice_.name();
    const std::string data = dice_.data();
    expect_same(model.create_stream(path, name, data), [&] {
      writer.add_alternate_stream({path, name}, data.size());
      write(writer, data);
    });
  }

  void write(ImageWriter& writer, std::string_view data) {
    while (!data.empty()) {
      const std::size_t piece = 1 + dice_.below(data.size());
      writer.write(as_bytes(data.substr(0, piece)));
      data.remove_prefix(piece);
    }
  }

  static FileMetadata metadata(const ModelNode& node) {
    FileMetadata metadata;
    metadata.attributes = node.attributes | (node.is_directory ? attribute::kDirectory : 0);
    metadata.times.last_write.ticks = node.time;
    return metadata;
  }

  Dice dice_;
  TemporaryDirectory directory_;
  std::map<std::string, ModelTree> models_;
  unsigned next_name_ = 0;
};

}  // namespace

void compare_with_model(const Dice& dice) {
  ModelImages(dice).run();
}

}  // namespace cim::test
