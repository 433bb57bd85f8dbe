// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/package.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "appx/package_parts.h"
#include "base/printable.h"

namespace cim::appx {
namespace {

// The catalog has some hundred bytes for each executable.
constexpr std::uint64_t kMaxCatalog = std::uint64_t{64} << 20;

std::uint64_t unmapped_limit(std::string_view name) {
  return name == kCodeIntegrityName ? kMaxCatalog
         : name == kBlockMapName    ? kMaxBlockMap
         : name == kSignatureName   ? kMaxSignature
                                    : kMaxManifest;
}

bool is_unmapped(std::string_view name) {
  return std::ranges::find(kUnmappedNames, name) != kUnmappedNames.end();
}

// Bundles name their packages with `/` or `\`.
std::string part_text(std::string name) {
  std::ranges::replace(name, '/', '\\');
  return name;
}

// Names in errors are those of Windows.
[[noreturn]] void fail_file(const Container& container, std::string_view name,
                            std::string_view reason) {
  throw Error(ErrorCode::kCorrupt, container.name() + ": " + printable(name), std::string(reason));
}

void require_same(const Container& bundle, const BundledPackage& listed, const Identity& identity,
                  const Identity& found) {
  if (found.name != identity.name || found.publisher != identity.publisher ||
      found.version != listed.version || found.architecture != listed.architecture ||
      found.resource_id != listed.resource_id) {
    fail_file(bundle, listed.file_name,
              fmt::format("is {}, which is not what the bundle's manifest says",
                          printable(found.full_name())));
  }
}

}  // namespace

Container::Container(std::shared_ptr<const ZipArchive> archive) : parts_(std::move(archive)) {
  read_block_map();
  if (!parts_.find(kContentTypesName)) {
    fail("has no [Content_Types].xml");
  }
  for (const std::string_view name : kUnmappedNames) {
    const std::optional<Part> part = parts_.find(name);
    if (part && part->entry->size > unmapped_limit(name)) {
      throw Error(ErrorCode::kLimit, name_of_part(*part),
                  fmt::format("has {} bytes; at most {} are accepted", part->entry->size,
                              unmapped_limit(name)));
    }
  }
  read_signature();
}

void Container::fail(std::string_view reason) const {
  throw Error(ErrorCode::kCorrupt, name(), std::string(reason));
}

std::string Container::name_of_part(const Part& part) const {
  return name() + ": " + printable(part.name.text);
}

void Container::read_block_map() {
  const std::optional<Part> part = parts_.find(kBlockMapName);
  if (!part) {
    fail("has no AppxBlockMap.xml");
  }
  if (part->entry->size > kMaxBlockMap) {
    throw Error(
        ErrorCode::kLimit, name_of_part(*part),
        fmt::format("has {} bytes; at most {} are accepted", part->entry->size, kMaxBlockMap));
  }
  BlockMapReader reader(name_of_part(*part));
  parts_.archive()->read(*part->entry, [&](const SharedBytes& run) { reader.feed(run.bytes); });
  block_map_ = reader.finish();
}

void Container::read_signature() {
  const std::optional<Part> part = parts_.find(kSignatureName);
  if (!part) {
    return;
  }
  ParsedSignature parsed = parse_signature(parts_.archive()->read_all(*part->entry, kMaxSignature));
  verify_parts(parsed, [&](std::string_view name, DigestMethod method) -> std::optional<Bytes> {
    const std::optional<Part> signed_part = parts_.find(name);
    if (!signed_part) {
      return std::nullopt;
    }
    Digest digest(method);
    parts_.archive()->read(*signed_part->entry,
                           [&](const SharedBytes& run) { digest.add(run.bytes); });
    const ByteView value = digest.finish();
    return Bytes(value.begin(), value.end());
  });
  if (!parsed.signature.is_valid) {
    fail_file(*this, kSignatureName, "the signature is not valid: " + parsed.signature.fault);
  }
  verify_archive(parsed, parts_.archive()->bytes());
  signature_ = std::move(parsed.signature);
}

void Container::read(const Part& part, const std::function<void(const SharedBytes&)>& sink) const {
  const MappedFile* const mapped = block_map_.files.find(part.name.text);
  if (mapped == nullptr) {
    parts_.archive()->read(*part.entry, sink);
    return;
  }
  if (mapped->size != part.entry->size) {
    fail_file(*this, part.name.text,
              fmt::format("has {} bytes, but {} in the block map", part.entry->size, mapped->size));
  }
  Digest digest(block_map_.method);
  BlockVerifier verifier(block_map_, digest, [&](std::uint64_t block) {
    throw Error(ErrorCode::kCorrupt, name_of_part(part), "differs from the block map",
                block * kBlockSize);
  });
  verifier.begin(*mapped);
  parts_.archive()->read(*part.entry, [&](const SharedBytes& run) {
    verifier.add(run.bytes);
    sink(run);
  });
  verifier.finish();
}

Bytes Container::read_all(const Part& part, std::uint64_t limit) const {
  if (part.entry->size > limit) {
    throw Error(ErrorCode::kLimit, name_of_part(part),
                fmt::format("has {} bytes; at most {} are accepted", part.entry->size, limit));
  }
  Bytes all;
  read(part, [&](const SharedBytes& run) { append(all, run.bytes); });
  return all;
}

Package::Package(std::shared_ptr<const ZipArchive> archive) : container_(std::move(archive)) {
  const std::optional<Part> manifest = container_.parts().find(kManifestName);
  if (!manifest) {
    container_.fail("has no AppxManifest.xml");
  }
  compare_with_block_map();
  info_ = parse_manifest(container_.read_all(*manifest, kMaxManifest),
                         container_.name_of_part(*manifest));
  info_.signature = container_.signature();
  if (info_.signature) {
    compare_with_publisher(*info_.signature, info_.identity.publisher);
  }
}

void Package::compare_with_block_map() {
  const BlockMap& map = container_.block_map();
  const PartList& parts = container_.parts();
  std::size_t mapped_files = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts.is_directory(i)) {
      continue;
    }
    const Part part = parts.part(i);
    const MappedFile* const mapped = map.files.find(part.name.text);
    if (mapped == nullptr && !is_unmapped(part.name.text)) {
      fail_file(container_, part.name.text, "is not in the block map");
    }
    if (mapped != nullptr && mapped->size != part.entry->size) {
      fail_file(
          container_, part.name.text,
          fmt::format("has {} bytes, but {} in the block map", part.entry->size, mapped->size));
    }
    mapped_files += mapped != nullptr ? 1 : 0;
    bytes_ += part.entry->size;
  }
  if (mapped_files != map.files.all().size()) {
    const auto missing = std::ranges::find_if(
        map.files.all(), [&](const MappedFile& file) { return !parts.find(map.files.name(file)); });
    fail_file(container_, map.files.name(*missing), "is in the block map, but not in the package");
  }
}

