// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Records are JSON with the members of the structures, spelled as in OCI documents, and a version.
#include "oci/records.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/host_path.h"
#include "cimlib/wtf8.h"

#include "image/read/store_listing.h"
#include "oci/json_members.h"
#include "os/directory_lock.h"
#include "os/file.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim::oci {
namespace {

using nlohmann::json;
using std::filesystem::path;

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kMostRecordLayers = 1000;
constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kLongestDirectoryName = 255;
constexpr std::string_view kExtension = ".json";

// Surrogates, which WTF-8 has and UTF-8 has not, begin with 0xED and a byte of 0xA0 or more.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) == 0xED &&
        static_cast<unsigned char>(text[i + 1]) >= 0xA0) {
      return false;
    }
  }
  return to_utf16(text).has_value();
}

Members members_of(const json& document, const std::string& subject) {
  Members members(document, subject, "the record");
  if (const auto version = members.required_size("version"); version != kVersion) {
    throw Error(ErrorCode::kUnsupported, subject,
                fmt::format("the record has version {}; only {} is supported", version, kVersion));
  }
  return members;
}

Digest digest_of(const Members& members, std::string_view name) {
  return members.digest_of(members.required(name), name);
}

// Returns the digest that a file is named by; nullopt for the names of other files.
std::optional<Digest> digest_named(const path& file) {
  const std::string name = file.filename().string();
  return name.ends_with(kExtension)
             ? Digest::parse("sha256:" + name.substr(0, name.size() - kExtension.size()))
             : std::nullopt;
}

path record_path(const path& directory, const Digest& digest) {
  return directory / (digest.hex() + std::string(kExtension));
}

const Digest& key_of(const LayerRecord& record) {
  return record.chain_id;
}
const Digest& key_of(const ImageRecord& record) {
  return record.manifest;
}
Digest key_of(const NameRecord& record) {
  return Digest(Sha256::of(as_bytes(record.name)));
}

// Returns nullopt if the file does not exist.
template <typename Parse>
auto read_record(const path& file, const Digest& key, Parse parse)
    -> std::optional<decltype(parse(ByteView(), file.string()))> {
  Bytes bytes;
  try {
    bytes = read_whole_file(file, kLargestDocument);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) {
      return std::nullopt;
    }
    throw;
  }
  auto record = parse(bytes, file.string());
  if (key_of(record) != key) {
    throw Error(ErrorCode::kCorrupt, file.string(), "is the record of something else");
  }
  return record;
}

// Records that are removed in the meantime are skipped.
template <typename Parse>
auto read_records(const path& directory, Parse parse) {
  std::vector<decltype(parse(ByteView(), std::string()))> records;
  if (!std::filesystem::is_directory(status_of(directory))) {
    return records;
  }
  for (const auto& entry : entries_of(directory)) {
    if (const auto key = digest_named(entry.path())) {
      if (auto record = read_record(entry.path(), *key, parse)) {
        records.push_back(*std::move(record));
      }
    }
  }
  return records;
}

void put_file(const path& target, ByteView bytes) {
  AtomicFile file(target);
  file.file().write_at(0, bytes);
  file.publish(Publish::kReplace);
}

}  // namespace

std::string encode(const LayerRecord& record) {
  json document = {{"version", kVersion},
                   {"chainId", record.chain_id.text()},
                   {"diffId", record.diff_id.text()},
                   {"mediaType", record.media_type},
                   {"digest", record.packed.text()},
                   {"size", record.packed_size}};
  if (record.parent) {
    document["parent"] = record.parent->text();
  }
  if (record.plain_size) {
    document["plainSize"] = *record.plain_size;
  }
  if (!record.directory.empty()) {
    document["directory"] = record.directory;
  }
  return document.dump() + "\n";
}

std::string encode(const ImageRecord& record) {
  json layers = json::array();
  for (const Digest& chain_id : record.chain) {
    layers.push_back(chain_id.text());
  }
  const json document = {{"version", kVersion},
                         {"manifest", record.manifest.text()},
                         {"mediaType", record.media_type},
                         {"configuration", record.configuration.text()},
                         {"os", record.platform.os},
                         {"architecture", record.platform.architecture},
                         {"os.version", record.platform.os_version},
                         {"layers", std::move(layers)},
                         {"indexEntry", record.index_entry}};
  return document.dump() + "\n";
}

std::string encode(const NameRecord& record) {
  return json({{"version", kVersion}, {"name", record.name}, {"manifest", record.manifest.text()}})
             .dump() +
         "\n";
}

LayerRecord parse_layer_record(ByteView text, const std::string& subject) {
  const json document = parse_json(text, subject);
  const Members members = members_of(document, subject);
  LayerRecord record{.chain_id = digest_of(members, "chainId"),
                     .parent = std::nullopt,
                     .diff_id = digest_of(members, "diffId"),
                     .media_type = members.required_text("mediaType"),
                     .packed = digest_of(members, "digest"),
                     .packed_size = members.required_size("size")};
  if (members.find("parent") != nullptr) {
    record.parent = digest_of(members, "parent");
  }
  if (members.find("plainSize") != nullptr) {
    record.plain_size = members.required_size("plainSize");
  }
  if (members.find("directory") != nullptr) {
    record.directory = members.required_text("directory");
    if (!is_directory_name(record.directory)) {
      members.fail("has a directory that no layer can have");
    }
  }
  // The chain id is computed from the two others, so a record cannot name a false parent.
  const Digest computed =
      record.parent ? chain_id_on(*record.parent, record.diff_id) : record.diff_id;
  if (computed != record.chain_id) {
    members.fail("has a chain ID that its parent and diff ID do not give");
  }
  return record;
}

