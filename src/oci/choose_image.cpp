// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "oci/layout.h"
#include "tar/printable.h"

namespace cim::oci {
namespace {

using tar::printable;

// An index of indexes is rare, one more level unheard of.
constexpr int kDeepestIndex = 4;
constexpr std::size_t kMostIndexes = 100;
constexpr std::size_t kMostManifests = 10'000;
// In a message.
constexpr std::size_t kMostNamed = 20;

constexpr std::string_view kWindows = "windows";

struct Candidate {
  Descriptor manifest;
  std::string reference;
};

/// All manifests that the layout's index leads to, each once.
class CandidateSearch {
 public:
  explicit CandidateSearch(const Layout& layout) : layout_(layout) {}

  std::vector<Candidate> run(const std::string& reference) {
    for (const Descriptor& descriptor : layout_.index()) {
      if (reference.empty() || descriptor.reference == reference) {
        take(descriptor, descriptor.reference, 0);
      }
    }
    return std::move(found_);
  }

 private:
  // The depth is limited, so recursion is.
  void take(const Descriptor& descriptor, const std::string& reference, int depth) {
    switch (kind_of(descriptor.media_type)) {
      case BlobKind::kManifest:
        add(descriptor, reference);
        break;
      case BlobKind::kIndex:
        if (depth == kDeepestIndex || ++indexes_ > kMostIndexes) {
          fail_limit("indexes");
        }
        for (const Descriptor& inner : layout_.index(descriptor)) {
          take(inner, reference, depth + 1);
        }
        break;
      default:  // signatures and other things that a layout may hold beside images
        break;
    }
  }

  void add(const Descriptor& manifest, const std::string& reference) {
    const bool known = std::ranges::any_of(found_, [&](const Candidate& candidate) {
      return candidate.manifest.digest == manifest.digest;
    });
    if (known) {
      return;
    }
    if (found_.size() == kMostManifests) {
      fail_limit("manifests");
    }
    found_.push_back({manifest, reference});
  }

  [[noreturn]] void fail_limit(std::string_view what) const {
    throw Error(ErrorCode::kLimit, layout_.directory().string(),
                fmt::format("the layout has too many {}", what));
  }

  const Layout& layout_;
  std::vector<Candidate> found_;
  std::size_t indexes_ = 0;
};

class Choice {
 public:
  Choice(const Layout& layout, const ImageChoice& wanted) : layout_(layout), wanted_(wanted) {}

  Descriptor run() {
    const std::vector<Candidate> all = CandidateSearch(layout_).run(wanted_.reference);
    if (all.empty()) {
      fail_not_found();
    }
    std::vector<Candidate> left = all;
    if (wanted_.platform) {
      keep(left, [&](const Platform& platform) { return wanted_.platform->matches(platform); });
    } else if (left.size() > 1) {
      keep(left, [](const Platform& platform) { return platform.os == kWindows; });
    }
    if (left.size() != 1) {
      fail_ambiguous(left.empty() ? all : left, left.empty());
    }
    return std::move(left.front().manifest);
  }

 private:
  // An index need not say what its images are for; then they do so themselves.
  Platform platform_of(const Candidate& candidate) const {
    if (candidate.manifest.platform) {
      return *candidate.manifest.platform;
    }
    return layout_.configuration(layout_.manifest(candidate.manifest).config).platform;
  }

  template <typename Predicate>
  void keep(std::vector<Candidate>& candidates, Predicate&& predicate) const {
    std::erase_if(candidates,
                  [&](const Candidate& candidate) { return !predicate(platform_of(candidate)); });
  }

  [[noreturn]] void fail_not_found() const {
    throw Error(ErrorCode::kNotFound, layout_.directory().string(),
                wanted_.reference.empty() ? "there is no image in the layout"
                                          : fmt::format("there is no image {} in the layout",
                                                        printable(wanted_.reference)));
  }

  [[noreturn]] void fail_ambiguous(const std::vector<Candidate>& candidates, bool none_fits) const {
    std::string names;
    for (std::size_t i = 0; i < std::min(candidates.size(), kMostNamed); ++i) {
      const Candidate& candidate = candidates[i];
      names += fmt::format("{}{}{}", i == 0 ? "" : ", ",
                           candidate.reference.empty() ? "" : printable(candidate.reference) + " ",
                           printable(platform_of(candidate).to_string()));
    }
    if (candidates.size() > kMostNamed) {
      names += ", …";
    }
    throw Error(none_fits ? ErrorCode::kNotFound : ErrorCode::kInvalidArgument,
                layout_.directory().string(),
                none_fits ? fmt::format("no image is for {}; there are {}",
                                        wanted_.platform ? printable(wanted_.platform->to_string())
                                                         : std::string(kWindows),
                                        names)
                          : fmt::format("several images fit, and one must be chosen: {}", names));
  }

  const Layout& layout_;
  const ImageChoice& wanted_;
};

void check_image(const std::string& subject, const Manifest& manifest,
                 const Configuration& configuration) {
  if (configuration.platform.os != kWindows) {
    throw Error(ErrorCode::kUnsupported, subject,
                fmt::format("the image is for {}, and only those for Windows have layers like this",
                            printable(configuration.platform.to_string())));
  }
  if (manifest.layers.empty()) {
    throw Error(ErrorCode::kCorrupt, subject, "the image has no layers");
  }
  if (manifest.layers.size() != configuration.diff_ids.size()) {
    throw Error(ErrorCode::kCorrupt, subject,
                fmt::format("the image has {} layers, and its configuration {}",
                            manifest.layers.size(), configuration.diff_ids.size()));
  }
}

}  // namespace

ChosenImage choose_image(const Layout& layout, const ImageChoice& choice) {
  const Descriptor chosen = Choice(layout, choice).run();
  Manifest manifest = layout.manifest(chosen);
  const Configuration configuration = layout.configuration(manifest.config);
  check_image(layout.blob(chosen.digest).string(), manifest, configuration);
  const std::vector<Digest> chain = chain_ids(configuration.diff_ids);
  ChosenImage image{.description = {.manifest = chosen.digest.text(),
                                    .platform = configuration.platform,
                                    .layers = {}},
                    .layers = std::move(manifest.layers)};
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

}  // namespace cim::oci
