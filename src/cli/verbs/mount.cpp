// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/mount.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/verbs/verbs.h"

namespace cim::cli {

extern const Verb kMountVerb;

namespace {

struct Options {
  std::string image;
  std::string mount_point;
  std::vector<std::string> mount_options;
  bool foreground = false;
};

mount::Options mount_options(const Options& options) {
  mount::Options result;
  for (const std::string& text : options.mount_options) {
    result = mount::parse_options(text, result);
  }
  return result;
}

int run(const Options& options, Console& console) {
  const mount::Options parsed = mount_options(options);
  const std::string what = fmt::format("{} is mounted at {}", options.image, options.mount_point);
  if (!options.foreground) {
    mount::start(options.image, options.mount_point, parsed);
    console.explain(what);
    return kSuccess;
  }
  // The mount's threads have no other use for the console while this one waits in serve().
  mount::Events events;
  events.ready = [&] { console.explain(what); };
  mount::serve(options.image, options.mount_point, parsed, events, console.stop_on_interruption());
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image", options->image, Completes::kImages);
  parameters.required("MOUNTPOINT", "the directory at which it appears", options->mount_point,
                      Completes::kDirectories);
  parameters.flag("-f,--foreground", "stay, and unmount when interrupted", options->foreground);
  parameters.option("-o,--options", "OPTIONS", "options, parted by commas; see above",
                    &options->mount_options);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 4> kExamples = {{
    {"cim mount layers/7.cim /mnt", "shows the image at /mnt until `cim umount /mnt`"},
    {"cim mount -f layers/7.cim /mnt", "the same until Ctrl-C"},
    {"cim mount -o allow_other,umask=022 layers/7.cim /mnt", "lets all users read it"},
    {"cim mount -o streams_interface=windows layers/7.cim /mnt",
     "makes /mnt/FILE:STREAM a path to an alternate stream"},
}};

}  // namespace

constinit const Verb kMountVerb = {
    .name = "mount",
    .summary = "show an image as a directory of this system",
    .description =
        "Mounts an image read-only, through FUSE, and returns when it can be used; a process of "
        "its own serves it until it is unmounted. Root can do it, and every user who has "
        "fusermount3.\n\n"
        "Names are found without regard to case, as in Windows. Symbolic links and junctions are "
        "links; those that lead to C:\\ stay inside the mount: in a layer, C:\\ is the directory "
        "Files. Security descriptors, attributes, times, reparse data and extended attributes of "
        "NTFS are extended attributes with the names of ntfs-3g (system.ntfs_acl, "
        "system.ntfs_attrib, system.ntfs_times, system.ntfs_reparse_data, system.ntfs_ea), "
        "alternate streams are user.NAME.\n\n"
        "Options: allow_other (all users may use it), uid=N and gid=N (whom files belong to), "
        "umask=OCTAL, noexec, threads=N, and streams_interface=none, xattr (the default) or "
        "windows (streams also as FILE:NAME).",
    .examples = kExamples,
    .prepare = prepare,
};

}  // namespace cim::cli
