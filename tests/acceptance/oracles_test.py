# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Tests the oracles themselves, on an image laid out by hand."""
import contextlib
import hashlib
import io
import struct
import tempfile
import unittest
from pathlib import Path

from oracles import cim_rules
import compare_manifest
from oracles import expectation
import handmade_image
from oracles import layer_tar
import sample_layer
from oracles import upcase
from sample_pe import make_pe
from oracles.simple_cim import Cim, CimError, PeImage, Stream


class HandmadeImage(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)

    def make(self, **options) -> Path:
        return handmade_image.make(self.directory, **options)

    def differences(self, image: Path, manifest="manifest.json") -> str:
        """Returns the differences that the comparison prints."""
        oracle = expectation.Oracle(expectation.load(self.directory / manifest))
        cim, out = Cim(image), io.StringIO()
        with contextlib.redirect_stdout(out):
            for entry in cim.walk():
                if entry.path:
                    oracle.take(compare_manifest.look(cim, entry))
            oracle.finish("test")
        return "".join(l for l in out.getvalue().splitlines(True) if l.startswith("differs"))

    def broken(self, image: Path) -> list:
        return cim_rules.Rules(image).run()


class SimpleReader(HandmadeImage):
    def test_shows_all_that_was_put_in(self):
        self.assertEqual(self.differences(self.make()), "")

    def test_reads_a_file_in_pieces_as_its_pe_mappings_say(self):
        cim, pe = Cim(self.make()), make_pe()
        entry = next(e for e in cim.walk() if e.path == "prog.exe")
        self.assertEqual(b"".join(cim.pieces(entry.record.stream)), pe.file)
        self.assertGreater(len(list(cim.pieces(entry.record.stream))), 3)

    def test_takes_records_of_the_first_version_which_are_shorter(self):
        image = Cim(self.make(entry_size=88))
        self.assertEqual(self.differences(image.path), "")
        self.assertEqual(image.record(1).parent, 0)

    def test_takes_records_that_are_longer(self):
        self.assertEqual(self.differences(self.make(entry_size=104)), "")

    def test_takes_a_stream_table_with_a_count_in_front(self):
        image = self.make(count_before_streams=True)
        self.assertEqual(self.differences(image), "")
        self.assertIn("page.bin: the table of streams starts with a count", self.broken(image))

    def test_refuses_an_offset_past_its_region(self):
        image = Cim(self.make())
        size = image.regions[0].size
        image.bytes_at(size, 0)
        for offset, length in ((size, 1), (size + 1, 0), (0, 0), (3 << 48 | 40, 1), (40, size)):
            with self.assertRaises(CimError):
                image.bytes_at(offset, length)

    def test_cuts_a_file_at_its_pe_mappings(self):
        pe = PeImage(data=8192, length=100, image_length=0, flags=1,
                     mappings=[(10, 4086), (50, 8142), (100, 1)])
        self.assertEqual(list(pe.pieces()),
                         [(0, 10, 8192), (10, 40, 12288), (50, 50, 16384)])

    def test_takes_the_packed_fields_of_a_stream_apart(self):
        stream = Stream.parse(bytes.fromhex("2800000000000200 ffffffffffff 02 01"))
        self.assertEqual((stream.offset, stream.length, stream.type, stream.sparse),
                         (2 << 48 | 40, (1 << 48) - 1, 2, True))


