"""Products of a stored matrix with many vectors on one core, in processor time: ours at every level, and others'.

The matrix has 17920 rows of 5280 columns, as the release's have: more than caches hold. What is compared runs in turn.
"""
import json
import statistics

from measuring import measured

VECTORS = [1, 4, 16, 64, 256]
PEERS = ["ggml", "torch", "mlx"]


def run(setting):
    programs = {build: setting.program("multiply", root) for build, (_, root) in setting.builds.items()}
    rates = {}

    def take(of, rows):
        for row in rows:
            key = (of, row["operation"], row["level"], row["vectors"])
            rates.setdefault(key, []).append(row["products_per_cpu_second"])

    for index in range(setting.rounds):
        for build, program in programs.items():
            # Levels that this processor is not used at are only measured once.
            levels = "all" if index == 0 and build == "ours" else "best"
            take(build, json.loads(measured([program, "1", "products", levels]).output))
        for peer in PEERS:
            take("peer", setting.peer_products(peer, 1, *VECTORS))
    for (of, operation, level, vectors), found in rates.items():
        rate = statistics.median(found)
        before = rates.get(("base", operation, level, vectors)) if of == "ours" else None
        more = {"level": level, "runs": [round(rate) for rate in found]}
        name = f"{of}: {operation} x {vectors}, {level}"
        setting.table.add_rate("products", name, rate, "products", before and statistics.median(before), **more)
