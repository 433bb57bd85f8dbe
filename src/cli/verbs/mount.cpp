// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/mount.h"

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/layer_mount.h"

#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verbs/verbs.h"

namespace cim::cli {

extern const Verb kMountVerb;

namespace {

struct Options {
  std::string image;
  std::optional<std::string> mount_point;
  std::optional<std::string> container;
  std::optional<std::string> upper;
  std::vector<std::string> mount_options;
  bool foreground = false;
};

mount::Options mount_options(const Options& options) {
  mount::Options result;
  for (const std::string& text : options.mount_options) {
    result = mount::parse_options(text, result);
  }
  if (options.upper) {
    result.upper = *options.upper;
  }
  return result;
}

void check_usage(const Options& options) {
  if (options.mount_point.has_value() == options.container.has_value()) {
    throw UsageError{"mount: either MOUNTPOINT or --container says where"};
  }
  if (options.container && options.foreground) {
    throw UsageError{"mount: --foreground cannot be had with --container"};
  }
}

void tell(const Options& options, const std::filesystem::path& mount_point, Console& console) {
  if (console.json()) {
    Json answer = {{"image", options.image}, {"mount_point", mount_point.string()}};
    if (options.container) {
      answer["volume"] = layer::volume_id(*options.container).to_string();
    }
    print_json(console, answer);
  } else if (options.container) {
    console.print("{}\n", shown(mount_point.string(), console.output_terminal()));
  }
  console.explain(fmt::format("{} is mounted at {}", options.image, mount_point.string()));
}

void serve(const Options& options, const mount::Options& parsed, Console& console) {
  // The mount's threads have no other use for the console while this one waits in serve().
  mount::Events events;
  events.ready = [&] {
    tell(options, *options.mount_point, console);
    console.flush();
  };
  mount::serve(options.image, *options.mount_point, parsed, events, console.stop_on_interruption());
}

int run(const Options& options, Console& console) {
  check_usage(options);
  const mount::Options parsed = mount_options(options);
  if (options.foreground) {
    serve(options, parsed, console);
  } else if (options.container) {
    tell(options, layer::mount(options.image, *options.container, parsed), console);
  } else {
    mount::start(options.image, *options.mount_point, parsed);
    tell(options, *options.mount_point, console);
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image", options->image, Completes::kImages);
  parameters.optional("MOUNTPOINT", "the directory at which it appears", options->mount_point,
                      Completes::kDirectories);
  parameters.option("-c,--container", "ID",
                    "mount it for this container, at a place of its own that is written out",
                    &options->container);
  parameters.option("-w,--writable", "DIR",
                    "make it writable; what is written is kept in this directory", &options->upper,
                    Completes::kDirectories);
  parameters.flag("-f,--foreground", "stay, and unmount when interrupted", options->foreground);
  parameters.option("-o,--options", "OPTIONS", "options, parted by commas; see above",
                    &options->mount_options);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 6> kExamples = {{
    {"cim mount layers/7.cim /mnt", "shows the image at /mnt until `cim umount /mnt`"},
    {"cim mount -f layers/7.cim /mnt", "the same until Ctrl-C"},
    {"cim mount --container web-1 layers/7.cim",
     "mounts it for a container and writes where, until `cim cleanup web-1`"},
    {"cim mount --writable scratch layers/7.cim /mnt",
     "lets root change what is at /mnt; the image stays as it is, the changes go to scratch"},
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
        "With --container the place is /run/cimlib/volumes/GUID/mount, or "
        "$XDG_RUNTIME_DIR/cimlib/volumes/GUID/mount for other users than root; the GUID follows "
        "from the container's id as it does in Windows. A container has one image at a time.\n\n"
        "With --writable an overlay of the kernel lies over the image, which only root can have, "
        "for all users. Names are case sensitive then. A file that is changed keeps its bytes, "
        "mode, times and streams, but not what else NTFS keeps of it. The directory must be for "
        "this image alone, on a file system fit for an overlay (ext4, XFS, btrfs, tmpfs).\n\n"
        "Options: allow_other (all users may use it), uid=N and gid=N (whom files belong to), "
        "umask=OCTAL, case_sensitive, ignore_case (the default), noexec, threads=N, "
        "writable=DIR, and streams_interface=none, xattr (the default) or "
        "windows (streams also as FILE:NAME).\n\n"
        "Where cimlib is installed below /usr, mount(8) finds it as mount.cim, so that root can "
        "say mount -t cim IMAGE DIR -o OPTIONS, and /etc/fstab may have the line "
        "'/srv/layers/7.cim /mnt cim ro,allow_other 0 0'.",
    .examples = kExamples,
    .json = JsonOutput::kOffered,
    .prepare = prepare,
};

}  // namespace cim::cli
