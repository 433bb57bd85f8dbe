// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// References that the interface returns do not outlive the object it is a part of: calls on
// temporary objects return a value or do not compile.
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/image.h"
#include "cimlib/image_path.h"

#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

template <typename T>
concept HasPath = requires(T image) {
  std::forward<T>(image).path();
};
template <typename T>
concept HasRegionSets = requires(T image) {
  std::forward<T>(image).region_sets();
};
template <typename T>
concept HasRegions = requires(T image) {
  std::forward<T>(image).regions();
};
template <typename T>
concept HasDescriptors = requires(T image) {
  std::forward<T>(image).region_descriptor(0);
};
template <typename T>
concept HasSubject = requires(T error) {
  std::forward<T>(error).subject();
};
template <typename T>
concept HasReason = requires(T error) {
  std::forward<T>(error).reason();
};

static_assert(HasPath<Image&> && HasPath<const Image&>);
static_assert(!HasPath<Image&&> && !HasPath<const Image&&>);
static_assert(HasRegionSets<const Image&> && !HasRegionSets<Image&&>);
static_assert(HasRegions<const Image&> && !HasRegions<Image&&>);
static_assert(HasDescriptors<const Image&> && !HasDescriptors<Image&&>);
static_assert(HasSubject<const Error&> && !HasSubject<Error&&>);
static_assert(HasReason<const Error&> && !HasReason<Error&&>);

template <typename T>
constexpr bool kIsValue = !std::is_reference_v<T>;

static_assert(kIsValue<decltype(std::declval<Stream>().extents())>);
static_assert(kIsValue<decltype(std::declval<ImagePath>().names())>);
static_assert(std::is_same_v<decltype(std::declval<ImagePath>().name()), std::u16string>);

TEST(Lifetimes, PartsOfATemporaryPathAreItsOwn) {
  std::u16string joined;
  for (const std::u16string& name : ImagePath::parse("a/b").names()) {
    joined += name;
  }
  EXPECT_EQ(joined, u"ab");
  const auto name = ImagePath::parse("a/a name that is too long for the object itself").name();
  EXPECT_EQ(name, u"a name that is too long for the object itself");
}

TEST(Lifetimes, StreamsKeepTheirImage) {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "x.cim";
  test::write_sample_image(file);
  const Stream stream = Image(file).open(test::path("Files/page.bin"));
  EXPECT_EQ(stream.read_all(5000), test::pattern(5000));
  const StreamList list = [&] {
    const Image image(file);
    return image.stream_list(image.find(test::path("Files/small.txt")).value());
  }();
  EXPECT_EQ(list.size(), 2U);
  EXPECT_EQ(list.open(0).size(), list.info(0).size);
}

}  // namespace
}  // namespace cim
