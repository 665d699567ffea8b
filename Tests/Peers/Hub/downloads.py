"""What huggingface_hub leaves on the disk."""
import contextlib
import hashlib
import json
import os

import huggingface_hub
from huggingface_hub.utils import _shared_blobs

from cases import NANO, TINY, case, version
from hub_server import Hub, Repository

HUB = version("huggingface_hub")
ATTRIBUTES = b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.bin filter=lfs diff=lfs merge=lfs -text\n"
XET = "ab" + hashlib.sha256(b"what Xet names the file by").hexdigest()[2:]


@contextlib.contextmanager
def serving(work, source, xet=()):
    """A hub that has a fixture as org/name, and a cache of its own."""
    files = {file.name: file.read_bytes() for file in source.iterdir()}
    files |= {".gitattributes": ATTRIBUTES, "README.md": b"# A model\n"}
    with Hub({"org/name": Repository(files, xet)}) as hub:
        def download(**options):
            return huggingface_hub.snapshot_download("org/name", endpoint=hub.endpoint, **options)
        yield download


def intact(trial, path, covered=True):
    """`verify` finds no fault, and no file that nothing vouches for."""
    ran = trial.run("verify", path, "--json", *(["--require-checksums"] if covered else []))
    if ran.stdout.startswith("{"):
        found = json.loads(ran.stdout)
        trial.expect(not found["malformed"] and not found["missing"], f"verify: {found['malformed']}{found['missing']}")
        trial.expect(not covered or not found["uncovered"], f"verify leaves uncovered: {found['uncovered']}")
        trial.expect(all(check["holds"] for file in found["files"] for check in file["checks"]), "a digest does not hold")


@case("hub cache `models--ORG--NAME`, with `.gitattributes`", f"{HUB}, `snapshot_download`", "intact, taken")
def cache(trial, work):
    with serving(work, NANO) as download:
        snapshot = download(cache_dir=work / "cache")
    folder = work / "cache/models--org--name"
    for path in (folder, folder / "snapshots" / os.path.basename(snapshot)):
        intact(trial, path)
        trial.taken(path)


@case("hub cache of a sharded checkpoint", f"{HUB}, `snapshot_download`", "intact, taken")
def sharded(trial, work):
    with serving(work, TINY) as download:
        download(cache_dir=work / "cache")
    intact(trial, work / "cache/models--org--name")
    trial.taken(work / "cache/models--org--name", like=TINY, prompt=("--prompt", "In the"))


@case("hub cache with the shared blob store: two links to a file, the last one's name no SHA-256",
      f"{HUB}, `snapshot_download`", "intact, taken")
def shared(trial, work):
    weights = (NANO / "model.safetensors").read_bytes()
    blob = work / "cache/models--other--name/blobs" / hashlib.sha256(weights).hexdigest()
    blob.parent.mkdir(parents=True)
    blob.write_bytes(weights)
    # As if another repository's download had brought the file by Xet.
    published = _shared_blobs.publish_blob_to_shared_store(
        blob_path=blob, xet_hash=XET, cache_dir=work / "cache", expected_size=len(weights))
    with serving(work, NANO, {"model.safetensors": XET}) as download:
        snapshot = download(cache_dir=work / "cache")
    link = work / "cache/models--org--name/blobs" / blob.name
    trial.expect(published and link.is_symlink() and link.resolve().name == XET, "the blob is not shared")
    for path in (work / "cache/models--org--name", work / "cache/models--org--name/snapshots" / os.path.basename(snapshot)):
        intact(trial, path)
        trial.taken(path)


@case("download with `local_dir`", f"{HUB}, `snapshot_download`", "intact, taken")
def local(trial, work):
    with serving(work, NANO) as download:
        download(local_dir=work / "local", cache_dir=work / "cache")
    intact(trial, work / "local")
    trial.taken(work / "local")
    alone = work / "cache/models--org--name"
    trial.expect([each.name for each in alone.iterdir()] == ["refs"], "a local download leaves more than refs in the cache")


@case("what a download with `local_dir` leaves in the cache: `refs` alone", f"{HUB}, `snapshot_download`",
      "refused: it holds no snapshot")
def references(trial, work):
    with serving(work, NANO) as download:
        download(local_dir=work / "local", cache_dir=work / "cache")
    trial.refused(work / "cache/models--org--name", "snapshot")


@case("hub cache in which a blob was changed", f"{HUB}, then one byte", "`verify` names the file")
def changed(trial, work):
    with serving(work, NANO) as download:
        snapshot = download(cache_dir=work / "cache")
    blob = os.path.realpath(os.path.join(snapshot, "model.safetensors"))
    with open(blob, "r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)[0]
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last ^ 1]))
    ran = trial.run("verify", work / "cache/models--org--name", "--json", code=2)
    files = json.loads(ran.stdout)["files"] if ran.stdout.startswith("{") else []
    faulty = [file["name"] for file in files if not all(check["holds"] for check in file["checks"])]
    trial.expect(faulty == ["model.safetensors"], f"verify finds {faulty} changed")


@case("hub cache of one shard and the index, of three shards", f"{HUB}, `allow_patterns`", "refused: names the shards to fetch")
def partial(trial, work):
    with serving(work, TINY) as download:
        download(cache_dir=work / "cache", allow_patterns=["*.json", "model-00001-*"])
    path = work / "cache/models--org--name"
    ran = trial.run("validate", path, code=2)
    for shard in ("model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors"):
        trial.expect(shard in ran.stdout, f"{shard} is not named")
    trial.expect("not fully downloaded" in ran.stdout, "validate does not say that the download is not whole")
    trial.run("convert", path, work / "refused.muninn", code=1)


@case("hub cache while a blob is coming, two processes at once", f"the names of {HUB}", "refused: names the file that is not whole")
def unfinished(trial, work):
    with serving(work, NANO) as download:
        snapshot = download(cache_dir=work / "cache")
    link = os.path.join(snapshot, "model.safetensors")
    blob = os.path.realpath(link)
    os.remove(link)
    for process in ("0a1b2c3d", "4e5f6071"):
        with open(blob, "rb") as whole, open(f"{blob}.{process}.incomplete", "wb") as part:
            part.write(whole.read(1000))
    os.remove(blob)
    ran = trial.run("validate", work / "cache/models--org--name", code=2)
    trial.expect(ran.stdout.count("incomplete") >= 1, "the unfinished download is not named")
    trial.run("convert", work / "cache/models--org--name", work / "refused.muninn", code=1)
