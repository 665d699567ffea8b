"""Each kernel of a conversion beside memcpy, on one core, at every level."""
import json

from measuring import measured


def run(setting):
    rows = json.loads(measured([setting.program("kernels")]).output)
    copies = {(row["level"], row["dtype"]): row["bytes_per_second"] for row in rows if row["operation"] == "memcpy"}
    for row in rows:
        name = f"{row['level']}, {row['dtype']}: {row['operation']}"
        setting.table.add_rate("kernels", name, row["bytes_per_second"], "bytes", copies[row["level"], row["dtype"]])
