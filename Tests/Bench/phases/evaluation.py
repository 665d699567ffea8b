"""An evaluation of a small trained pack beside its checkpoint, by each build."""
import os

from measuring import remove
from setting import ROOT

BYTES = 16 << 10


def run(setting):
    checkpoint = os.path.join(ROOT, "fixtures/checkpoints/huginn-tiny")
    pack, text = os.path.join(setting.dir, "huginn-tiny.muninn"), os.path.join(setting.dir, "heldout.txt")
    setting.convert(checkpoint, pack)
    with open(os.path.join(checkpoint, "heldout.txt"), "rb") as source, open(text, "wb") as target:
        target.write(source.read(BYTES))
    runs = setting.in_turn("eval", pack, "--reference", checkpoint, "--text", text, "--json", "--quiet")
    remove(pack)
    remove(text)
    name = f"huginn-tiny, {BYTES >> 10} KiB, r = 1 to 32"
    for kind, of in [("processor time", "cpu"), ("wall time", "wall")]:
        setting.table.add_builds(
            "evaluation", f"{name}, {kind}", {build: [getattr(run, of) for run in found] for build, found in runs.items()})
