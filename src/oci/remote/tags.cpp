// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/remote.h"

#include "oci/documents.h"
#include "oci/remote/response_headers.h"
#include "oci/remote/session.h"

namespace cim::oci {
namespace {

constexpr std::size_t kMostTags = 100'000;
constexpr std::size_t kMostPages = 10'000;
// Registries return fewer if they like.
constexpr const char* kPageSize = "1000";

void take_tags(ByteView body, const std::string& subject, std::vector<std::string>& tags) {
  const nlohmann::json document = parse_json(body, subject);
  const auto list = document.is_object() ? document.find("tags") : document.end();
  if (list == document.end() || list->is_null()) {
    return;  // a repository without tags
  }
  if (!list->is_array()) {
    throw Error(ErrorCode::kCorrupt, subject, "the list of tags is not an array");
  }
  for (const nlohmann::json& tag : *list) {
    if (!tag.is_string()) {
      throw Error(ErrorCode::kCorrupt, subject, "the list of tags has an element of another type");
    }
    if (tags.size() == kMostTags) {
      throw Error(ErrorCode::kLimit, subject, fmt::format("more than {} tags", kMostTags));
    }
    tags.push_back(tag.get<std::string>());
  }
}

}  // namespace

std::vector<std::string> list_tags(const Reference& repository, const RemoteOptions& remote) {
  Session session(repository, Session::Access::kPull, remote);
  std::vector<std::string> tags;
  Url page = session.url("tags/list", remote.stop).with_parameter("n", kPageSize);
  std::set<std::string> pages;
  while (pages.insert(page.text()).second) {
    const Response response = session.fetch({.url = page}, kLargestDocument, remote.stop);
    if (response.status != 200) {
      session.fail(response.status, response.body, "the list of tags");
    }
    if (pages.size() > kMostPages) {
      throw Error(ErrorCode::kLimit, session.subject(),
                  fmt::format("the list of tags has more than {} pages", kMostPages));
    }
    take_tags(response.body, session.subject(), tags);
    const auto link = next_link(response.link);
    if (!link) {
      return tags;
    }
    const auto next = page.resolve(*link);
    if (!next || !next->has_same_origin(page)) {
      throw Error(ErrorCode::kCorrupt, session.subject(),
                  "the list of tags continues at another host or at no valid URL");
    }
    page = *next;
  }
  throw Error(ErrorCode::kCorrupt, session.subject(), "the list of tags leads back to itself");
}

}  // namespace cim::oci
