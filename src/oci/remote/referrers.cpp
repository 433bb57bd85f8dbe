// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/referrers.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "oci/artifact_manifest.h"
#include "oci/remote/response_headers.h"
#include "oci/remote/upload.h"

namespace cim::oci {
namespace {

constexpr std::size_t kMostReferrerPages = 100;

bool lacks_api(unsigned status) {
  return status == 400 || status == 404 || status == 405 || status == 501;
}

std::vector<Descriptor> descriptors_in(const Response& response, const std::string& subject) {
  return parse_index(parse_json(response.body, subject), subject);
}

// Returns false if the registry does not have the API.
bool fetch_by_api(Session& session, const Digest& manifest, Referrers& referrers,
                  const std::stop_token& stop) {
  Url page = session.url("referrers/" + manifest.text(), stop)
                 .with_parameter("artifactType", std::string(kArtifactType));
  std::set<std::string> pages;
  while (pages.insert(page.text()).second && pages.size() <= kMostReferrerPages) {
    const Response response =
        session.fetch({.url = page, .headers = {fmt::format("Accept: {}", kManifestTypes[0])}},
                      kLargestDocument, stop);
    if (pages.size() == 1 && lacks_api(response.status)) {
      return false;
    }
    if (response.status != 200) {
      session.fail(response.status, response.body, "the list of referrers");
    }
    std::ranges::move(descriptors_in(response, session.subject()),
                      std::back_inserter(referrers.manifests));
    const auto link = next_link(response.link);
    const auto next = link ? page.resolve(*link) : std::nullopt;
    if (!next || !next->has_same_origin(page)) {
      return true;
    }
    page = *next;
  }
  throw Error(ErrorCode::kLimit, session.subject(), "the list of referrers has too many pages");
}

}  // namespace

Referrers fetch_referrers(Session& session, const Digest& manifest, const std::stop_token& stop) {
  Referrers referrers;
  referrers.has_api = fetch_by_api(session, manifest, referrers, stop);
  if (referrers.has_api) {
    return referrers;
  }
  Response response = request_manifest(session, referrers_tag(manifest), stop);
  if (response.status == 404) {
    return referrers;
  }
  if (response.status != 200) {
    session.fail(response.status, response.body, "the list of referrers");
  }
  referrers.manifests = descriptors_in(response, session.subject());
  referrers.tagged = std::move(response.body);
  return referrers;
}

void list_referrers(Session& session, const Digest& manifest,
                    const std::vector<Artifact>& artifacts, const std::stop_token& stop) {
  const Referrers known = fetch_referrers(session, manifest, stop);
  if (known.has_api) {
    return;
  }
  nlohmann::json manifests = nlohmann::json::array();
  for (const Descriptor& other : known.manifests) {
    if (!is_artifact_entry(other)) {
      manifests.push_back(nlohmann::json::parse(other.text));
    }
  }
  for (const Artifact& artifact : artifacts) {
    manifests.push_back(index_entry_of(artifact));
  }
  nlohmann::json index = nlohmann::json::object();
  index["schemaVersion"] = 2;
  index["mediaType"] = kManifestTypes[0];
  index["manifests"] = std::move(manifests);
  const std::string text = index.dump();
  const Descriptor descriptor{.media_type = std::string(kManifestTypes[0]),
                              .digest = Digest(Sha256::of(as_bytes(text))),
                              .size = text.size()};
  upload_manifest(session, descriptor, as_bytes(text), referrers_tag(manifest), stop);
}

}  // namespace cim::oci
