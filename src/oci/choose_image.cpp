// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Finds the one image that a caller means. The layout's index may list many manifests, indexes
// within indexes, and artifacts of other kinds; documents are read only where the index does
// not already rule them out, because a layout need not contain everything that its index lists.
#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/oci.h"

#include "base/printable.h"
#include "oci/layout.h"

namespace cim::oci {
namespace {

// An index inside an index is rare; deeper nesting is unknown.
constexpr int kDeepestIndex = 4;
constexpr std::size_t kMostIndexes = 100;
constexpr std::size_t kMostManifests = 10'000;
// The most candidates that a message lists.
constexpr std::size_t kMostNamed = 20;

constexpr std::string_view kWindows = "windows";

struct Candidate {
  Descriptor manifest;
  std::vector<std::string> names;
};

// Returns true if the choice does not name an image, or names this one in either form.
bool is_named(const Descriptor& descriptor, const std::string& name) {
  return name.empty() || descriptor.full_name == name || descriptor.reference == name;
}

/// Collects the manifests that the layout's index leads to and that the choice does not exclude by
/// name or digest, each once.
class CandidateSearch {
 public:
  CandidateSearch(const DocumentSource& source, const ImageChoice& wanted)
      : source_(source), wanted_(wanted) {}

  std::vector<Candidate> run() {
    for (const Descriptor& descriptor : source_.index()) {
      if (is_named(descriptor, wanted_.reference)) {
        const bool has_full_name = !descriptor.full_name.empty();
        take(descriptor, has_full_name ? descriptor.full_name : descriptor.reference,
             wanted_.digest.empty(), 0);
      }
    }
    return std::move(found_);
  }

 private:
  // The recursion is bounded, since the depth is limited. A digest selects a manifest, or
  // everything in an index.
  void take(const Descriptor& descriptor, const std::string& name, bool is_chosen, int depth) {
    const bool is_meant = descriptor.digest.text() == wanted_.digest;
    switch (kind_of(descriptor.media_type)) {
      case BlobKind::kManifest:
        if (is_meant || (is_chosen && !descriptor.is_artifact)) {
          add(descriptor, name);
        }
        break;
      case BlobKind::kIndex:
        if (depth == kDeepestIndex || ++indexes_ > kMostIndexes) {
          fail_limit("indexes");
        }
        for (const Descriptor& inner : source_.index(descriptor)) {
          take(inner, name, is_chosen || is_meant, depth + 1);
        }
        break;
      default:  // signatures and other things that a layout may contain besides images
        break;
    }
  }

  // A manifest that several names lead to is one candidate.
  void add(const Descriptor& manifest, const std::string& name) {
    const auto [known, is_new] = known_.emplace(manifest.digest.hex(), found_.size());
    if (is_new) {
      if (found_.size() == kMostManifests) {
        fail_limit("manifests");
      }
      found_.push_back({manifest, {}});
    }
    if (!name.empty()) {
      found_[known->second].names.push_back(name);
    }
  }

  [[noreturn]] void fail_limit(std::string_view what) const {
    throw Error(ErrorCode::kLimit, source_.name(),
                fmt::format("the {} has too many {}", source_.kind(), what));
  }

  const DocumentSource& source_;
  const ImageChoice& wanted_;
  std::vector<Candidate> found_;
  std::map<std::string, std::size_t> known_;  // places in found_, by digest
  std::size_t indexes_ = 0;
};

// Reduces the candidates to one, or fails with a message that lists what could be chosen.
class Choice {
 public:
  Choice(const DocumentSource& source, const ImageChoice& wanted)
      : source_(source), wanted_(wanted) {}

  Candidate run() {
    if (!wanted_.digest.empty() && !Digest::parse(wanted_.digest)) {
      throw Error(ErrorCode::kInvalidArgument, source_.name(),
                  fmt::format("{} is not a digest (sha256: with 64 hexadecimal digits)",
                              printable(wanted_.digest)));
    }
    std::vector<Candidate> all = CandidateSearch(source_, wanted_).run();
    if (all.empty()) {
      fail_not_found();
    }
    if (all.size() == 1 && !wanted_.platform) {
      return std::move(all.front());  // if it does not fit, a later check reports why
    }
    std::vector<Candidate> left;
    std::ranges::copy_if(all, std::back_inserter(left),
                         [this](const Candidate& candidate) { return fits(candidate); });
    if (left.size() != 1) {
      fail_ambiguous(left.empty() ? all : left, left.empty());
    }
    return std::move(left.front());
  }

 private:
  // Without a choice, any image for Windows fits.
  bool fits(const Platform& platform) const {
    return wanted_.platform ? wanted_.platform->matches(platform) : platform.os == kWindows;
  }

  // Candidates that the index excludes are not read: the layout need not contain them.
  bool fits(const Candidate& candidate) {
    const auto& stated = candidate.manifest.platform;
    if (stated && !fits(*stated)) {
      return false;
    }
    if (!source_.has_blob(candidate.manifest)) {
      absent_ = candidate.manifest;
      return false;
    }
    const auto platform = platform_of(candidate);
    return platform && fits(*platform);
  }

  // Returns nullopt if the candidate is not an image. If the index does not state an image's
  // platform, its configuration does.
  std::optional<Platform> platform_of(const Candidate& candidate) {
    const Descriptor& manifest = candidate.manifest;
    if (!source_.has_blob(manifest) || manifest.is_artifact) {
      return manifest.platform;
    }
    if (!source_.is_image(manifest)) {
      return std::nullopt;
    }
    if (manifest.platform) {
      return manifest.platform;
    }
    const Descriptor config = source_.manifest(manifest).config;
    const auto known = platforms_.find(config.digest.hex());
    if (known != platforms_.end()) {
      return known->second;
    }
    return platforms_.emplace(config.digest.hex(), source_.configuration(config).platform)
        .first->second;
  }