std::string read_start(const std::filesystem::path& file) {
  const File opened = File::open_read(file);
  std::array<std::byte, 8> start{};
  return std::string(as_text(ByteView(start).first(opened.read_some_at(0, start))));
}

bool is_bundle(const ZipArchive& archive) {
  return archive.has("AppxMetadata/AppxBundleManifest.xml");
}

PackageSource::PackageSource(const std::filesystem::path& file) {
  const std::string start = read_start(file);
  if (start.starts_with("EXPH") || start.starts_with("EXBH")) {
    throw Error(ErrorCode::kUnsupported, file.string(),
                "is an encrypted package, which only Windows can read; use the .msix or .appx file "
                "that it was made from");
  }
  if (!start.starts_with("PK")) {
    throw Error(ErrorCode::kCorrupt, file.string(),
                "is not a package: it does not start as a ZIP archive does");
  }
  archive_ = std::make_shared<ZipArchive>(std::make_shared<HostFileBytes>(file));
}

void PackageSource::for_each(const BundleChoice& choice, const Visit& visit) const {
  if (!is_bundle(*archive_)) {
    if (!archive_->has(kManifestName)) {
      throw Error(ErrorCode::kUnsupported, archive_->bytes().name(),
                  "is a ZIP archive, but not a package: it has no AppxManifest.xml");
    }
    return visit(Package(archive_), {});
  }
  for_each_of_bundle(choice, visit);
}

void PackageSource::for_each_of_bundle(const BundleChoice& choice, const Visit& visit) const {
  const Container bundle(archive_);
  const Part part = bundle.parts().find(kBundleManifestName).value();
  if (bundle.block_map().files.find(part.name.text) == nullptr) {
    fail_file(bundle, part.name.text, "is not in the block map");
  }
  const std::string source = bundle.name_of_part(part);
  const BundleManifest manifest =
      parse_bundle_manifest(bundle.read_all(part, kMaxManifest), source);
  std::optional<Signature> signature = bundle.signature();
  if (signature) {
    compare_with_publisher(*signature, manifest.identity.publisher);
  }
  for (const BundledPackage& listed : chosen_packages(manifest, choice, archive_->bytes().name())) {
    const std::optional<Part> stored = bundle.parts().find(part_text(listed.file_name));
    if (!stored) {
      fail_file(bundle, listed.file_name, "is in the bundle's manifest, but not in the bundle");
    }
    const Package package(std::make_shared<ZipArchive>(
        ZipArchive::open_stored(archive_, *stored->entry), archive_->buffers()));
    require_same(bundle, listed, manifest.identity, package.info().identity);
    visit(package, {stored->name.text, signature});
  }
}

}  // namespace cim::appx
