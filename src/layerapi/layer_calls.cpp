// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The functions of layers.h.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/host_path.h"
#include "cimlib/layer.h"
#include "cimlib/layer_chain.h"
#include "cimlib/layer_mount.h"
#include "cimlib/layers.h"

#include "capi/result.h"
#include "layerapi/utf8_arguments.h"

namespace cim::capi {
namespace {

using layer::LayerPaths;
using std::filesystem::path;

// An image needs the region files of its ancestors, and the format has room for fewer.
constexpr UINT32 kMaxParents = 65535;

LayerPaths paths_of(const CIMLIB_LAYER* layer) {
  if (layer == nullptr) {
    fail(E_INVALIDARG);
  }
  return {path_of(layer->Directory), layer->Image == nullptr ? path() : path_of(layer->Image)};
}

template <typename Item, typename Convert>
auto items_of(const Item* items, UINT32 count, Convert&& convert) {
  if (count > kMaxParents || (count != 0 && items == nullptr)) {
    fail(E_INVALIDARG);
  }
  std::vector<decltype(convert(*items))> converted;
  for (UINT32 i = 0; i < count; ++i) {
    converted.push_back(convert(items[i]));
  }
  return converted;
}

// There is one version of each structure so far.
template <typename Struct>
void require_size(const Struct& object) {
  if (object.StructSize != sizeof(Struct)) {
    fail(E_INVALIDARG);
  }
}

/// Checks a pointer to a structure that receives a result, and clears the structure but for its
/// size.
template <typename Struct>
Struct& out_struct(Struct* object) {
  if (object == nullptr) {
    fail(E_POINTER);
  }
  require_size(*object);
  *object = Struct{};
  object->StructSize = sizeof(Struct);
  return *object;
}

std::string text_of(const path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

ByteSource source_of(CIMLIB_READ read, void* context) {
  if (read == nullptr) {
    fail(E_POINTER);
  }
  return ByteSource::callback(
      [read, context](std::span<std::byte> into, const std::stop_token& /*stop*/) {
        const INT64 count = read(context, into.data(), into.size());
        if (count < 0) {
          const auto result = static_cast<HRESULT>(count);
          fail(result < 0 ? result : E_UNEXPECTED);
        }
        if (static_cast<std::uint64_t>(count) > into.size()) {
          fail(E_INVALIDARG);
        }
        return static_cast<std::size_t>(count);
      });
}

void apply_flags(UINT32 flags, layer::ImportOptions& options) {
  constexpr UINT32 kKnown =
      CIMLIB_IMPORT_PLAIN_EXECUTABLES | CIMLIB_IMPORT_REPRODUCIBLE | CIMLIB_IMPORT_ZERO_TIMES;
  if ((flags & ~kKnown) != 0) {
    fail(E_INVALIDARG);
  }
  options.writer.reproducible = (flags & CIMLIB_IMPORT_REPRODUCIBLE) != 0;
  if ((flags & CIMLIB_IMPORT_PLAIN_EXECUTABLES) != 0) {
    options.writer.pe_expansion = PeExpansion::kPlain;
  }
  if ((flags & CIMLIB_IMPORT_ZERO_TIMES) != 0) {
    options.made_times = layer::MadeTimes::kZero;
  }
}

layer::ImportOptions options_of(const CIMLIB_IMPORT_OPTIONS* given) {
  layer::ImportOptions options;
  if (given == nullptr) {
    return options;
  }
  require_size(*given);
  if (given->Reserved != 0) {
    fail(E_INVALIDARG);
  }
  apply_flags(given->Flags, options);
  if (given->DiffId != nullptr) {
    options.diff_id = utf8_of(given->DiffId);
  }
  options.limits.size = given->MaxSize != 0 ? given->MaxSize : options.limits.size;
  options.limits.entries = given->MaxEntries != 0 ? given->MaxEntries : options.limits.entries;
  options.writer.lock_timeout = std::chrono::seconds(given->TimeoutSeconds);
  if (given->Warning != nullptr) {
    options.warning = [call = given->Warning, context = given->WarningContext](
                          const std::string& text) { call(context, text.c_str()); };
  }
  return options;
}

void fill(const layer::ImportResult& from, CIMLIB_IMPORT_RESULT& result) {
  result.TarSize = from.tar_size;
  result.Entries = from.entries;
  result.FileBytes = from.size;
  result.StoredBytes = from.image.stored_bytes;
  result.DeduplicatedBytes = from.image.deduplicated_bytes;
  copy_utf8(from.diff_id, static_cast<char*>(result.DiffId), sizeof result.DiffId, nullptr);
}

/// Runs `remove`, which returns whether there was anything to remove.
template <typename Remove>
HRESULT removal(UINT32* removed, Remove&& remove) {
  return guarded([&] {
    if (removed != nullptr) {
      *removed = 0;
    }
    const bool was_there = remove();
    if (removed != nullptr) {
      *removed = was_there ? 1 : 0;
    }
  });
}

// Mounts are started one at a time, since each forks.
std::mutex& mounting() {
  static std::mutex mutex;
  return mutex;
}

// The mount point is known only after mounting, so a buffer that is too small undoes the mount.
void mount_layer(const LayerPaths& layer, std::string_view container, char* buffer,
                 std::size_t size, std::size_t* length) {
  const path image = layer.image_path();
  const std::scoped_lock lock(mounting());
  const path mount_point = layer::mount(image, container);
  try {
    copy_utf8(text_of(mount_point), buffer, size, length);
  } catch (...) {
    layer::unmount(image, container);
    throw;
  }
}

}  // namespace
}  // namespace cim::capi

// NOLINTBEGIN(readability-identifier-naming): the names of cimfs.h.
using namespace cim;
using namespace cim::capi;

HRESULT WINAPI CimlibImportLayer(CIMLIB_READ read, void* context, const CIMLIB_LAYER* layer,
                                 const CIMLIB_LAYER* parents, UINT32 parentCount,
                                 const CIMLIB_IMPORT_OPTIONS* options,
                                 CIMLIB_IMPORT_RESULT* result) {
  return guarded([&] {
    if (result != nullptr) {
      out_struct(result);
    }
    layer::ImportOptions how = options_of(options);
    how.computes_diff_id = result != nullptr;
    const auto below = items_of(parents, parentCount,
                                [](const CIMLIB_LAYER& parent) { return paths_of(&parent); });
    const auto imported = layer::import_tar(source_of(read, context), paths_of(layer), below, how);
    if (result != nullptr) {
      fill(imported, *result);
    }
  });
}

HRESULT WINAPI CimlibDestroyLayer(const CIMLIB_LAYER* layer, UINT32 timeoutSeconds,
                                  UINT32* removed) {
  return removal(removed, [&] {
    return layer::destroy(paths_of(layer), std::chrono::seconds(timeoutSeconds));
  });
}

HRESULT WINAPI CimlibDestroyImage(const char* image, UINT32 timeoutSeconds, UINT32* removed) {
  return removal(removed, [&] {
    return layer::destroy_image(path_of(image), std::chrono::seconds(timeoutSeconds));
  });
}

HRESULT WINAPI CimlibGetLayerUsage(const CIMLIB_LAYER* layer, CIMLIB_LAYER_USAGE* usage) {
  return guarded([&] {
    CIMLIB_LAYER_USAGE& out = out_struct(usage);
    const layer::Usage found = layer::usage(paths_of(layer));
    out.Size = found.size;
    out.Inodes = found.inodes;
    out.SharedSize = found.shared_size;
    out.SharedInodes = found.shared_inodes;
  });
}

HRESULT WINAPI CimlibMountLayer(const CIMLIB_LAYER* layer, const char* containerId,
                                char* mountPoint, size_t bufferSize, size_t* length) {
  return guarded([&] {
    if (length != nullptr) {
      *length = 0;
    }
    if (mountPoint == nullptr) {
      fail(E_POINTER);
    }
    mount_layer(paths_of(layer), utf8_of(containerId), mountPoint, bufferSize, length);
  });
}

HRESULT WINAPI CimlibUnmountLayer(const CIMLIB_LAYER* layer, const char* containerId) {
  return guarded([&] { layer::unmount(paths_of(layer).image_path(), utf8_of(containerId)); });
}

HRESULT WINAPI CimlibWriteLayerChain(const CIMLIB_LAYER* layer, const char* const* parents,
                                     UINT32 parentCount) {
  return guarded([&] {
    const auto paths = items_of(parents, parentCount, path_of);
    layer::write_layer_chain(paths_of(layer), paths);
  });
}

HRESULT WINAPI CimlibReadLayerChain(const char* directory, char* buffer, size_t bufferSize,
                                    size_t* length, UINT32* count) {
  return guarded([&] {
    out_param(length);
    UINT32& number = out_param(count);
    const auto chain = layer::read_layer_chain(path_of(directory));
    if (!chain) {
      fail(from_win32(ERROR_FILE_NOT_FOUND));
    }
    std::string bytes;
    for (const path& parent : *chain) {
      bytes += text_of(parent) + '\0';
    }
    number = static_cast<UINT32>(chain->size());
    copy_all(bytes, 0, buffer, bufferSize, length);
  });
}

HRESULT WINAPI CimlibGetErrorTextUtf8(char* buffer, size_t bufferSize, size_t* length) {
  return keeping_error_text([&](const std::string& text) {
    out_param(length);
    copy_utf8(text, buffer, bufferSize, length);
  });
}
// NOLINTEND(readability-identifier-naming)