class RulesOfTheFormat(HandmadeImage):
    def test_are_kept_by_the_image_laid_out_by_hand(self):
        self.assertEqual(self.broken(self.make()), [])

    def test_notice_every_other_byte(self):
        """Changes bytes of the image one by one: each time a rule breaks or the contents differ."""
        image = self.make()
        upper = Cim(image).upcase_offset
        for path in sorted(self.directory.glob("*_?")) + [image]:
            raw = bytearray(path.read_bytes())
            step = 1 if path == image else max(1, len(raw) // 400)
            for at in range(0, len(raw), step):
                raw[at] ^= 0x10
                path.write_bytes(raw)
                self.assertTrue(self.noticed(image), "%s at %d" % (path.name, at))
                raw[at] ^= 0x10
            path.write_bytes(raw)
        self.assertGreater(upper, 40)
        self.assertEqual(self.broken(image), [])

    def noticed(self, image) -> bool:
        try:
            return bool(self.broken(image) or self.differences(image))
        except (CimError, struct.error, UnicodeError):
            return True


class Expectations(HandmadeImage):
    def test_of_a_tar_and_of_its_manifest_are_the_same(self):
        tar = sample_layer.make(self.directory)
        self.assertEqual(self.plain(expectation.load(tar)),
                         self.plain(expectation.load(self.directory / "manifest.json")))

    def test_of_the_sample_layer_do_not_change(self):
        """An intended change of the sample updates SAMPLE_SHA256."""
        tar = sample_layer.make(self.directory)
        self.assertEqual(hashlib.sha256(tar.read_bytes()).hexdigest(), SAMPLE_SHA256)

    def plain(self, entries) -> dict:
        groups = {}
        for entry in entries:
            groups.setdefault(entry.link_group, []).append(entry.path)
        return {e.path: e.__dict__ | {"link_group": e.link_group and sorted(groups[e.link_group])}
                for e in entries}

    def test_of_link_targets(self):
        symlink = expectation.reparse_buffer("C:/a", junction=False)
        self.assertEqual(symlink.hex(),
                         "0c0000a0280000000000100012000800000000005c003f003f005c0043003a005c006100"
                         "000043003a005c0061000000")
        junction = expectation.reparse_buffer("C:\\a", junction=True)
        self.assertEqual(junction.hex(), "030000a0240000000000100012000800" + symlink.hex()[40:])
        unc = expectation.reparse_buffer("\\\\s\\x", junction=False)
        self.assertIn("\\??\\UNC\\s\\x".encode("utf-16-le"), unc)

    def test_of_extended_attributes(self):
        self.assertEqual(expectation.ea_list({"LXUID": b"\1\2\3\4", "A": b"xyz"}),
                         handmade_image.EAS)

    def test_notice_a_link_group_that_fell_apart(self):
        oracle = expectation.Oracle([
            expectation.Expected(path=p, kind="file", attributes=0, times={}, descriptor_sha256="",
                                 link_group=1) for p in ("a", "b")])
        with contextlib.redirect_stdout(io.StringIO()) as out:
            oracle.take(expectation.Seen("a", identity=5))
            oracle.take(expectation.Seen("b", identity=6))
            self.assertFalse(oracle.finish("test"))
        self.assertIn("differs: b: file of its link group: expected 5, found 6", out.getvalue())


class LayerTars(unittest.TestCase):
    """Every deviation from go-winio's form is noticed."""

    def header(self, name, flag=b"0", size=0, mode=0, link=b"", **fields):
        block = bytearray(512)
        for at, value in ((0, name), (156, flag), (157, link), (257, b"ustar\x0000")):
            block[at:at + len(value)] = value
        for at, length, value in ((100, 8, mode), (108, 8, 0), (116, 8, 0), (124, 12, size),
                                  (136, 12, fields.get("mtime", 0))):
            block[at:at + length] = b"%0*o\0" % (length - 1, value)
        if flag != b"x":
            block[329:345] = b"0000000\0" * 2
        for at, value in fields.get("bend", ()):
            block[at:at + len(value)] = value
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        return bytes(block)

    def entry(self, name, records=None, **options):
        records = {b"LIBARCHIVE.creationtime": b"5", b"MSWINDOWS.fileattr": b"32",
                   b"atime": b"5", b"ctime": b"5.5"} if records is None else records
        raw = b"".join(self.record(k, v) for k, v in records.items())
        directory, slash, base = name.rpartition(b"/")
        front = b"" if not records else self.header(
            directory + slash + b"PaxHeaders.0/" + base, b"x", len(raw)) + raw + bytes(
                -len(raw) % 512)
        body = b"b" * options.get("size", 0)
        return front + self.header(name, **options) + body + bytes(-len(body) % 512)

    def record(self, key, value):
        rest = len(key) + len(value) + 3
        length = next(n for n in range(rest, rest + 9) if n == rest + len(str(n)))
        return b"%d %s=%s\n" % (length, key, value)

    def read(self, raw, end=bytes(1024)):
        return [entry for entry, _ in layer_tar.LayerTar(io.BytesIO(raw + end))]

    def refuse(self, raw, **options):
        with self.assertRaises((layer_tar.TarError, ValueError)):
            self.read(raw, **options)

    def test_that_are_right_are_read(self):
        file, = self.read(self.entry(b"f", size=3, mode=0o100000, mtime=7))
        self.assertEqual((file.kind, file.size, file.attributes), ("file", 3, 32))
        ticks = {"btime": 5, "mtime": 7, "atime": 5, "ctime": 5.5}
        self.assertEqual(file.times, {k: int(layer_tar.EPOCH + v * 10 ** 7)
                                      for k, v in ticks.items()})

    def test_that_are_wrong_are_refused(self):
        good = {b"LIBARCHIVE.creationtime": b"5", b"MSWINDOWS.fileattr": b"32", b"atime": b"5",
                b"ctime": b"5"}
        file = self.entry(b"f")
        for records in ({b"atime": b"5"}, {**good, b"mtime": b"5"}, {b"z": b"", **good},
                        {**good, b"z": b""}, {**good, b"path": b"f"}, {**good, b"size": b"0"},
                        {**good, b"atime": b"5.0"}, {**good, b"atime": b"05"},
                        {**good, b"atime": b"5.12345678"}, {**good, b"MSWINDOWS.fileattr": b"16"},
                        {**good, b"MSWINDOWS.fileattr": b"0x20"}, {**good, b"mtime": b"7.5"},
                        {**good, b"MSWINDOWS.fileattr": b"1056"}):
            self.refuse(self.entry(b"f", records))
        for bend in ((0, b"f/"), (108, b"0000001\0"), (257, b"ustar  \0"), (265, b"root"),
                     (329, bytes(8)), (100, b"0000644\0"), (345, b"p"), (124, b"  0")):
            self.refuse(self.entry(b"f", bend=[bend]))
        for raw in (file + file, self.entry(b"d/f"), self.entry(b".wh.f"),
                    self.entry(b"f:s", {b"atime": b"5", b"ctime": b"5"}),
                    file + self.entry(b"g:s", {b"atime": b"5", b"ctime": b"5.5"}),
                    file + self.entry(b"f:s", {b"atime": b"6", b"ctime": b"5.5"}),
                    file + self.header(b".wh.f"), self.header(b"f"),
                    self.entry(b"f", size=1, mode=0), self.entry(b"f", flag=b"5"),
                    self.entry(b"f", flag=b"1"), self.entry(b"f", flag=b"2"),
                    self.entry(b"f", flag=b"3"), file[:512], file[512:]):
            self.refuse(raw)
        for end in (b"", bytes(512), bytes(1536), bytes(1024) + b"x", b"x" * 1024):
            self.refuse(file, end=end)
        damaged = bytearray(file)
        damaged[3] ^= 1
        self.refuse(bytes(damaged))


class UpperCase(unittest.TestCase):
    def test_is_that_of_a_windows_volume(self):
        """Checks the digest of $UpCase as mkntfs 2022.10.3 writes it."""
        self.assertEqual(hashlib.sha256(upcase.TABLE).hexdigest(),
                         "41c26bc7a12bdaeb26025c93118697c7e3ef81ee048b00fe5cce2a472e0e0742")


SAMPLE_SHA256 = "bee7a022d9e9428c11c9328f21094e49b4cb0ce1e7c4562e6e4decb6b7cfa1de"

if __name__ == "__main__":
    unittest.main()
