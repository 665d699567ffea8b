#!/usr/bin/env python3
"""Writes lists of checksums and what GNU sha256sum says of each, as checksum_lists.json.

usage: make_checksum_lists.py DIRECTORY

Needs sha256sum of GNU coreutils, 9.1.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FILES = {
    "a": "abc", "a b.json": "{}", " lead": "1", "trail ": "2", "*star": "3", ".gitattributes": "*\n",
    "sub/c.bin": "c", "sub/deep/d": "", "line\nfeed": "4", "carriage\rreturn": "5", "back\\slash": "6",
    "round (1).txt": "7", "ends)": "8", "é.txt": "9", "#hash": "10", "b": "not what is listed",
}


def digest(name):
    return hashlib.sha256(FILES[name].encode()).hexdigest()


A, AB, C, WRONG = digest("a"), digest("a b.json"), digest("sub/c.bin"), digest("a")
MD5, SHA1 = hashlib.md5(b"abc").hexdigest(), hashlib.sha1(b"abc").hexdigest()
SHA384, SHA512 = hashlib.sha384(b"abc").hexdigest(), hashlib.sha512(b"abc").hexdigest()
BLAKE2 = hashlib.blake2b(b"abc").hexdigest()


def cases(written):
    """Names and texts of lists; `written` are lists that sha256sum wrote."""
    yield from written
    yield "two spaces", f"{A}  a\n{AB}  a b.json\n"
    yield "binary mode", f"{A} *a\n{AB} *a b.json\n"
    yield "both modes", f"{A}  a\n{AB} *a b.json\n"
    yield "one space", f"{A} a\n{AB} a b.json\n"
    yield "a tab", f"{A}\ta\n"
    yield "a tab and a space", f"{A}\t a\n"
    yield "one space, then two", f"{A} a\n{AB}  a b.json\n"
    yield "two spaces, then one", f"{A}  a\n{AB} a b.json\n"
    yield "one space before a name that begins with one", f"{A} a\n{digest(' lead')}  lead\n"
    yield "no line feed at the end", f"{A}  a"
    yield "carriage returns", f"{A}  a\r\n{AB} *a b.json\r\n\r\n"
    yield "a carriage return at the end", f"{A}  a\r"
    yield "two carriage returns", f"{A}  a\r\r\n"
    yield "capital digits", f"{A.upper()}  a\n"
    yield "blanks before", f"  {A}  a\n\t{AB}  a b.json\n"
    yield "comments and empty lines", f"# of today\n\n{A}  a\n#{AB}  a b.json\n\n\n"
    yield "a comment after a blank", f" # no comment\n{A}  a\n"
    yield "a name that begins with #", f"{digest('#hash')}  #hash\n"
    yield "a dot and a slash", f"{A}  ./a\n{C}  ./sub//c.bin\n{A}  .//a\n{A}  ././a\n"
    yield "folders", f"{C}  sub/c.bin\n{digest('sub/deep/d')}  sub/deep/d\n"
    yield "a dot file", f"{digest('.gitattributes')}  .gitattributes\n"
    yield "blanks in names", f"{digest(' lead')}   lead\n{digest('trail ')}  trail \n"
    yield "a blank too many", f"{A}   a\n{A}  a \n"
    yield "a star in a name", f"{digest('*star')} **star\n{digest('*star')}  *star\n"
    yield "not ASCII", f"{digest('é.txt')}  é.txt\n"
    yield "escaped", (
        f"\\{digest('line' + chr(10) + 'feed')}  line\\nfeed\n"
        f"\\{digest('carriage' + chr(13) + 'return')}  carriage\\rreturn\n"
        f"\\{digest('back' + chr(92) + 'slash')}  back\\\\slash\n")
    yield "a backslash that escapes nothing", f"{digest('back' + chr(92) + 'slash')}  back\\slash\n"
    yield "another escape", f"\\{A}  a\\tb\n{A}  a\n"
    yield "an escape that ends", f"\\{A}  a\\\n{A}  a\n"
    yield "two backslashes before", f"\\\\{A}  a\n{A}  a\n"
    yield "tagged", f"SHA256 (a) = {A}\nSHA256 (a b.json) = {AB}\nSHA256 (sub/c.bin) = {C}\n"
    yield "tagged as OpenSSL does", f"SHA256(a)= {A}\nSHA256(a b.json)= {AB}\n"
    yield "tagged with more and fewer blanks", f" SHA256 (a)=  {A}\nSHA256 (a) \t={A}\n"
    yield "tagged with carriage returns", f"SHA256 (a) = {A}\r\n"
    yield "tagged with brackets in names", (
        f"SHA256 (round (1).txt) = {digest('round (1).txt')}\nSHA256 (ends)) = {digest('ends)')}\n")
    yield "tagged and escaped", f"\\SHA256 (back\\\\slash) = {digest('back' + chr(92) + 'slash')}\n"
    yield "tagged with capital digits", f"SHA256 (a) = {A.upper()}\n"
    yield "tagged, then not", f"SHA256 (a) = {A}\n{AB}  a b.json\n"
    yield "tagged, malformed", "".join(f"{line}\n" for line in [
        f"SHA256 (a) = {A} ", f"SHA256 (a) = {A}0", f"SHA256 (a) = {A[1:]}", f"SHA256 (a = {A}",
        f"SHA256 a) = {A}", f"SHA256 (a) {A}", f"SHA256  (a) = {A}", f"sha256 (a) = {A}",
        f"SHA256 (a)", "SHA256", f"SHA256 (a) = g{A[1:]}", f"SHA256 (a) = {A}"])
    yield "other digests", (
        f"{MD5}  a\n{SHA1}  a\n{SHA512}  a\n{SHA384}  a\nMD5 (a) = {MD5}\nSHA1 (a) = {SHA1}\n"
        f"SHA512 (a) = {SHA512}\nBLAKE2b (a) = {BLAKE2}\nSHA512/256 (a) = {A}\n{A}  a\n")
    yield "nothing but another digest", f"MD5 (a) = {MD5}\n{MD5}  a\n"
    yield "malformed", "".join(f"{line}\n" for line in [
        "nonsense", f"{A}", f"{A} ", f"{A}a", f"{A[1:]}  a", f"{A}0  a", f"g{A[1:]}  a",
        f"{A}\u000b a", f"{A}-a", "<!DOCTYPE html>", "=" * 80, f"{A}  a"])
    yield "a blank for a name", f"{A}  \n{A} a\n"
    yield "a byte order mark", f"\ufeff{A}  a\n{AB}  a b.json\n"
    yield "nothing", ""
    yield "nothing but a line feed", "\n"
    yield "nothing but a comment", "# sums\n"
    yield "no list", "The checksums are on our web page.\n"
    yield "another content", f"{WRONG}  b\n{A}  a\n"
    yield "no such file", f"{A}  none\n{A}  none/a\n{A}  a/none\n{A}  a\n"
    yield "a folder", f"{A}  sub\n{A}  .\n{A}  a\n"
    yield "the same file twice", f"{A}  a\n{AB}  a\n"
    yield "a name that is too long", f"{A}  {'x' * 300}\n{A}  a\n"


def run(directory, *arguments):
    return subprocess.run(
        ["sha256sum", *arguments], cwd=directory, env={**os.environ, "LC_ALL": "C"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def unescaped(name):
    if not name.startswith("\\"):
        return name
    plain = {"n": "\n", "r": "\r", "\\": "\\"}
    parts, index = [], 1
    while index < len(name):
        escape = name[index] == "\\"
        parts.append(plain[name[index + 1]] if escape else name[index])
        index += 2 if escape else 1
    return "".join(parts)


def verdict(directory, text):
    """What is said of each file, in order, the lines that are malformed, the exit code."""
    path = Path(directory, "list")
    path.write_bytes(text.encode())
    result = run(directory, "--check", "--warn", "list")
    path.unlink()
    files = []
    for line in result.stdout.decode().split("\n")[:-1]:
        name, _, word = line.rpartition(": ")
        files.append({"name": unescaped(name), "verdict": word})
    malformed = [
        int(line.split(": ")[2]) for line in result.stderr.decode("utf-8", "replace").splitlines()
        if line.endswith("improperly formatted SHA256 checksum line")]
    return {
        "files": files, "malformed": malformed, "status": result.returncode,
        "isList": b"no properly formatted" not in result.stderr}


def main():
    with tempfile.TemporaryDirectory() as directory:
        for name, content in FILES.items():
            path = Path(directory, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())
        names = sorted(FILES)
        written = []
        for option in ["--text", "--binary", "--tag"]:
            text = run(directory, option, "--", *names).stdout.decode()
            written.append((f"written by sha256sum {option}", text))
        lists = [
            {"name": name, "text": text, **verdict(directory, text)}
            for name, text in cases(written)]
    version = run(".", "--version").stdout.decode().split("\n")[0]
    table = {"tool": version, "files": FILES, "lists": lists}
    Path(sys.argv[1], "checksum_lists.json").write_text(
        json.dumps(table, indent=1, ensure_ascii=True, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
