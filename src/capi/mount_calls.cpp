// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The functions that mount images.
#include <filesystem>

#include "cimlib/cimfs.h"

#include "capi/arguments.h"
#include "capi/result.h"
#include "capi/volumes.h"

namespace cim::capi {
namespace {

constexpr UINT32 kMaxMergedImages = 1024;

void require_hash(UINT16 size, const void* hash) {
  if (size == 0) {
    fail(E_INVALIDARG);
  }
  if (hash == nullptr) {
    fail(E_POINTER);
  }
}

void require_images(UINT32 count, const CIMFS_IMAGE_PATH* images) {
  if (images == nullptr || count == 0 || count > kMaxMergedImages) {
    fail(E_INVALIDARG);
  }
  for (UINT32 i = 0; i < count; ++i) {
    existing_image(images[i].ImageContainingPath, images[i].ImageName);
  }
}

// Calls the function of that name of the system's own cimfs.dll, with the type of `own`. If it
// does not exist, checks the arguments and reports that this is not supported.
template <typename Function, typename Check, typename... Arguments>
HRESULT pass_to_system(Function* own, const char* name, Check&& check, Arguments... arguments) {
  if (const auto function = reinterpret_cast<decltype(own)>(system_function(name))) {
    return function(arguments...);
  }
  return guarded([&] {
    check();
    fail(from_win32(ERROR_NOT_SUPPORTED));
  });
}

}  // namespace

void check_mount_flags(CIM_MOUNT_IMAGE_FLAGS flags) {
  constexpr unsigned kForOtherImages =
      CIM_MOUNT_BLOCK_DEVICE | CIM_MOUNT_SINGLE_FILE | CIM_MOUNT_VERIFIED;
  constexpr unsigned kKnown = CIM_MOUNT_CHILD_ONLY | CIM_MOUNT_ENABLE_DAX | CIM_MOUNT_CACHE_FILES |
                              CIM_MOUNT_CACHE_REGIONS | kForOtherImages;
  if ((static_cast<unsigned>(flags) & ~kKnown) != 0) {
    fail(E_INVALIDARG);
  }
}

bool is_supported(CIM_MOUNT_IMAGE_FLAGS flags) noexcept {
  constexpr unsigned kHints =
      CIM_MOUNT_ENABLE_DAX | CIM_MOUNT_CACHE_FILES | CIM_MOUNT_CACHE_REGIONS;
  return (static_cast<unsigned>(flags) & ~kHints) == 0;
}

}  // namespace cim::capi

// NOLINTBEGIN(readability-identifier-naming): the names of Windows.
using namespace cim::capi;

HRESULT WINAPI CimMountImage(PCWSTR imageContainingPath, PCWSTR imageName,
                             CIM_MOUNT_IMAGE_FLAGS mountImageFlags, const GUID* volumeId) {
  return mount_volume(imageContainingPath, imageName, mountImageFlags, volumeId);
}

HRESULT WINAPI CimDismountImage(const GUID* volumeId) {
  return dismount_volume(volumeId);
}

HRESULT WINAPI CimMergeMountImage(UINT32 imageCount, const CIMFS_IMAGE_PATH* images,
                                  CIM_MOUNT_IMAGE_FLAGS mountImageFlags, const GUID* volumeId) {
  const auto check = [&] {
    check_mount_flags(mountImageFlags);
    guid_of(volumeId);
    require_images(imageCount, images);
  };
  return pass_to_system(&CimMergeMountImage, "CimMergeMountImage", check, imageCount, images,
                        mountImageFlags, volumeId);
}

HRESULT WINAPI CimMountVerifiedImage(PCWSTR imageContainingPath, PCWSTR imageName,
                                     CIM_MOUNT_IMAGE_FLAGS mountImageFlags, const GUID* volumeId,
                                     UINT16 hashSize, const void* hash) {
  const auto check = [&] {
    check_mount_flags(mountImageFlags);
    guid_of(volumeId);
    require_hash(hashSize, hash);
    existing_image(imageContainingPath, imageName);
  };
  return pass_to_system(&CimMountVerifiedImage, "CimMountVerifiedImage", check, imageContainingPath,
                        imageName, mountImageFlags, volumeId, hashSize, hash);
}

HRESULT WINAPI CimMergeMountVerifiedImage(UINT32 imageCount, const CIMFS_IMAGE_PATH* images,
                                          CIM_MOUNT_IMAGE_FLAGS mountImageFlags,
                                          const GUID* volumeId, UINT16 hashSize, const void* hash) {
  const auto check = [&] {
    check_mount_flags(mountImageFlags);
    guid_of(volumeId);
    require_hash(hashSize, hash);
    require_images(imageCount, images);
  };
  return pass_to_system(&CimMergeMountVerifiedImage, "CimMergeMountVerifiedImage", check,
                        imageCount, images, mountImageFlags, volumeId, hashSize, hash);
}

HRESULT WINAPI CimConvertBlockImage(PCWSTR imageContainingPath, PCWSTR imageName,
                                    PCWSTR newImageContainingPath) {
  const auto check = [&] {
    text_of(newImageContainingPath);
    existing_image(imageContainingPath, imageName);
  };
  return pass_to_system(&CimConvertBlockImage, "CimConvertBlockImage", check, imageContainingPath,
                        imageName, newImageContainingPath);
}

HRESULT WINAPI CimlibGetVolumePath(const GUID* volumeId, WCHAR* buffer, UINT32 bufferUnits,
                                   UINT32* length) {
  return guarded([&] { copy_text(volume_path(volumeId), buffer, bufferUnits, out_param(length)); });
}
// NOLINTEND(readability-identifier-naming)
