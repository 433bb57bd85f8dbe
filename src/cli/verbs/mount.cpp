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

#include "cli/image_argument.h"
#include "cli/image_reading.h"
#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {

extern const Verb kMountVerb;

namespace mount_verb {
namespace {

struct Options {
  ImageArgument image;
  std::optional<std::string> mount_point;
  std::optional<std::string> container;
  std::optional<std::string> upper;
  std::optional<std::string> backend;
  std::vector<std::string> mount_options;
  bool foreground = false;
};

// Later options override earlier ones; --writable and --backend are options with names of their
// own.
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
  if (options.container && options.image.is_remote()) {
    throw UsageError{"mount: an image in a registry cannot be mounted for a container; pull it"};
  }
  if (options.container && options.foreground) {
    throw UsageError{"mount: --foreground cannot be had with --container"};
  }
}

Json to_json(const mount::Omission& omission) {
  return {{"what", omission.what}, {"count", omission.count}, {"examples", omission.examples}};
}

void report_as_json(const Options& options, const std::filesystem::path& mount_point,
                    const mount::Mounted& mounted, Console& console) {
  Json json = {{"image", options.image.text},
               {"mount_point", mount_point.string()},
               {"backend", to_string(mounted.backend)}};
  if (options.container) {
    json["volume"] = layer::volume_id(*options.container).to_string();
  }
  if (!mounted.fallback_reason.empty()) {
    json["fallback_reason"] = mounted.fallback_reason;
  }
  if (mounted.backend == mount::Backend::kErofs) {
    json["lost"] = Json::array();
    for (const mount::Omission& omission : mounted.omissions) {
      json["lost"].push_back(to_json(omission));
    }
  }
  print_json(console, json);
}

void warn_of_omissions(const Options& options, const mount::Mounted& mounted, Console& console) {
  for (const mount::Omission& omission : mounted.omissions) {
    console.warn(fmt::format("{}: EROFS cannot show {}: {}", options.image.text, omission.what,
                             omission.count));
    for (const std::string& example : omission.examples) {
      console.explain(fmt::format("  {}", shown(example, console.errors_terminal())));
    }
  }
}

// Prints what the caller needs to go on: the mount point if it was chosen here, the backend if it
// was.
void report(const Options& options, const mount::Options& parsed,
            const std::filesystem::path& mount_point, const mount::Mounted& mounted,
            Console& console) {
  if (console.json()) {
    report_as_json(options, mount_point, mounted, console);
  } else if (options.container) {
    console.print("{}\n", shown(mount_point.string(), console.output_terminal()));
  } else if (parsed.backend == mount::BackendChoice::kAuto) {
    console.print("{}\n", to_string(mounted.backend));
  }
  warn_of_omissions(options, mounted, console);
  console.explain(fmt::format("{} is mounted at {}, through {}", options.image.text,
                              mount_point.string(), to_string(mounted.backend)));
  if (!mounted.fallback_reason.empty()) {
    console.explain("not through erofs: " + mounted.fallback_reason);
  }
}

int run(const Options& options, Console& console) {
  check_usage(options);
  mount::Options parsed = mount_options(options);
  parsed.region_directories = host_paths(options.image.regions);
  if (options.image.is_remote()) {
    if (parsed.upper) {
      throw UsageError{"mount: an image in a registry cannot be mounted writable; pull it"};
    }
    parsed.open_image = [remote = remote_image(options.image, console)] { return remote.open(); };
  }
  if (options.container) {
    mount::Mounted mounted;
    const auto place = layer::mount(options.image.text, *options.container, parsed,
                                    [&](const mount::Mounted& how) { mounted = how; });
    report(options, parsed, place, mounted, console);
    return kSuccess;
  }
  // The threads of the mount do not use the console otherwise while this one waits in
  // serve_foreground().
  const mount::ReadySink ready = [&](const mount::Mounted& mounted) {
    report(options, parsed, *options.mount_point, mounted, console);
    console.flush();
  };
  if (options.foreground) {
    mount::serve_foreground(options.image.text, *options.mount_point, parsed, {.ready = ready},
                            console.stop_on_interruption(Interruption::kEnds));
  } else {
    mount::mount_in_background(options.image.text, *options.mount_point, parsed, ready);
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  image_argument(parameters, options->image);
  parameters.optional("MOUNTPOINT", "the directory to mount it at", options->mount_point,
                      Completes::kDirectories);
  parameters.option("-c,--container", "ID", "mount it for this container and print the mount point",
                    &options->container);
  parameters.option("-b,--backend", "NAME",
                    "how the kernel reads the image; auto uses erofs if possible (default: fuse)",
                    &options->backend, Completes::kNothing, {"fuse", "erofs", "auto"});
  parameters.option("-w,--writable", "DIR",
                    "make the mount writable and store changes in this directory", &options->upper,
                    Completes::kDirectories);
  parameters.flag("-f,--foreground", "stay in the foreground, and unmount when interrupted",
                  options->foreground);
  parameters.option("-o,--options", "OPTIONS", "comma-separated mount options, described above",
                    &options->mount_options);
  image_argument_options(parameters, options->image);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 8> kExamples = {{
    {"cim mount layers/7.cim /mnt", "mount an image at /mnt until `cim umount /mnt`"},
    {"cim mount -f layers/7.cim /mnt", "mount it until Ctrl-C is pressed"},
    {"cim mount --container web-1 layers/7.cim",
     "mount it for a container until `cim cleanup web-1`, and print the mount point"},
    {"cim mount --writable scratch layers/7.cim /mnt",
     "mount it writable; changes are stored in scratch, and the image is not modified"},
    {"cim mount --backend auto layers/7.cim /mnt", "let the kernel serve the image if possible"},
    {"cim mount -o allow_other,umask=022 layers/7.cim /mnt", "let all users read it"},
    {"cim mount -o streams_interface=windows layers/7.cim /mnt",
     "make alternate streams accessible as /mnt/FILE:STREAM"},
    {"cim mount docker://registry.example/team/base:1 /mnt",
     "mount an image in a registry without pulling it"},
}};

}  // namespace
}  // namespace mount_verb

constinit const Verb kMountVerb = {
    .name = "mount",
    .summary = "mount an image",
    .description =
        "Mounts an image read-only through FUSE and returns when it is ready to use; a server "
        "process runs until it is unmounted. Root and every user who can run fusermount3 can "
        "mount images.\n\n"
        "Names are case-insensitive, as on Windows. Symbolic links and junctions appear as "
        "symbolic links; those to C:\\ stay inside the mount, where C:\\ is the directory Files "
        "in a layer. NTFS security descriptors, attributes, times, reparse data and extended "
        "attributes appear as extended attributes with the names that ntfs-3g uses "
        "(system.ntfs_acl, system.ntfs_attrib, system.ntfs_times, system.ntfs_reparse_data, "
        "system.ntfs_ea), and alternate streams as user.NAME.\n\n"
        "With --container, the mount point is /run/cimlib/volumes/GUID/mount, or "
        "$XDG_RUNTIME_DIR/cimlib/volumes/GUID/mount for users other than root; the GUID is "
        "derived from the container ID in the same way as on Windows. A container has one image "
        "at a time.\n\n"
        "With --writable, a kernel overlay is mounted on top of the image, which requires root; "
        "all users can then access the mount. Names are case-sensitive. A modified file keeps its "
        "contents, mode, times and streams, but no other NTFS metadata. The directory must be "
        "used for this image only and be on a file system that supports overlays (ext4, XFS, "
        "btrfs, tmpfs).\n\n"
        "With --backend erofs, the kernel serves the image itself, which is faster and needs no "
        "process, but requires root and Linux 6.12 or later. A small metadata image is created "
        "first and kept in /var/cache/cimlib. Names are case-sensitive, NTFS metadata appears as "
        "user.ntfs.acl, user.ntfs.attrib, user.ntfs.times, user.ntfs.reparse_data and "
        "user.ntfs.ea, and a warning reports what cannot be shown (names longer than 255 bytes, "
        "streams larger than 65,535 bytes). With --backend auto, EROFS is used if it works and "
        "can show all files, otherwise FUSE; the name of the backend is printed.\n\n"
        "docker://REF is an image in a registry, to which 'cim oci push --as=cim' added artifacts "
        "of its layers; REF may also name an artifact. What is read is fetched, verified and kept "
        "in a cache. A read that the registry does not answer after the retries fails.\n\n"
        "Mount options: allow_other (all users can access the mount), uid=N and gid=N (the owner "
        "of all files), umask=OCTAL, backend=NAME, cache=DIR (where metadata images are kept), "
        "case_sensitive, ignore_case (the default), noexec, threads=N, writable=DIR, and "
        "streams_interface=none, xattr (the default) or windows (streams also appear as "
        "FILE:NAME).\n\n"
        "If cimlib is installed in /usr, mount(8) finds it as mount.cim, so root can run mount -t "
        "cim IMAGE DIR -o OPTIONS, and /etc/fstab can have the line '/srv/layers/7.cim /mnt cim "
        "ro,allow_other 0 0'.",
    .examples = mount_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = mount_verb::prepare,
};

extern const Verb kCleanupVerb;
extern const Verb kMountsVerb;
extern const Verb kUmountVerb;

std::span<const Verb* const> mount_verbs() {
  static constexpr std::array<const Verb*, 4> kVerbs = {&kMountVerb, &kUmountVerb, &kMountsVerb,
                                                        &kCleanupVerb};
  return kVerbs;
}

}  // namespace cim::cli
