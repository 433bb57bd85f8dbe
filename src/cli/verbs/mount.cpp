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

namespace mount_verb {
namespace {

struct Options {
  std::string image;
  std::optional<std::string> mount_point;
  std::optional<std::string> container;
  std::optional<std::string> upper;
  std::optional<std::string> backend;
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
  if (options.backend) {
    result = mount::parse_options("backend=" + *options.backend, result);
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

Json to_json(const mount::Omission& loss) {
  return {{"what", loss.what}, {"count", loss.count}, {"examples", loss.examples}};
}

void tell_program(const Options& options, const std::filesystem::path& mount_point,
                  const mount::Mounted& mounted, Console& console) {
  Json answer = {{"image", options.image},
                 {"mount_point", mount_point.string()},
                 {"backend", to_string(mounted.backend)}};
  if (options.container) {
    answer["volume"] = layer::volume_id(*options.container).to_string();
  }
  if (!mounted.fallback_reason.empty()) {
    answer["fallback_reason"] = mounted.fallback_reason;
  }
  if (mounted.backend == mount::Backend::kErofs) {
    answer["lost"] = Json::array();
    for (const mount::Omission& loss : mounted.omissions) {
      answer["lost"].push_back(to_json(loss));
    }
  }
  print_json(console, answer);
}

void tell_losses(const Options& options, const mount::Mounted& mounted, Console& console) {
  for (const mount::Omission& loss : mounted.omissions) {
    console.warn(fmt::format("{}: EROFS cannot show {}: {}", options.image, loss.what, loss.count));
    for (const std::string& example : loss.examples) {
      console.explain(fmt::format("  {}", shown(example, console.errors_terminal())));
    }
  }
}

void tell(const Options& options, const mount::Options& parsed,
          const std::filesystem::path& mount_point, const mount::Mounted& mounted,
          Console& console) {
  if (console.json()) {
    tell_program(options, mount_point, mounted, console);
  } else if (options.container) {
    console.print("{}\n", shown(mount_point.string(), console.output_terminal()));
  } else if (parsed.backend == mount::BackendChoice::kAuto) {
    console.print("{}\n", to_string(mounted.backend));
  }
  tell_losses(options, mounted, console);
  console.explain(fmt::format("{} is mounted at {}, through {}", options.image,
                              mount_point.string(), to_string(mounted.backend)));
  if (!mounted.fallback_reason.empty()) {
    console.explain("not through erofs: " + mounted.fallback_reason);
  }
}

int run(const Options& options, Console& console) {
  check_usage(options);
  const mount::Options parsed = mount_options(options);
  if (options.container) {
    mount::Mounted mounted;
    const auto place = layer::mount(options.image, *options.container, parsed,
                                    [&](const mount::Mounted& how) { mounted = how; });
    tell(options, parsed, place, mounted, console);
    return kSuccess;
  }
  // The mount's threads have no other use for the console while this one waits in
  // serve_foreground().
  const mount::ReadySink ready = [&](const mount::Mounted& mounted) {
    tell(options, parsed, *options.mount_point, mounted, console);
    console.flush();
  };
  if (options.foreground) {
    mount::serve_foreground(options.image, *options.mount_point, parsed, {.ready = ready},
                            console.stop_on_interruption(Interruption::kEnds));
  } else {
    mount::mount_in_background(options.image, *options.mount_point, parsed, ready);
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
  parameters.option("-b,--backend", "NAME",
                    "fuse (the default), erofs, or auto, which says which it took",
                    &options->backend);
  parameters.option("-w,--writable", "DIR",
                    "make it writable; what is written is kept in this directory", &options->upper,
                    Completes::kDirectories);
  parameters.flag("-f,--foreground", "stay, and unmount when interrupted", options->foreground);
  parameters.option("-o,--options", "OPTIONS", "options, parted by commas; see above",
                    &options->mount_options);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 7> kExamples = {{
    {"cim mount layers/7.cim /mnt", "shows the image at /mnt until `cim umount /mnt`"},
    {"cim mount -f layers/7.cim /mnt", "the same until Ctrl-C"},
    {"cim mount --container web-1 layers/7.cim",
     "mounts it for a container and writes where, until `cim cleanup web-1`"},
    {"cim mount --writable scratch layers/7.cim /mnt",
     "lets root change what is at /mnt; the image stays as it is, the changes go to scratch"},
    {"cim mount --backend auto layers/7.cim /mnt", "lets the kernel serve it if that is possible"},
    {"cim mount -o allow_other,umask=022 layers/7.cim /mnt", "lets all users read it"},
    {"cim mount -o streams_interface=windows layers/7.cim /mnt",
     "makes /mnt/FILE:STREAM a path to an alternate stream"},
}};

}  // namespace
}  // namespace mount_verb

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
        "With --backend erofs the kernel serves the image, without a process and faster; only root "
        "can "
        "have that, with Linux 6.12 or later. A small metadata image is made first and kept in "
        "/var/cache/cimlib. Names are case sensitive then, what NTFS keeps is user.ntfs.acl, "
        "user.ntfs.attrib, user.ntfs.times, user.ntfs.reparse_data and user.ntfs.ea, and what "
        "cannot "
        "be shown (names of more than 255 bytes, streams of more than 65,535) is told. With "
        "--backend auto it is EROFS if that works and shows all files, else FUSE; the one that it "
        "is is written out.\n\n"
        "Options: allow_other (all users may use it), uid=N and gid=N (whom files belong to), "
        "umask=OCTAL, backend=NAME, cache=DIR (where metadata images are kept), case_sensitive, "
        "ignore_case (the default), noexec, threads=N, "
        "writable=DIR, and streams_interface=none, xattr (the default) or "
        "windows (streams also as FILE:NAME).\n\n"
        "Where cimlib is installed below /usr, mount(8) finds it as mount.cim, so that root can "
        "say mount -t cim IMAGE DIR -o OPTIONS, and /etc/fstab may have the line "
        "'/srv/layers/7.cim /mnt cim ro,allow_other 0 0'.",
    .examples = mount_verb::kExamples,
    .json = JsonOutput::kOffered,
    .prepare = mount_verb::prepare,
};

}  // namespace cim::cli
