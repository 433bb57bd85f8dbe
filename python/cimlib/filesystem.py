# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""An image as a file system in the shape that forensic frameworks expect.

    with open("layers/7.cim", "rb") as file:
        if CimFilesystem.detect(file):
            filesystem = CimFilesystem("layers/7.cim")
    for entry in filesystem.get("Files/Windows").scandir():
        print(entry.name, entry.lstat().st_size)

The classes have the methods of dissect.target's Filesystem and FilesystemEntry but do not depend on
it. Failures raise the built-in FileNotFoundError, NotADirectoryError, IsADirectoryError and OSError
where a path is the cause, and cimlib.Error for damage.
"""

from __future__ import annotations

import errno
import os
import stat as stat_bits
from typing import Any, BinaryIO, Iterator

from ._core import Entry, Image
from ._streams import StreamFile

MAGIC = b"cimfile0"
_MAX_LINKS = 40
_READ_ONLY = 0x1


class CimFilesystem:
    """The file system of one image. Names are compared ignoring case."""

    __type__ = "cim"
    case_sensitive = False
    alt_separator = "\\"

    def __init__(self, image: Image | str | os.PathLike[str]) -> None:
        self.image = image if isinstance(image, Image) else Image(image)

    @staticmethod
    def detect(file: BinaryIO) -> bool:
        """Returns whether a file begins as an image does. Its position is not changed.

        Region and object id files begin in the same way and differ in the byte after the length.
        """
        position = file.tell()
        try:
            file.seek(0)
            header = file.read(13)
        finally:
            file.seek(position)
        return header[:8] == MAGIC and header[12:13] == b"\0"

    def get(self, path: str) -> CimEntry:
        """Returns the entry at a path; links above it are followed, it is not."""
        return self._resolve(_names(path), follow_last=False)

    def open(self, path: str) -> StreamFile:
        """Opens a file; links are followed."""
        return self.get(path).open()

    def scandir(self, path: str) -> Iterator[CimEntry]:
        return self.get(path).scandir()

    def iterdir(self, path: str) -> Iterator[str]:
        return self.get(path).iterdir()

    def listdir(self, path: str) -> list[str]:
        return list(self.iterdir(path))

    def readlink(self, path: str) -> str:
        return self.get(path).readlink()

    def stat(self, path: str, follow_symlinks: bool = True) -> os.stat_result:
        return self.get(path).stat(follow_symlinks)

    def lstat(self, path: str) -> os.stat_result:
        return self.get(path).lstat()

    def exists(self, path: str) -> bool:
        try:
            self._resolve(_names(path), follow_last=True)
        except OSError:
            return False
        return True

    def _resolve(self, names: list[str], follow_last: bool) -> CimEntry:
        done: list[str] = []
        pending = names[::-1]
        links = 0
        entry = self.image.get()
        while pending:
            name = pending.pop()
            found = self.image.find("/".join([*done, name]))
            if found is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/".join(names))
            target = found.readlink() if pending or follow_last else None
            if target is None:
                if pending and not found.is_directory:
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), found.path)
                done.append(found.name)
                entry = found
                continue
            links += 1
            if links > _MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), "/".join(names))
            pending = [*pending, *self._absolute(target, done)[::-1]]
            done, entry = [], self.image.get()
        return CimEntry(self, entry)

    def _absolute(self, target: str, directory: list[str]) -> list[str]:
        """The names of a link's target from the root; drive C is the volume with the link."""
        for prefix in ("\\\\?\\", "\\??\\"):
            target = target.removeprefix(prefix)
        if target[1:2] == ":":
            if target[0] not in "cC":
                raise FileNotFoundError(errno.ENOENT, "the target is on another volume", target)
            target = "\\" + target[2:]
        is_rooted = target[:1] in ("\\", "/")
        result = self._volume(directory) if is_rooted else list(directory)
        floor = len(self._volume(directory))
        for name in target.replace("/", "\\").split("\\"):
            if name == "..":
                del result[max(floor, len(result) - 1):]
            elif name not in ("", "."):
                result.append(name)
        return result

    def _volume(self, directory: list[str]) -> list[str]:
        """The root of the volume: of a layer, the directory that its container sees as drive C."""
        lowered = [name.lower() for name in directory[:2]]
        for top in (["utilityvm", "files"], ["files"]):
            if lowered[:len(top)] == top:
                return directory[:len(top)]
        return []


