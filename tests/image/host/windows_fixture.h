// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Images made from directories and extracted to directories, as Windows has them.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "cimlib/check.h"
#include "cimlib/create.h"
#include "cimlib/extract.h"
#include "cimlib/wtf8.h"

#include "image/sample_image.h"
#include "os/native_windows.h"
#include "temporary_directory.h"

namespace cim::test {

namespace fs = std::filesystem;

inline std::string content(const fs::path& file) {
  std::ifstream stream(fs::path(native_path(file)), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline FILE_BASIC_INFO basic_info(const fs::path& path) {
  HANDLE const file =
      ::CreateFileW(native_path(path).c_str(), FILE_READ_ATTRIBUTES,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
  FILE_BASIC_INFO info{};
  EXPECT_NE(::GetFileInformationByHandleEx(file, FileBasicInfo, &info, sizeof info), 0) << path;
  ::CloseHandle(file);
  return info;
}

inline std::set<std::string> names_in(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::wstring name = entry.path().filename().wstring();
    names.insert(to_wtf8(std::u16string(name.begin(), name.end())));
  }
  return names;
}

/// A directory to create an image from, the image, and a directory to extract it to.
class WindowsHost : public testing::Test {
 protected:
  WindowsHost() {
    fs::create_directory(from_);
    fs::create_directory(image_.parent_path());
  }

  void make_file(const fs::path& name, std::string_view text) const {
    std::ofstream(fs::path(native_path(from_ / name)), std::ios::binary) << text;
  }
  CreateSummary create(CreateOptions options = {}) {
    options.warning = [this](const std::string& text) { warnings_.push_back(text); };
    const CreateSummary summary = create_image(image_, from_, options);
    for (const Finding& finding : check(image_, {.depth = CheckDepth::kDeep}).findings) {
      EXPECT_EQ(finding.kind->id, "objects-orphaned");  // the descriptor of a root without metadata
    }
    return summary;
  }
  ExtractSummary run(std::string_view from = "") {
    ExtractOptions options;
    options.warning = [this](const std::string& text) { warnings_.push_back(text); };
    return extract(Image(image_), path(from), out_, options);
  }
  template <typename Fill>
  void write_image(const Fill& fill) {
    ImageWriter writer(image_, sample_options());
    fill(writer);
    writer.commit();
  }
  FileInfo info(std::string_view name) const {
    const Image image(image_);
    return image.info(image.find(path(name)).value());
  }
  std::string text_of(std::string_view name, std::u16string_view stream = {}) const {
    const Image image(image_);
    const FileId id = image.find(path(name)).value();
    const Stream opened = stream.empty() ? image.open(id) : image.open_stream(id, stream).value();
    return std::string(as_text(opened.read_all(std::size_t{1} << 24)));
  }

  TemporaryDirectory directory_;
  fs::path from_ = directory_.path() / "from";
  fs::path image_ = directory_.path() / "images" / "image.cim";
  fs::path out_ = directory_.path() / "out";
  std::vector<std::string> warnings_;
};

}  // namespace cim::test
