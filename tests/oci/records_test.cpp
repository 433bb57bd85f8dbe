// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/records.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "expect_error.h"
#include "temporary_directory.h"

namespace cim::oci {
namespace {

using test::expect_error;

Digest digest(const std::string& text) {
  return Digest(Sha256::of(as_bytes(text)));
}

LayerRecord layer_record() {
  const Digest parent = digest("parent");
  const Digest diff_id = digest("diff");
  return {.chain_id = chain_id_on(parent, diff_id),
          .parent = parent,
          .diff_id = diff_id,
          .media_type = "type",
          .packed = digest("packed"),
          .packed_size = 17,
          .plain_size = 18};
}

ImageRecord image_record() {
  return {.manifest = digest("manifest"),
          .media_type = "type",
          .configuration = digest("config"),
          .platform = {.os = "windows", .architecture = "amd64", .os_version = "10.0"},
          .chain = {digest("a"), digest("b")},
          .index_entry = R"({"a":"b"})"};
}

TEST(StoreRecords, AreReadAsTheyWereWritten) {
  LayerRecord layer = layer_record();
  EXPECT_EQ(parse_layer_record(as_bytes(encode(layer)), "x"), layer);
  EXPECT_EQ(directory_name(layer), layer.chain_id.hex());
  layer.directory = "n\xC3\xA4me";
  EXPECT_EQ(parse_layer_record(as_bytes(encode(layer)), "x"), layer);
  EXPECT_EQ(directory_name(layer), layer.directory);
  layer.parent.reset();
  layer.chain_id = layer.diff_id;
  layer.plain_size.reset();
  EXPECT_EQ(parse_layer_record(as_bytes(encode(layer)), "x"), layer);
  const ImageRecord image = image_record();
  EXPECT_EQ(parse_image_record(as_bytes(encode(image)), "x"), image);
  const NameRecord name{.name = "\xC3\xBC \"x\"", .manifest = digest("manifest")};
  EXPECT_EQ(parse_name_record(as_bytes(encode(name)), "x"), name);
}

TEST(StoreRecords, MustAgreeWithThemselves) {
  LayerRecord layer = layer_record();
  layer.parent = digest("another");
  expect_error(ErrorCode::kCorrupt, "chain ID",
               [&] { (void)parse_layer_record(as_bytes(encode(layer)), "x"); });
  const NameRecord name{.name = "a\nb", .manifest = digest("manifest")};
  expect_error(ErrorCode::kCorrupt, "a name that no image can have",
               [&] { (void)parse_name_record(as_bytes(encode(name)), "x"); });
}

TEST(StoreRecords, NameNoDirectoryOutsideOfTheStore) {
  LayerRecord layer = layer_record();
  for (const std::string& name :
       {std::string(".."), std::string("."), std::string("a/b"), std::string("a\\b"),
        std::string("a\nb"), digest("another layer").hex(), std::string(256, 'a')}) {
    layer.directory = name;
    expect_error(ErrorCode::kCorrupt, "a directory that no layer can have",
                 [&] { (void)parse_layer_record(as_bytes(encode(layer)), "x"); });
  }
}

TEST(StoreRecords, OfOtherVersionsAreNotSupported) {
  auto record = nlohmann::json::parse(encode(image_record()));
  record["version"] = 2;
  const std::string text = record.dump();
  expect_error(ErrorCode::kUnsupported, "version 2",
               [&] { (void)parse_image_record(as_bytes(text), "x"); });
}

TEST(StoreRecords, AcceptNamesOfText) {
  for (const char* const name : {"a", "example.org/x:1", "\xC3\xBC", "a b"}) {
    EXPECT_TRUE(is_image_name(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("a\0b", 3), std::string("\xFF"), std::string("\xED\xA0\x80"),
        std::string("\x7F"), std::string(1025, 'a')}) {
    EXPECT_FALSE(is_image_name(name)) << name;
  }
}

TEST(StoreRecords, AreRemovedOnlyWithTheirTargets) {
  const test::TemporaryDirectory directory;
  const StoreRecords records(directory.path());
  EXPECT_FALSE(records.exist());
  EXPECT_TRUE(records.names().empty());
  records.create();
  EXPECT_TRUE(records.exist());
  const NameRecord now{.name = "x", .manifest = digest("now")};
  records.put(now, {});
  EXPECT_EQ(records.remove_names({{.name = "x", .manifest = digest("before")}}, {}), 0U);
  EXPECT_EQ(records.name("x"), now);
  EXPECT_EQ(records.remove_names({now}, {}), 1U);
  EXPECT_EQ(records.name("x"), std::nullopt);
}

TEST(StoreRecords, VerifyDocuments) {
  const test::TemporaryDirectory directory;
  const StoreRecords records(directory.path());
  records.create();
  records.put_document(digest("text"), as_bytes(std::string_view("text")));
  EXPECT_EQ(as_text(records.document(digest("text"))), "text");
  records.put_document(digest("text"), as_bytes(std::string_view("tent")));
  expect_error(ErrorCode::kCorrupt, "modified", [&] { (void)records.document(digest("text")); });
  expect_error(ErrorCode::kNotFound, "", [&] { (void)records.document(digest("other")); });
}

}  // namespace
}  // namespace cim::oci
