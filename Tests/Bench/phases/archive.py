"""Archives beside zstd -T0 of a tar of the same bytes, and back; outputs in memory, so that no disk is timed."""
import os
import shutil
import statistics

from measuring import byte_count, files, measured, remove, warm

RUNS = 3


def run(setting):
    checkpoint, directory = setting.checkpoint(), os.path.join(setting.dir, "archiving")
    pack = os.path.join(directory, "pack")
    os.makedirs(directory, exist_ok=True)
    os.makedirs(setting.memory, exist_ok=True)
    for encoding in ["int8", "f16", "bf16"]:
        setting.convert(checkpoint, pack, "--weights", encoding)
        size = byte_count(files(pack))
        archives = archive(setting, encoding, pack, size)
        remove(pack)
        restore(setting, encoding, archives, size)
    remove(directory)


def archive(setting, encoding, pack, size):
    """Archives of a pack by each way, beside it."""
    directory, made = os.path.dirname(pack), os.path.join(setting.memory, "archive")
    commands = {
        "tar | zstd -T0 -1": ["sh", "-c", f"tar c -C {directory} pack | zstd -q -f -T0 -1 -o {made}"],
        "muninn archive": [setting.muninn, "archive", pack, "-o", made, "--quiet", "--force"],
    }
    if encoding != "int8":
        commands["muninn archive --split"] = [*commands["muninn archive"], "--split"]
    archives = {name: os.path.join(directory, f"archive-{index}") for index, name in enumerate(commands)}
    runs = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            warm(files(pack))
            runs[name].append(measured(command))
            shutil.move(made, archives[name])
    base = None
    for name in commands:
        seconds = [run.wall for run in runs[name]]
        median = setting.table.add(
            "archive", f"{encoding}: {name}", seconds, base, of_pack=round(os.path.getsize(archives[name]) / size, 4),
            mb_per_second=round(size / statistics.median(seconds) / 1e6),
            peak_mib=round(max(run.peak for run in runs[name]) / 2**20))
        base = base or median
    return archives


def restore(setting, encoding, archives, size):
    restored = os.path.join(setting.memory, "restored")
    seconds = {name: [] for name in archives}
    for _ in range(RUNS):
        for name, path in archives.items():
            warm([path])
            if name.startswith("tar"):
                os.makedirs(restored)
                command = ["sh", "-c", f"zstd -q -d < {path} | tar x -C {restored}"]
            else:
                command = [setting.muninn, "unarchive", path, restored, "--quiet"]
            seconds[name].append(measured(command).wall)
            remove(restored)
    base = None
    for name in archives:
        label = "zstd -d | tar x" if name.startswith("tar") else name.replace("archive", "unarchive")
        median = setting.table.add(
            "archive", f"{encoding}: {label}", seconds[name], base,
            mb_per_second=round(size / statistics.median(seconds[name]) / 1e6))
        base = base or median