class CimEntry:
    """A file or directory of a CimFilesystem."""

    def __init__(self, fs: CimFilesystem, entry: Entry) -> None:
        self.fs = fs
        self.entry = entry

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def path(self) -> str:
        return self.entry.path

    def __repr__(self) -> str:
        return f"<CimEntry {self.path!r}>"

    def get(self, path: str) -> CimEntry:
        """Returns an entry below this one."""
        return self.fs.get(f"{self._resolved().path}/{path}")

    def open(self) -> StreamFile:
        target = self._resolved()
        if target.entry.is_directory:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), self.path)
        return target.entry.open()

    def scandir(self) -> Iterator[CimEntry]:
        directory = self._resolved()
        if not directory.entry.is_directory:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), self.path)
        return (CimEntry(self.fs, child) for child in directory.entry.list())

    def iterdir(self) -> Iterator[str]:
        return (child.name for child in self.scandir())

    def listdir(self) -> list[str]:
        return list(self.iterdir())

    def is_dir(self, follow_symlinks: bool = True) -> bool:
        return self._is(stat_bits.S_ISDIR, follow_symlinks)

    def is_file(self, follow_symlinks: bool = True) -> bool:
        return self._is(stat_bits.S_ISREG, follow_symlinks)

    def is_symlink(self) -> bool:
        return self.entry.readlink() is not None

    def exists(self) -> bool:
        return self.fs.exists(self.path)

    def readlink(self) -> str:
        """Returns the target of a link as Windows shows it."""
        target = self.entry.readlink()
        if target is None:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), self.path)
        return target

    def readlink_ext(self) -> CimEntry:
        """Returns the entry that a link leads to."""
        self.readlink()
        return self._resolved()

    def stat(self, follow_symlinks: bool = True) -> os.stat_result:
        return (self._resolved() if follow_symlinks else self).lstat()

    def lstat(self) -> os.stat_result:
        """Returns the metadata of this entry itself.

        Images store no owners, modes and link counts of POSIX: the mode follows from the type and
        the read-only attribute, and the number of links is 1.
        """
        entry = self.entry
        if entry.readlink() is not None:
            mode = stat_bits.S_IFLNK | 0o777
        elif entry.is_directory:
            mode = stat_bits.S_IFDIR | 0o755
        else:
            mode = stat_bits.S_IFREG | (0o444 if entry.attributes & _READ_ONLY else 0o644)
        times = [entry.accessed.unix_ns, entry.written.unix_ns, entry.changed.unix_ns]
        fields: list[Any] = [mode, entry.id, 0, 1, 0, 0, entry.size]
        fields += [ns // 1_000_000_000 for ns in times]
        named = {"st_atime": times[0] / 1e9, "st_mtime": times[1] / 1e9, "st_ctime": times[2] / 1e9,
                 "st_atime_ns": times[0], "st_mtime_ns": times[1], "st_ctime_ns": times[2]}
        return os.stat_result(fields, named)

    def lattr(self) -> dict[bytes, bytes]:
        """Returns the extended attributes, by name."""
        return {item.name: item.value for item in self.entry.extended_attributes()}

    def _resolved(self) -> CimEntry:
        if self.entry.readlink() is None:
            return self
        return self.fs._resolve(_names(self.path), follow_last=True)

    def _is(self, test: Any, follow_symlinks: bool) -> bool:
        try:
            return bool(test(self.stat(follow_symlinks).st_mode))
        except OSError:
            return False


def _names(path: str) -> list[str]:
    return [name for name in path.replace("\\", "/").split("/") if name]
