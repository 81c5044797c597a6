"""Archives are opened, within limits; what could not be is named."""
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

from support import Case, main, places

import planted


class Archives(Case):
    def text(self):
        return f"one\ntoken = {self.github()}\n".encode()

    def paths(self, code=1):
        return [path for _, path, _, _ in places(self.scan(".", code=code))]

    def test_each_kind(self):
        def tar(mode):
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode=mode) as archive:
                content = self.text()
                info = tarfile.TarInfo("in/side.env")
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            return buffer.getvalue()

        archives = {"a.zip": planted.zip_of({"in/side.env": self.text()}), "a.jar": planted.zip_of({"in/side.env": self.text()}),
                    "a.docx": planted.zip_of({"in/side.env": self.text()}), "a.whl": planted.zip_of({"in/side.env": self.text()}),
                    "a.tar": tar("w"), "a.tar.gz": tar("w:gz"), "a.tar.bz2": tar("w:bz2"), "a.tar.xz": tar("w:xz"),
                    "unnamed": tar("w:gz")}
        for name, content in archives.items():
            self.write(name, content)
        self.assertEqual(self.paths(), sorted(f"{name}!/in/side.env" for name in archives))

    def test_one_compressed_file(self):
        for name, compress in (("a.env.gz", gzip.compress), ("a.env.bz2", bz2.compress), ("a.env.xz", lzma.compress)):
            self.write(name, compress(self.text()))
        self.assertEqual(len(self.paths()), 3)

    def test_archives_in_archives(self):
        inner = planted.zip_of({"x.env": self.text()})
        self.write("outer.tar.gz", planted.tar_gz_of({"deep/inner.zip": inner}))
        self.assertEqual(self.paths(), ["outer.tar.gz!/deep/inner.zip!/x.env"])

    def test_too_deep_is_incomplete_and_not_clean(self):
        content = self.text()
        for _ in range(40):
            content = planted.zip_of({"in.zip": content})
        self.write("deep.zip", content)
        report = self.scan(".", code=3)
        self.assertIn("archive-limit", [skip["reason"] for skip in report["skipped"]])

    def test_a_bomb_is_cut_and_named(self):
        self.write("bomb.gz", gzip.compress(bytes(3 << 30 >> 3)) * 8)  # 3 GiB of zeros
        report = self.scan(".", code=3)
        self.assertIn("archive-limit", [skip["reason"] for skip in report["skipped"]])

    def test_a_truncated_archive_gives_what_it_holds_and_is_incomplete(self):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for name in ("first.env", "second.env"):
                content = self.text() + b"x" * 5000
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        self.write("cut.tar", buffer.getvalue()[:8000])
        report = self.scan(".", code=1)
        self.assertIn("cut.tar!/first.env", [path for _, path, _, _ in places(report)])
        self.assertTrue(report["incomplete"])

    def test_an_encrypted_zip_is_incomplete(self):
        content = bytearray(planted.zip_of({"a.env": self.text()}))
        content[6] |= 1  # the flag "encrypted" of the local header
        central = content.index(b"PK\x01\x02")
        content[central + 8] |= 1
        self.write("locked.zip", bytes(content))
        report = self.scan(".", code=3)
        self.assertEqual([skip["reason"] for skip in report["skipped"]], ["archive-encrypted"])

    def test_members_that_point_outside_are_only_names(self):
        self.write("evil.zip", planted.zip_of({"../../../tmp/evil.env": self.text(), "/etc/evil.env": self.text()}))
        self.assertEqual(len(self.paths()), 2)

    def test_damage_of_any_byte_of_a_zip_is_no_crash(self):
        content = planted.zip_of({"a.env": self.text(), "b/c.txt": b"nothing\n"})
        for at in range(0, len(content), 3):
            damaged = bytearray(content)
            damaged[at] ^= 0xFF
            self.write(f"damaged/{at}.zip", bytes(damaged))
            self.write(f"cut/{at}.zip", content[:at])
        run = self.keytrail("scan", "--format", "json", ".")
        self.assertIn(run.code, (0, 1, 3), run.stderr)


if __name__ == "__main__":
    main()
