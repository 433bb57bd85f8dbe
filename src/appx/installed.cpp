// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Packages inside an image.
#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "cimlib/app_package.h"
#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "appx/block_map.h"
#include "appx/digest.h"
#include "appx/manifest.h"
#include "appx/package_parts.h"
#include "appx/part_name.h"
#include "appx/signature.h"
#include "base/printable.h"

namespace cim::appx {
namespace {

constexpr std::size_t kMaxFindings = std::size_t{64} << 20;  // bytes of paths
// Manifests, block maps and signatures of all packages of an image.
constexpr std::uint64_t kMaxManifests = std::uint64_t{1} << 30;
constexpr std::size_t kReadPiece = std::size_t{256} * 1024;

// Returns the file of that name, as block maps spell it, below a directory.
std::optional<FileId> find_part(const Image& image, FileId directory, std::string_view name) {
  std::optional<FileId> at = directory;
  for (std::string_view rest = name; at && !rest.empty();) {
    const std::size_t end = std::min(rest.find('\\'), rest.size());
    at = image.find_child(*at, to_utf16(rest.substr(0, end)).value_or(u""));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return at && !image.info(*at).is_directory() ? at : std::nullopt;
}

void read_stream(const Image& image, FileId file, const std::function<void(ByteView)>& sink) {
  const Stream stream = image.open(file);
  Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kReadPiece, stream.size())));
  for (std::uint64_t at = 0; at < stream.size();) {
    const std::size_t count = stream.read(at, buffer);
    sink(ByteView(buffer).first(count));
    at += count;
  }
}

PartDigest part_digest(const Image& image, FileId directory) {
  return [&image, directory](std::string_view name, DigestMethod method) -> std::optional<Bytes> {
    const auto file = find_part(image, directory, name);
    if (!file) {
      return std::nullopt;
    }
    Digest digest(method);
    if (image.info(*file).size <= kMaxBlockMap) {
      read_stream(image, *file, [&](ByteView bytes) { digest.add(bytes); });
    }
    const ByteView value = digest.finish();
    return Bytes(value.begin(), value.end());
  };
}

std::optional<Signature> signature_in(const Image& image, FileId directory) {
  const auto file = find_part(image, directory, kSignatureName);
  if (!file) {
    return std::nullopt;
  }
  ParsedSignature parsed = parse_signature(image.open(*file).read_all(kMaxSignature));
  verify_parts(parsed, part_digest(image, directory));
  return std::move(parsed.signature);
}

// Subtracts what is read of a package to describe it. Directories of a crafted image could share
// one large manifest.
void take(std::uint64_t& left, const Image& image, const WalkEntry& entry, FileId manifest) {
  std::uint64_t size = image.info(manifest).size;
  for (const std::string_view name : kUnmappedNames) {
    const auto part = find_part(image, entry.info.id, name);
    size += part ? std::min(image.info(*part).size, kMaxBlockMap) : 0;
  }
  if (size > left) {
    throw Error(ErrorCode::kLimit, entry.path.to_string(),
                "the manifests of the image's packages are too large in all");
  }
  left -= size;
}

PackageInfo info_in(const Image& image, const ImagePath& path, FileId directory, FileId manifest) {
  PackageInfo info = parse_manifest(image.open(manifest).read_all(kMaxManifest),
                                    path.to_string() + "\\" + std::string(kManifestName));
  info.signature = signature_in(image, directory);
  if (info.signature) {
    compare_with_publisher(*info.signature, info.identity.publisher);
  }
  return info;
}

// The check of one package.
class PackageCheck {
 public:
  PackageCheck(const Image& image, const InstalledPackage& package,
               const PackageCheckOptions& options, PackageCheckReport& report, Progress& progress)
      : image_(image),
        package_(package),
        name_(package.info.identity.full_name()),
        options_(options),
        report_(report),
        progress_(progress) {}

  void run() {
    ++report_.packages;
    check_signature();
    const FileId directory = *image_.find(package_.directory);
    if (!read_block_map(directory)) {
      return;
    }
    Digest digest(map_.method);
    BlockVerifier verifier(map_, digest, [&](std::uint64_t block) {
      add(current_, fmt::format("differs from the block map at byte {}", block * kBlockSize));
    });
    image_.walk(package_.directory,
                [&](const WalkEntry& entry) {
                  if (!entry.info.is_directory()) {
                    check_file(entry, verifier);
                  }
                  return true;
                },
                {.stop = options_.stop, .failure = [&](const ImagePath& path, const Error& error) {
                   add(relative(path), error.reason());
                 }});
    report_missing();
  }

 private:
  void check_signature() {
    const auto& signature = package_.info.signature;
    if (signature && !signature->is_valid) {
      add(std::string(kSignatureName), "the signature is not valid: " + signature->fault);
    } else if (signature && !signature->matches_publisher) {
      add(std::string(kSignatureName),
          fmt::format("the signer {} is not the publisher {} of the manifest",
                      printable(signature->signer), printable(package_.info.identity.publisher)));
    }
  }