ImageRecord parse_image_record(ByteView text, const std::string& subject) {
  const json document = parse_json(text, subject);
  const Members members = members_of(document, subject);
  ImageRecord record{.manifest = digest_of(members, "manifest"),
                     .media_type = members.required_text("mediaType"),
                     .configuration = digest_of(members, "configuration"),
                     .platform = {.os = members.text("os"),
                                  .architecture = members.text("architecture"),
                                  .os_version = members.text("os.version")},
                     .chain = {},
                     .index_entry = members.text("indexEntry")};
  for (const json& layer : members.list("layers", kMostRecordLayers)) {
    record.chain.push_back(members.digest_of(layer, "layers"));
  }
  return record;
}

NameRecord parse_name_record(ByteView text, const std::string& subject) {
  const json document = parse_json(text, subject);
  const Members members = members_of(document, subject);
  NameRecord record{.name = members.required_text("name"),
                    .manifest = digest_of(members, "manifest")};
  if (!is_image_name(record.name)) {
    members.fail("has a name that no image can have");
  }
  return record;
}

std::string directory_name(const LayerRecord& record) {
  return record.directory.empty() ? record.chain_id.hex() : record.directory;
}

bool is_directory_name(std::string_view name) {
  return is_image_name(name) && name.size() <= kLongestDirectoryName && name != "." &&
         name != ".." && name.find_first_of("/\\") == name.npos &&
         !Digest::parse("sha256:" + std::string(name));
}

bool is_image_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  }) && is_utf8(name);
}

StoreRecords::StoreRecords(const path& store)
    : store_(store), directory_(store / kImagesDirectory) {}

bool StoreRecords::exist() const {
  return std::filesystem::is_directory(status_of(directory_));
}

std::vector<path> StoreRecords::directories() const {
  return {directory_,
          directory_ / "blobs",
          directory_ / "blobs" / "sha256",
          directory_ / "images",
          directory_ / "layers",
          directory_ / "names",
          directory_ / "tars"};
}

path StoreRecords::layer_directory(const LayerRecord& record) const {
  return store_ / host_name(directory_name(record));
}
path StoreRecords::path_of_layer(const Digest& chain_id) const {
  return record_path(directory_ / "layers", chain_id);
}
path StoreRecords::path_of_tar_record(const Digest& chain_id) const {
  return directory_ / "tars" / (chain_id.hex() + ".zst");
}
path StoreRecords::path_of_image(const Digest& manifest) const {
  return record_path(directory_ / "images", manifest);
}
path StoreRecords::path_of_name(const std::string& name) const {
  return record_path(directory_ / "names", Digest(Sha256::of(as_bytes(name))));
}
path StoreRecords::path_of_document(const Digest& digest) const {
  return directory_ / "blobs" / "sha256" / digest.hex();
}

std::vector<LayerRecord> StoreRecords::layers() const {
  return read_records(directory_ / "layers", parse_layer_record);
}
std::vector<ImageRecord> StoreRecords::images() const {
  return read_records(directory_ / "images", parse_image_record);
}
std::vector<NameRecord> StoreRecords::names() const {
  return read_records(directory_ / "names", parse_name_record);
}

std::optional<LayerRecord> StoreRecords::layer(const Digest& chain_id) const {
  return read_record(path_of_layer(chain_id), chain_id, parse_layer_record);
}
std::optional<ImageRecord> StoreRecords::image(const Digest& manifest) const {
  return read_record(path_of_image(manifest), manifest, parse_image_record);
}
std::optional<NameRecord> StoreRecords::name(const std::string& name) const {
  return read_record(path_of_name(name), Digest(Sha256::of(as_bytes(name))), parse_name_record);
}

Bytes StoreRecords::document(const Digest& digest) const {
  const path file = path_of_document(digest);
  Bytes bytes = read_whole_file(file, kLargestDocument);
  if (Digest(Sha256::of(bytes)) != digest) {
    throw Error(ErrorCode::kCorrupt, file.string(), "the document was modified");
  }
  return bytes;
}

void StoreRecords::create() const {
  for (const path& directory : directories()) {
    std::error_code error;
    if (std::filesystem::create_directory(directory, error)) {
      sync_directory(directory_of(directory));
    }
    if (error) {
      throw_system_error(error, directory.string(), "create");
    }
  }
}

void StoreRecords::put(const LayerRecord& record) const {
  put_file(path_of_layer(record.chain_id), as_bytes(encode(record)));
}

void StoreRecords::put(const ImageRecord& record) const {
  put_file(path_of_image(record.manifest), as_bytes(encode(record)));
}

void StoreRecords::put(const NameRecord& record, const LockTimeout& lock_timeout) const {
  const DirectoryLock lock(directory_ / "names", lock_timeout);
  put_file(path_of_name(record.name), as_bytes(encode(record)));
}

void StoreRecords::put_document(const Digest& digest, ByteView bytes) const {
  put_file(path_of_document(digest), bytes);
}

std::size_t StoreRecords::remove_names(const std::vector<NameRecord>& names,
                                       const LockTimeout& lock_timeout) const {
  const path directory = directory_ / "names";
  const DirectoryLock lock(directory, lock_timeout);
  std::size_t removed = 0;
  for (const NameRecord& wanted : names) {
    if (name(wanted.name) == wanted && remove_file(path_of_name(wanted.name))) {
      ++removed;
    }
  }
  if (removed != 0) {
    sync_directory(directory);
  }
  return removed;
}

}  // namespace cim::oci
