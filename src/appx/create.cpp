// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Packages are opened one after another, so that memory is needed for one of them only.
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cimlib/app_package.h"
#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "appx/access.h"
#include "appx/installed_version.h"
#include "appx/package.h"
#include "base/printable.h"
#include "image/write/creation.h"

namespace cim::appx {
namespace {

// The earliest time of a ZIP archive.
constexpr FileTime kEarliest = {119'600'064'000'000'000};

FileTimes times_of(FileTime time) {
  const FileTime known = std::max(time, kEarliest);
  return {known, known, known, known};
}

// Full names are ASCII.
ImagePath directory_of(const ImagePath& root, const Identity& identity) {
  return root.child(*to_utf16(identity.full_name()));
}

PlannedPackage planned(const Package& package, const std::filesystem::path& source,
                       const PackageSource::Origin& origin, const ImagePath& root) {
  const PartList& parts = package.container().parts();
  return {.info = package.info(),
          .source = source,
          .source_entry = origin.entry,
          .bundle_signature = origin.signature,
          .directory = directory_of(root, package.info().identity),
          .files = parts.size() - parts.directories(),
          .directories = parts.directories() + 1,
          .bytes = package.bytes()};
}

// Passes each chosen package and what is planned for it.
void for_each_package(std::span<const std::filesystem::path> packages, const CreateOptions& options,
                      const std::function<void(const Package&, PlannedPackage)>& visit) {
  const ImagePath root = ImagePath::parse(options.root);
  for (const std::filesystem::path& file : packages) {
    PackageSource(file).for_each(
        options.choice, [&](const Package& package, const PackageSource::Origin& origin) {
          if (options.stop.stop_requested()) {
            throw Error(ErrorCode::kCancelled, file.string(), "reading the package was cancelled");
          }
          visit(package, planned(package, file, origin, root));
        });
  }
}

bool is_version_of(const Identity& a, const Identity& b) {
  return a.name == b.name && a.publisher == b.publisher && a.architecture == b.architecture &&
         a.resource_id == b.resource_id;
}

std::uint64_t size_of(std::span<const std::filesystem::path> packages) {
  std::uint64_t size = 0;
  for (const std::filesystem::path& file : packages) {
    size += File::open_read(file).size();
  }
  return size;
}

class Creation {
 public:
  Creation(const std::filesystem::path& image, const CreateOptions& options)
      : options_(options),
        access_(AccessControl::from_sddl(options.sddl)),
        installed_(options.writer.base
                       ? packages_of(Image(*options.writer.base), options.warning, options.stop)
                       : std::vector<InstalledPackage>()),
        writer_(image, stoppable(options.writer, options.stop)),
        progress_(image.string(), options.progress, options.stop) {}

  CreateSummary run(std::span<const std::filesystem::path> packages) {
    progress_.set_total(size_of(packages));
    for_each_package(packages, options_, [&](const Package& package, PlannedPackage plan) {
      add_package(package, std::move(plan));
    });
    summary_.image = writer_.commit();
    return std::move(summary_);
  }

 private:
  void add_package(const Package& package, PlannedPackage plan) {
    const std::string name = plan.info.identity.full_name();
    warn_of_signature(name, plan);
    refuse_second(name, plan);
    const std::optional<ImagePath> before = take_over(plan);
    add_directories(plan.directory);
    const PartList& parts = package.container().parts();
    std::optional<InstalledVersion> old;
    if (before) {
      if (!base_) {
        base_.emplace(*options_.writer.base, options_.stop);
      }
      old.emplace(*base_, *before, parts);
      keep_top(*old, plan.directory);
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      add_part(package.container(), i, plan.directory, old);
    }
    summary_.files += plan.files;
    summary_.directories += plan.directories;
    summary_.bytes += plan.bytes;
    summary_.packages.push_back(std::move(plan));
  }

  void warn_of_signature(const std::string& name, const PlannedPackage& plan) {
    if (!options_.warning) {
      return;
    }
    if (plan.info.signature) {
      warn_of(*plan.info.signature, name, plan.info.identity.publisher);
    } else if (plan.bundle_signature) {
      options_.warning(name +
                       " is not signed itself, only its bundle, whose signature is not in "
                       "the image");
    } else {
      options_.warning(name + " is not signed; Windows deploys signed packages only");
    }
    if (plan.bundle_signature) {
      warn_of(*plan.bundle_signature, plan.source.string(), plan.info.identity.publisher);
    }
  }

  void warn_of(const Signature& signature, const std::string& name, const std::string& publisher) {
    if (!signature.matches_archive) {
      options_.warning(fmt::format("{}: {}", name, signature.fault));
    }
    if (!signature.matches_publisher) {
      options_.warning(fmt::format(
          "{}: the signer {} is not the publisher {}; Windows does not accept such a package", name,
          printable(signature.signer), printable(publisher)));
    }
  }

  void refuse_second(const std::string& name, const PlannedPackage& plan) {
    if (std::ranges::any_of(summary_.packages, [&](const PlannedPackage& other) {
          return other.directory.equals_ignoring_case(plan.directory);
        })) {
      throw Error(ErrorCode::kExists, plan.source.string(),
                  fmt::format("the package {} is given twice", name));
    }
  }

  // Gives the directory of an installed version to the new one, and removes all other versions.
  // Returns the path of that directory in the base.
  std::optional<ImagePath> take_over(const PlannedPackage& plan) {
    std::optional<ImagePath> taken;
    std::erase_if(installed_, [&](const InstalledPackage& other) {
      if (!is_version_of(other.info.identity, plan.info.identity)) {
        return false;
      }
      if (writer_.exists(other.directory)) {
        summary_.replaced.push_back(other.info.identity.full_name());
        if (!taken && move(other.directory, plan.directory)) {
          taken = other.directory;
        } else {
          writer_.remove(other.directory);
        }
      }
      return true;
    });
    return taken;
  }

  // Returns false if the directory cannot move there.
  bool move(const ImagePath& from, const ImagePath& to) {
    if (to.names() == from.names()) {
      return true;
    }
    if (!to.equals_ignoring_case(from) && (to.starts_with(from) || writer_.exists(to))) {
      return false;
    }
    add_directories(to.parent());
    writer_.rename(from, to);
    return true;
  }

  // Prepares the directory of an installed version for the parts of the new one.
  void keep_top(const InstalledVersion& old, const ImagePath& directory) {
    old.remove_others(directory, writer_);
    if (!old.has_top(directory_metadata(access_.top))) {
      writer_.add(directory, directory_metadata(access_.top));
    }
  }

  static FileMetadata directory_metadata(ByteView descriptor) {
    return {.attributes = attribute::kDirectory,
            .times = times_of(kEarliest),
            .security_descriptor = descriptor};
  }

  // The directories down to the package's. Those of the base are left as they are.
  void add_directories(const ImagePath& directory) {
    ImagePath at;
    for (const std::u16string& name : directory.names()) {
      at = std::move(at).child(name);
      if (!writer_.is_directory(at)) {
        writer_.add(at, directory_metadata(access_.top));
      }
    }
  }

  void add_part(const Container& container, std::size_t index, const ImagePath& directory,
                const std::optional<InstalledVersion>& old) {
    const Part part = container.parts().part(index);
    const ImagePath path = joined_paths(directory, part.name.path);
    progress_.begin(part.name.text);
    if (!part.name.is_directory) {
      if (!old || !is_in_base(container, index, part, *old)) {
        add_file(container, part, path, old && old->can_replace(index));
      }
      progress_.end();
      return;
    }
    const FileMetadata metadata = directory_metadata(access_.directory);
    if (!old || !old->has_directory(index, metadata)) {
      writer_.add(path, metadata);
    }
  }

  FileMetadata file_metadata(const Part& part) const {
    return {.attributes = attribute::kArchive,
            .times = times_of(part.entry->time),
            .security_descriptor = access_.file};
  }

  // A file that differs is read again by add_file().
  bool is_in_base(const Container& container, std::size_t index, const Part& part,
                  const InstalledVersion& old) {
    const std::uint64_t before = progress_.bytes_done();
    const bool is_equal =
        old.has_file(index, file_metadata(part), part.entry->size, [&](const HostDataSink& sink) {
          sink.begin(part.entry->size);
          read(container, part, [&](const SharedBytes& run) { sink.data(run.bytes); });
        });
    if (!is_equal) {
      progress_.set_bytes(before);
    }
    return is_equal;
  }

  // A file whose data and metadata are replaced keeps its record, and no directory changes.
  void add_file(const Container& container, const Part& part, const ImagePath& path,
                bool is_replaced) {
    if (is_replaced) {
      writer_.replace_metadata(path, file_metadata(part));
      writer_.replace_data(path, part.entry->size);
    } else {
      writer_.add(path, file_metadata(part), part.entry->size);
    }
    read(container, part, [&](const SharedBytes& run) { writer_.write(run.bytes, run.owner); });
  }

  // Bytes are reported as stored in the package.
  void read(const Container& container, const Part& part,
            const std::function<void(const SharedBytes&)>& sink) {
    const std::uint64_t before = progress_.bytes_done();
    const auto size = static_cast<double>(part.entry->size);
    const std::uint64_t packed_size =
        std::min(part.entry->packed_size, container.parts().archive()->bytes().size());
    std::uint64_t done = 0;
    container.read(part, [&](const SharedBytes& run) {
      sink(run);
      done += run.bytes.size();
      const double share = static_cast<double>(done) / size;
      progress_.set_bytes(before +
                          static_cast<std::uint64_t>(share * static_cast<double>(packed_size)));
    });
    progress_.set_bytes(before + packed_size);
  }

  const CreateOptions& options_;
  AccessControl access_;
  std::vector<InstalledPackage> installed_;
  std::optional<PackageBase> base_;  // if a package has a version in it
  ImageWriter writer_;
  CreateSummary summary_;
  CreationProgress progress_;
};

}  // namespace

std::vector<PlannedPackage> plan(std::span<const std::filesystem::path> packages,
                                 const CreateOptions& options) {
  std::vector<PlannedPackage> plans;
  for_each_package(packages, options, [&](const Package& /*package*/, PlannedPackage planned) {
    plans.push_back(std::move(planned));
  });
  return plans;
}

CreateSummary create_image(const std::filesystem::path& image,
                           std::span<const std::filesystem::path> packages,
                           const CreateOptions& options) {
  return Creation(image, options).run(packages);
}

PackageKind kind_of(const std::filesystem::path& file) {
  const std::string start = read_start(file);
  if (start.starts_with("EXPH") || start.starts_with("EXBH")) {
    return PackageKind::kEncrypted;
  }
  if (!start.starts_with("PK\x03\x04") && !start.starts_with("PK\x05\x06")) {
    return PackageKind::kNone;
  }
  try {
    const ZipArchive archive(std::make_shared<HostFileBytes>(file));
    return is_bundle(archive) ? PackageKind::kBundle : PackageKind::kPackage;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kIo) {
      throw;
    }
    return PackageKind::kPackage;  // a damaged one
  }
}

}  // namespace cim::appx