  [[noreturn]] void fail_not_found() const {
    const std::string& what = wanted_.digest.empty() ? wanted_.reference : wanted_.digest;
    throw Error(ErrorCode::kNotFound, source_.name(),
                what.empty()
                    ? fmt::format("the {} has no images", source_.kind())
                    : fmt::format("the {} has no image {}", source_.kind(), printable(what)));
  }

  // The digest at the end can be used to choose the candidate.
  std::string description_of(const Candidate& candidate) {
    const auto platform = platform_of(candidate);
    return fmt::format("{}{} {}",
                       candidate.names.empty() ? "" : printable(candidate.names.front()) + " ",
                       platform ? printable(platform->to_string()) : "(not an image)",
                       candidate.manifest.digest.text());
  }

  // Lists the candidates, so that the caller can choose one by its digest.
  [[noreturn]] void fail_ambiguous(const std::vector<Candidate>& candidates, bool none_fits) {
    if (none_fits && absent_) {
      source_.check_presence(*absent_);
    }
    std::string names;
    for (std::size_t i = 0; i < std::min(candidates.size(), kMostNamed); ++i) {
      names += (i == 0 ? "" : ", ") + description_of(candidates[i]);
    }
    if (candidates.size() > kMostNamed) {
      names += fmt::format(" and {} more", candidates.size() - kMostNamed);
    }
    throw Error(none_fits ? ErrorCode::kNotFound : ErrorCode::kInvalidArgument, source_.name(),
                none_fits ? fmt::format("the {} has no image for {}; it has {}", source_.kind(),
                                        wanted_.platform ? printable(wanted_.platform->to_string())
                                                         : std::string(kWindows),
                                        names)
                          : fmt::format("several images match; choose one, for example by its "
                                        "digest (…@sha256:…): {}",
                                        names));
  }

  const DocumentSource& source_;
  const ImageChoice& wanted_;
  std::optional<Descriptor> absent_;           // one that would fit, according to the index
  std::map<std::string, Platform> platforms_;  // by digest of the configuration
};

// An image for another system has layers of another kind, so this is checked before any is read.
void check_image(const std::string& subject, const Manifest& manifest,
                 const Configuration& configuration) {
  if (configuration.platform.os != kWindows) {
    throw Error(ErrorCode::kUnsupported, subject,
                fmt::format("the image is for {}; only images for Windows are supported",
                            printable(configuration.platform.to_string())));
  }
  if (manifest.layers.empty()) {
    throw Error(ErrorCode::kCorrupt, subject, "the image has no layers");
  }
  if (manifest.layers.size() != configuration.diff_ids.size()) {
    throw Error(ErrorCode::kCorrupt, subject,
                fmt::format("the image has {} layers, but its configuration lists {}",
                            manifest.layers.size(), configuration.diff_ids.size()));
  }
}

}  // namespace

ChosenImage choose_image(const DocumentSource& source, const ImageChoice& choice) {
  Candidate chosen = Choice(source, choice).run();
  Manifest manifest = source.manifest(chosen.manifest);
  const Configuration configuration = source.configuration(manifest.config);
  check_image(source.subject_of(chosen.manifest.digest), manifest, configuration);
  const std::vector<Digest> chain = chain_ids(configuration.diff_ids);
  // Made before the image: if a later initializer of an aggregate throws, g++ 12 destroys members
  // of a nested one twice.
  ImageDescription description;
  description.manifest = chosen.manifest.digest.text();
  description.platform = configuration.platform;
  Bytes manifest_bytes = source.document(chosen.manifest);
  Bytes config_bytes = source.document(manifest.config);
  ChosenImage image{.description = std::move(description),
                    .manifest = std::move(chosen.manifest),
                    .config = std::move(manifest.config),
                    .manifest_bytes = std::move(manifest_bytes),
                    .config_bytes = std::move(config_bytes),
                    .layers = std::move(manifest.layers),
                    .names = std::move(chosen.names)};
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    const Descriptor& layer = image.layers[i];
    image.description.layers.push_back({.media_type = layer.media_type,
                                        .digest = layer.digest.text(),
                                        .diff_id = configuration.diff_ids[i].text(),
                                        .chain_id = chain[i].text(),
                                        .size = layer.size});
  }
  return image;
}

ImageDescription find_image(const std::filesystem::path& layout, const ImageChoice& choice) {
  return choose_image(Layout(layout), choice).description;
}

// A colon must be followed by a version, and neither name may be empty.
std::optional<Platform> Platform::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view rest = text.substr(slash + 1);
  const std::size_t colon = rest.find(':');
  const bool has_version = colon != std::string_view::npos;
  Platform platform{.os = std::string(text.substr(0, slash)),
                    .architecture = std::string(rest.substr(0, colon)),
                    .os_version = std::string(has_version ? rest.substr(colon + 1) : "")};
  const bool is_whole = !platform.os.empty() && !platform.architecture.empty() &&
                        has_version != platform.os_version.empty() &&
                        rest.find('/') == std::string_view::npos;
  return is_whole ? std::optional(std::move(platform)) : std::nullopt;
}

bool Platform::matches(const Platform& other) const {
  if (os != other.os || architecture != other.architecture) {
    return false;
  }
  // "10.0.2" is not the beginning of "10.0.20348".
  return os_version.empty() || (other.os_version + ".").starts_with(os_version + ".");
}

std::string Platform::to_string() const {
  return os + "/" + architecture + (os_version.empty() ? "" : ":" + os_version);
}

}  // namespace cim::oci
