#!/usr/bin/env python3
"""Holds muninn against what today's libraries write: makes each kind of directory, runs the verbs, prints a table.

usage: hub.py MUNINN [--page FILE] [--only WORDS] [--keep DIRECTORY]
RESULTS names a file for the table. --page checks that the table in a page is the one that is printed.
Ends with 1 where a verdict is another than the right one.
"""
import argparse
import contextlib
import importlib
import os
import pathlib
import sys
import tempfile
import traceback

import environment  # noqa: F401
import transformers

import cases
from trial import ORDER, Tool, Trial

TOPICS = ["downloads", "saves", "names", "files", "quantized", "beside"]
HEAD = ["| kind of directory | written by | verbs | verdict |", "| --- | --- | --- | --- |"]


def attempt(tool, work, function):
    work.mkdir(parents=True)
    trial = Trial(tool, work)
    try:
        function(trial, work)
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        trial.faults.append(f"{type(error).__name__} at {pathlib.Path(frame.filename).name}:{frame.lineno}: {error}")
    return trial


def table_in(page):
    lines = page.read_text().splitlines()
    start = lines.index(HEAD[0])
    end = next((number for number in range(start, len(lines)) if not lines[number].startswith("|")), len(lines))
    return lines[start:end]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("muninn", type=pathlib.Path)
    parser.add_argument("--page", type=pathlib.Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    transformers.utils.logging.disable_progress_bar()
    for topic in TOPICS:
        importlib.import_module(topic)
    rows, failed = list(HEAD), []
    with contextlib.ExitStack() as stack:
        work = options.keep or pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        tool = Tool(options.muninn.resolve(), work)
        chosen = [each for each in cases.CASES if options.only in f"{each[3].__module__}.{each[3].__name__}"]
        for number, (kind, writer, verdict, function) in enumerate(chosen):
            name = f"{function.__module__}.{function.__name__}"
            trial = attempt(tool, work / f"{number:03}-{function.__name__}", function)
            verbs = ", ".join(sorted(trial.verbs, key=ORDER.index))
            rows.append(f"| {kind} | {writer} | {verbs} | {verdict if not trial.faults else '**not** ' + verdict} |")
            print(f"{'ok   ' if not trial.faults else 'WRONG'} {name}", file=sys.stderr, flush=True)
            failed += [f"{name}: {fault}" for fault in trial.faults]
    print("\n".join(rows))
    if path := os.environ.get("RESULTS"):
        pathlib.Path(path).write_text("\n".join(rows) + "\n")
    if options.page and not options.only and table_in(options.page) != rows:
        failed.append(f"{options.page}: its table is not the one that was printed")
    for fault in failed:
        print(fault, file=sys.stderr)
    wrong = len({fault.split(":")[0] for fault in failed})
    print(f"{len(chosen)} kinds of directories, {wrong} with another verdict than the right one", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
