#!/usr/bin/env python3
"""Reads a plain and a split archive with what other programs read such files with, and holds what each
gives against the table of formats/archive.md.

usage: readers.py MUNINN
"""
import importlib.metadata
import io
import json
import pathlib
import platform
import re
import subprocess
import sys
import tarfile
import tempfile

import pyzstd
import zstandard
from backports import zstd
from backports.zstd import tarfile as tarfile_of_backport
from zstandard import ZstdDecompressor

ROOT = pathlib.Path(__file__).resolve().parents[3]
MUNINN = str(pathlib.Path(sys.argv[1]).resolve())


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, **options)
    if result.returncode:
        raise OSError((result.stderr or result.stdout).decode(errors="replace").strip())
    return result.stdout


class Archive:
    """A pack in a file, and what a reader must give of it."""

    def __init__(self, pack, *options):
        self.path = pack.with_name("archive" + "".join(options) + ".tar.zst")
        run(MUNINN, "archive", pack, "-o", self.path, *options)
        self.data = self.path.read_bytes()
        count = int.from_bytes(self.data[-9:-5], "little")
        words = memoryview(self.data[-9 - 8 * count:-9]).cast("I")
        # The table's last entry is that of the checks.
        self.frames = list(words[1:-1:2])
        listing = json.loads(run(MUNINN, "unarchive", self.path, "--list", "--json"))
        split = {file["name"] for file in listing["files"] if file["split"]}
        assert bool(split) == bool(options), split
        self.tar = run("zstd", "-d", input=self.data)
        self.files = {}
        with tarfile.open(fileobj=io.BytesIO(self.tar)) as tar:
            for file in pack.iterdir():
                name = f"{pack.name}/{file.name}" + (".split" if file.name in split else "")
                self.files[name] = tar.extractfile(name).read()
                # A split file has the length of the pack's, any other its content.
                assert len(self.files[name]) == file.stat().st_size, name
                assert (self.files[name] == file.read_bytes()) == (file.name not in split), name

    def outcome(self, read):
        """What a reader gives, in the page's words."""
        try:
            found = read(self)
        except Exception as error:
            # A number is a length, which zstd's version has a part in.
            return "error: " + re.sub(r"\d+", "N", str(error).splitlines()[0])
        for known, words in ((self.tar, "the tar"), (self.files, "the pack"), (self.tar[:self.frames[0]], "the first frame")):
            if found == known:
                return words
        return found if isinstance(found, str) else f"something else, of the length {len(found)}"


def files(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in pathlib.Path(folder).rglob("*") if file.is_file()}


def extracted(*command):
    """The files that a command leaves where it runs."""
    def read(archive):
        with tempfile.TemporaryDirectory() as folder:
            run(*command, archive.path, cwd=folder)
            return files(folder)
    return read


def untarred(opened):
    """The files that Python extracts."""
    def read(archive):
        with tempfile.TemporaryDirectory() as folder, opened(archive) as tar:
            tar.extractall(folder)
            return files(folder)
    return read


def tested(*command):
    def read(archive):
        run(*command, archive.path)
        return "no error"
    return read


def listed(archive):
    text = run("zstd", "-lv", archive.path).decode()
    frames, skippable = (int(re.search(rf"# {kind} Frames: (\d+)", text)[1]) for kind in ("Zstandard", "Skippable"))
    length = int(re.search(r"Decompressed Size: .*\((\d+) B\)", text)[1])
    assert (frames, skippable, length) == (len(archive.frames), 2, len(archive.tar)), text
    return "the number of frames, two of them skippable, and the tar's length"


def sought(archive):
    """The tar, after reads around each cut between frames, from the last to the first."""
    with pyzstd.SeekableZstdFile(archive.path) as file:
        assert file.seek(0, io.SEEK_END) == len(archive.tar)
        for index in reversed(range(len(archive.frames) + 1)):
            start = max(0, sum(archive.frames[:index]) - 1)
            file.seek(start)
            assert file.read(3) == archive.tar[start:start + 3], start
        file.seek(0)
        return file.read()


def stream(archive, **options):
    return ZstdDecompressor().stream_reader(io.BytesIO(archive.data), **options)


def across(archive):
    return stream(archive, read_across_frames=True)


def chunks(reader):
    """The tar in reads of as many bytes as three frames have, and whether those end where frames do."""
    def read(archive):
        opened = reader(archive)
        parts = list(iter(lambda: opened.read(sum(archive.frames[:3])), b""))
        ends = b"".join(parts) == archive.tar and len(parts[0]) == archive.frames[0]
        return "the tar, no read beyond the end of a frame" if ends else b"".join(parts)
    return read


def copied(archive):
    output = io.BytesIO()
    ZstdDecompressor().copy_stream(io.BytesIO(archive.data), output)
    return output.getvalue()


def seekable(archive):
    return pyzstd.SeekableZstdFile(archive.path)


def version(pattern, *command):
    return re.search(pattern, run(*command).decode())[1]


