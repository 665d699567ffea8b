#!/usr/bin/env python3
"""What engines were found to do: printed one by one, and kept in the file that RESULTS names.

usage: results.py FILE      shows what was kept as one table
"""
import os
import sys


def record(engine, what, found):
    print(f"{engine}: {what}: {found}")
    if path := os.environ.get("RESULTS"):
        with open(path, "a") as file:
            file.write(f"{engine}\t{what}\t{found}\n")


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