  std::string relative(const ImagePath& path) const {
    ImagePath below;
    for (std::size_t i = package_.directory.names().size(); i < path.names().size(); ++i) {
      below = std::move(below).child(path.names()[i]);
    }
    return block_map_name(below);
  }

  bool read_block_map(FileId directory) {
    try {
      const auto file = find_part(image_, directory, kBlockMapName);
      if (!file || image_.info(*file).size > kMaxBlockMap) {
        add(std::string(kBlockMapName), "is missing or too large");
        return false;
      }
      BlockMapReader reader(package_.directory.to_string() + "\\" + std::string(kBlockMapName));
      read_stream(image_, *file, [&](ByteView bytes) { reader.feed(bytes); });
      map_ = reader.finish();
      return true;
    } catch (const Error& error) {
      add(std::string(kBlockMapName), error.reason());
      return false;
    }
  }

  void check_file(const WalkEntry& entry, BlockVerifier& verifier) {
    current_ = relative(entry.path);
    const MappedFile* const mapped = map_.files.find(current_);
    if (mapped == nullptr) {
      if (std::ranges::find(kUnmappedNames, current_) == kUnmappedNames.end()) {
        add(current_, "is not in the block map");
      }
      return;
    }
    ++found_;
    if (entry.info.size != mapped->size) {
      add(current_,
          fmt::format("has {} bytes, but {} in the block map", entry.info.size, mapped->size));
      return;
    }
    ++report_.files;
    report_.bytes += mapped->size;
    compare(entry.info.id, *mapped, verifier);
  }

  void compare(FileId file, const MappedFile& mapped, BlockVerifier& verifier) {
    try {
      verifier.begin(mapped);
      read_stream(image_, file, [&](ByteView bytes) {
        verifier.add(bytes);
        count(bytes.size());
      });
      verifier.finish();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) {
        throw;
      }
      add(current_, error.reason());
    }
    ++progress_.entries_done;
  }

  void count(std::size_t bytes) {
    progress_.bytes_done += bytes;
    progress_.current = current_;
    if (options_.progress) {
      options_.progress(progress_);
    }
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, image_.path().string(), "the check was cancelled");
    }
  }

  void report_missing() {
    if (found_ == map_.files.all().size()) {
      return;
    }
    const FileId directory = *image_.find(package_.directory);
    for (const MappedFile& file : map_.files.all()) {
      if (const std::string_view name = map_.files.name(file);
          !find_part(image_, directory, name)) {
        add(std::string(name), "is missing");
      }
    }
  }

  void add(const std::string& path, std::string text) {
    ++report_.faults;
    std::string full = package_.directory.to_string() + "\\" + path;
    if (report_.findings.size() < options_.max_findings && full.size() <= kMaxFindings - kept_) {
      kept_ += full.size();
      report_.findings.push_back({name_, std::move(full), std::move(text)});
    }
  }

  const Image& image_;
  const InstalledPackage& package_;
  std::string name_;
  const PackageCheckOptions& options_;
  PackageCheckReport& report_;
  Progress& progress_;
  BlockMap map_;
  std::size_t found_ = 0;  // files of the block map
  std::size_t kept_ = 0;   // bytes of paths of findings
  std::string current_;
};

}  // namespace

std::vector<InstalledPackage> packages_of(const Image& image, const WarningSink& warning,
                                          const std::stop_token& stop) {
  std::vector<InstalledPackage> packages;
  std::uint64_t left = kMaxManifests;
  image.walk(
      {},
      [&](const WalkEntry& entry) {
        if (!entry.info.is_directory() || entry.info.is_reparse_point()) {
          return true;
        }
        try {
          const auto manifest = find_part(image, entry.info.id, kManifestName);
          if (manifest && find_part(image, entry.info.id, kBlockMapName)) {
            take(left, image, entry, *manifest);
            packages.push_back({info_in(image, entry.path, entry.info.id, *manifest), entry.path});
          }
        } catch (const Error& error) {
          if (warning) {
            warning(error.what());
          }
        }
        return true;
      },
      {.stop = stop, .failure = [](const ImagePath& /*path*/, const Error& /*error*/) {}});
  return packages;
}

PackageCheckReport check_packages(const Image& image, const PackageCheckOptions& options) {
  PackageCheckReport report;
  Progress progress;
  const auto packages = packages_of(
      image,
      [&](const std::string& warning) {
        ++report.faults;
        if (report.findings.size() < options.max_findings) {
          report.findings.push_back({"", "", warning});
        }
      },
      options.stop);
  for (const InstalledPackage& package : packages) {
    PackageCheck(image, package, options, report, progress).run();
  }
  return report;
}

}  // namespace cim::appx