# For each reader its version, and what is called.
READERS = {
    "zstd": (version(r"v(\d[\d.]+)", "zstd", "--version"), {
        "zstd -d < FILE": lambda archive: run("zstd", "-d", input=archive.data),
        "zstd -t FILE": tested("zstd", "-t"),
        "zstd -lv FILE": listed,
    }),
    "GNU tar": (version(r"(\d[\d.]+)", "tar", "--version"), {
        "tar -xf FILE": extracted("tar", "-xf"),
        "tar --zstd -xf FILE": extracted("tar", "--zstd", "-xf"),
    }),
    "bsdtar": (version(r"(\d[\d.]+)", "bsdtar", "--version"), {
        "bsdtar -xf FILE": extracted("bsdtar", "-xf"),
    }),
    "7-Zip": (version(r"7-Zip \(z\) (\d[\d.]+)", "7zz"), {
        "7zz t FILE": tested("7zz", "t"),
        "7zz x -so FILE": lambda archive: run("7zz", "x", "-so", archive.path),
    }),
    "zstandard": (importlib.metadata.version("zstandard"), {
        "decompress(data)": lambda archive: zstandard.decompress(archive.data),
        "ZstdDecompressor().decompress(data)": lambda archive: ZstdDecompressor().decompress(archive.data),
        "….decompress(data, allow_extra_data=False)":
            lambda archive: ZstdDecompressor().decompress(archive.data, allow_extra_data=False),
        "….decompressobj().decompress(data)": lambda archive: ZstdDecompressor().decompressobj().decompress(archive.data),
        "….decompressobj(read_across_frames=True).decompress(data)":
            lambda archive: ZstdDecompressor().decompressobj(read_across_frames=True).decompress(archive.data),
        "….read_to_iter(file)": lambda archive: b"".join(ZstdDecompressor().read_to_iter(io.BytesIO(archive.data))),
        "….copy_stream(file, other)": copied,
        "….stream_reader(file).read()": lambda archive: stream(archive).read(),
        "….stream_reader(file).read(n)": chunks(stream),
        "….stream_reader(file, read_across_frames=True).read()": lambda archive: across(archive).read(),
        "….stream_reader(file, read_across_frames=True).read(n)": chunks(across),
    }),
    "pyzstd": (importlib.metadata.version("pyzstd"), {
        "decompress(data)": lambda archive: pyzstd.decompress(archive.data),
        "ZstdFile(FILE).read()": lambda archive: pyzstd.ZstdFile(archive.path).read(),
        "SeekableZstdFile(FILE), sought anywhere": sought,
    }),
    "backports.zstd": (importlib.metadata.version("backports.zstd"), {
        "decompress(data)": lambda archive: zstd.decompress(archive.data),
        "ZstdFile(FILE).read()": lambda archive: zstd.ZstdFile(archive.path).read(),
        "tarfile.open(FILE)": untarred(lambda archive: tarfile_of_backport.open(archive.path)),
        'tarfile.open(FILE, "r|zst")': untarred(lambda archive: tarfile_of_backport.open(archive.path, "r|zst")),
    }),
    "tarfile": (".".join(platform.python_version_tuple()[:2]), {
        "open(FILE)": untarred(lambda archive: tarfile.open(archive.path)),
        **{f'open(fileobj={words}, mode="{mode}")':
           untarred(lambda archive, opened=opened, mode=mode: tarfile.open(fileobj=opened(archive), mode=mode))
           for words, opened in (("stream_reader(file)", stream),
                                 ("stream_reader(file, read_across_frames=True)", across),
                                 ("SeekableZstdFile(FILE)", seekable))
           for mode in ("r", "r:", "r|")},
    }),
}


def rows(archives):
    """The table's rows, as they must be."""
    for name, (found, calls) in READERS.items():
        for call, read in calls.items():
            plain, split = (archive.outcome(read) for archive in archives)
            yield name, found, f"`{call}`", plain if plain == split else f"{plain}; split: {split}"


def main():
    page = (ROOT / "formats/archive.md").read_text()
    cells = [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in page.splitlines()]
    expected = {(row[0], row[2]): row for row in cells if len(row) == 4 and row[0] in READERS}
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        pack = pathlib.Path(folder, "tiny.muninn")
        # A file of more than one frame, and one with values of 16 bits.
        run(MUNINN, "convert", ROOT / "fixtures/checkpoints/huginn-tiny", pack, "--weights", "f32", "--coda", "bf16", "--quiet")
        for row in rows([Archive(pack), Archive(pack, "--split")]):
            print("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
            said = expected.pop((row[0], row[2]), None)
            if said is None or said[3] != row[3]:
                faults += 1
                print(f"  the page says: {said[3] if said else 'nothing'}")
            elif said[1] != row[1]:
                print(f"  the page says so of {row[0]} {said[1]}")
    for name, call in expected:
        faults += 1
        print(f"the page has a row that was not run: {name}: {call}")
    print(f"{faults} faults" if faults else "all as on the page")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
