#!/usr/bin/env python3
"""Times products of a matrix with many vectors in another engine, by processor time and by the clock, as JSON.

usage: products.py ggml|torch|mlx THREADS VECTORS,... DIRECTORY
For ggml, DIRECTORY has libggml-base.so and libggml-cpu.so; the others ignore it. `level` is what the engine runs at.
"""
import json
import statistics
import sys
import time
import warnings

ROWS, COLUMNS, RUNS = 17920, 5280, 3


def measure(rows, multiply):
    """Products in a second of processor time and by the clock; the first run is not counted."""
    cpu, wall = [], []
    for _ in range(RUNS + 1):
        starts = time.process_time(), time.perf_counter()
        multiply()
        cpu.append(time.process_time() - starts[0])
        wall.append(time.perf_counter() - starts[1])
    return {
        "products_per_cpu_second": rows * COLUMNS / statistics.median(cpu[1:]),
        "products_per_second": rows * COLUMNS / statistics.median(wall[1:])}


def of_ggml(threads, counts, directory):
    from ggml import Library

    library = Library(directory)
    for name, repacked in [("Q8_0", False), ("Q4_0", False), ("Q4_0", True)]:
        for vectors in counts:
            with library.product(name, ROWS, COLUMNS, vectors, threads, repacked) as multiply:
                operation = f"ggml {library.version} {name}" + (", repacked" if repacked else "")
                yield {"operation": operation, "level": library.level, "vectors": vectors, **measure(ROWS * vectors, multiply)}


def of_torch(threads, counts, _):
    import torch

    warnings.simplefilter("ignore")
    torch.set_num_threads(threads)
    level = torch.backends.cpu.get_cpu_capability()
    with torch.inference_mode():
        plain = torch.nn.Linear(COLUMNS, ROWS, bias=False)
        torch.nn.init.normal_(plain.weight, std=0.01)
        coded = torch.ao.quantization.quantize_dynamic(torch.nn.Sequential(plain), {torch.nn.Linear}, torch.qint8)
        for name, model, dtype in [
            ("bf16", plain.bfloat16(), torch.bfloat16), (f"int8 dynamic ({torch.backends.quantized.engine})", coded, torch.float32)
        ]:
            for vectors in counts:
                x = torch.randn(vectors, COLUMNS).to(dtype)
                yield {
                    "operation": f"PyTorch {torch.__version__} {name}", "level": level, "vectors": vectors,
                    **measure(ROWS * vectors, lambda: model(x))}


def of_mlx(threads, counts, _):
    import importlib.metadata

    import mlx.core as mx

    mx.set_default_device(mx.cpu)
    # An eighth of the rows: it takes that much longer, and 12 MB of codes are more than its caches as well.
    rows = ROWS // 8
    for bits in [8, 4]:
        matrix = mx.quantize(mx.random.normal((rows, COLUMNS)), group_size=32, bits=bits)
        mx.eval(matrix)
        for vectors in counts:
            x = mx.random.normal((vectors, COLUMNS))
            mx.eval(x)
            yield {
                "operation": f"mlx {importlib.metadata.version('mlx')} {bits} bits in groups of 32", "level": "any",
                "vectors": vectors,
                **measure(
                    rows * vectors,
                    lambda: mx.eval(mx.quantized_matmul(x, *matrix, transpose=True, group_size=32, bits=bits)))}


def main():
    name, threads, counts, directory = sys.argv[1:]
    rows = {"ggml": of_ggml, "torch": of_torch, "mlx": of_mlx}[name]
    print(json.dumps(list(rows(int(threads), [int(count) for count in counts.split(",")], directory))))


if __name__ == "__main__":
    main()
