"""Products against reading, one layer against other engines, and tokens by recurrences, with and without drafts."""
import json

from measuring import CORES, measured

#: The products of one layer of the release with one vector.
LAYER = 4 * 5280 * 5280 + 3 * 5280 * 17920


def run(setting):
    reading(setting)
    pack = setting.pack()
    for steps in [4, 8, 16, 32]:
        generation(
            setting, pack, f"a token at {steps} recurrences", "--tokens", "1", "--steps", str(steps), "--max-tokens", "3")
    generation(
        setting, pack, "a token of 4 together, 8 recurrences", "--tokens", "1,2,3,4", "--steps", "8", "--max-tokens", "1")
    generation(
        setting, pack, "a token with drafts of 2 recurrences, 8 in all",
        "--tokens", "1", "--steps", "8", "--max-tokens", "9", "--draft-steps", "2", "--draft-tokens", "3")


def reading(setting):
    """How near one and four vectors come to reading the matrix, and one layer by this measure."""
    rows = json.loads(measured([setting.program("multiply"), str(CORES), "reading"]).output)
    reading = rows[0]["bytes_per_second"]
    for row in rows:
        name = f"{row['operation']} x {row['vectors']}" if "vectors" in row else row["operation"]
        setting.table.add_rate("inference", name, row["bytes_per_second"], "bytes", reading)
    ours = LAYER / next(
        row["bytes_per_second"] for row in rows if row["operation"] == "int8:32" and row["vectors"] == 1)
    setting.table.add("inference", "one layer's products, int8:32", [ours])
    for peer in ["torch", "ggml"]:
        for row in setting.peer_products(peer, CORES, 1):
            seconds = LAYER / row["products_per_second"]
            setting.table.add("inference", f"the same in {row['operation']}", [seconds], ours)


def generation(setting, pack, name, *flags):
    """A token's seconds, by each build."""
    runs = setting.in_turn("generate", pack, "--json", "--quiet", *flags)
    results = {build: [json.loads(run.output) for run in found] for build, found in runs.items()}
    drafts = {build: f"{found[0]['accepted']}/{found[0]['drafted']}" for build, found in results.items()}
    setting.table.add_builds(
        "inference", name, {build: [1 / result["tokens_per_second"] for result in found] for build, found in results.items()},
        **({"accepted": drafts} if "--draft-steps" in flags else {}))
