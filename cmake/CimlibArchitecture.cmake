# The folders of src/, from the bottom up, and the dependencies between them: a folder may include
# the folders named after it and everything below those. The targets are linked accordingly,
# tests/architecture compares every #include with this table, and docs/architecture.md shows it.
#
# A folder without a line of its own stands for all of its sub-folders.
set(CIMLIB_ARCHITECTURE
  "base:"
  "os: base"
  "async: os"
  "deflate: base"
  "ntfs: base"
  "format: base"
  "image/read: format ntfs os"
  "image/write: image/read async"
  "image/check: image/read"
  "image/diff: image/read"
  "image/gc: image/read async"
  "image/find: image/read"
  "image/host: image/read image/write"
  "appx: image ntfs os async deflate"
  "wim: image ntfs os"
  "tar: ntfs os async deflate"
  "registry/format: os"
  "registry/read: registry/format async"
  "registry/diff: registry/read"
  "registry/text: registry/read ntfs"
  "registry/write: registry/format"
  "registry/edit: registry/read registry/write"
  "bcd: registry"
  "mount/base: image"
  "mount/overlay: mount/base"
  "mount/fuse: mount/base"
  "mount/erofs: mount/base"
  "mount: mount/overlay mount/fuse mount/erofs"
  "capi: image mount"
  "offreg: registry ntfs"
  "layer: image tar registry bcd mount/base"
  "layer/commit: layer"
  "layerapi: capi layer mount"
  "oci/artifact: layer"
  "oci: oci/artifact"
  "oci/remote: oci"
  "store: oci"
  "report: store"
  "cli:")

# cimlib_used_folders(RESULT folder): the folders named in its line, expanded to sub-folders.
function(cimlib_used_folders result folder)
  set(used "")
  foreach(line IN LISTS CIMLIB_ARCHITECTURE)
    if(line MATCHES "^${folder}:(.*)$")
      string(REPLACE " " ";" names "${CMAKE_MATCH_1}")
      foreach(name IN LISTS names)
        if(name)
          cimlib_expand_folder(expanded ${name})
          list(REMOVE_ITEM expanded ${folder})  # a folder above the rest of its parent
          list(APPEND used ${expanded})
        endif()
      endforeach()
    endif()
  endforeach()
  set(${result} "${used}" PARENT_SCOPE)
endfunction()

# cimlib_expand_folder(RESULT folder): the folder itself, or its sub-folders if it has any.
function(cimlib_expand_folder result folder)
  set(expanded "")
  foreach(line IN LISTS CIMLIB_ARCHITECTURE)
    if(line MATCHES "^(${folder}(/[a-z]+)?):")
      list(APPEND expanded ${CMAKE_MATCH_1})
    endif()
  endforeach()
  set(${result} "${expanded}" PARENT_SCOPE)
endfunction()

# cimlib_folders_with_all_below(RESULT folder...): these folders and all their dependencies.
function(cimlib_folders_with_all_below result)
  set(found "")
  set(open "")
  foreach(folder IN LISTS ARGN)
    cimlib_expand_folder(expanded ${folder})
    list(APPEND open ${expanded})
  endforeach()
  while(open)
    list(POP_FRONT open folder)
    if(NOT folder IN_LIST found)
      list(APPEND found ${folder})
      cimlib_used_folders(used ${folder})
      list(APPEND open ${used})
    endif()
  endwhile()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# cimlib_folder_target(RESULT folder): the name of its target, such as cimlib_image_read.
function(cimlib_folder_target result folder)
  string(REPLACE "/" "_" name ${folder})
  set(${result} cimlib_${name} PARENT_SCOPE)
endfunction()
