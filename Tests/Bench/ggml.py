#!/usr/bin/env python3
"""Times the four products of one layer of the released shape for one token, in ggml's Q8_0.

usage: ggml.py THREADS DIRECTORY
The directory has libggml-base.so and libggml-cpu.so. Prints the median of 9 runs in seconds.
"""
import ctypes
import os
import statistics
import sys
import time

WIDTH, INNER = 5280, 17920
F32, Q8_0 = 0, 8


class Parameters(ctypes.Structure):
    _fields_ = [("mem_size", ctypes.c_size_t), ("mem_buffer", ctypes.c_void_p), ("no_alloc", ctypes.c_bool)]


def main():
    threads, directory = int(sys.argv[1]), sys.argv[2]
    base, cpu = (
        ctypes.CDLL(os.path.join(directory, name), mode=ctypes.RTLD_GLOBAL) for name in ["libggml-base.so", "libggml-cpu.so"])

    def function(owner, name, result, *arguments):
        found = getattr(owner, name)
        found.restype, found.argtypes = result, arguments
        return found

    pointer, size, signed = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64
    init = function(base, "ggml_init", pointer, Parameters)
    matrix = function(base, "ggml_new_tensor_2d", pointer, pointer, ctypes.c_int, signed, signed)
    product = function(base, "ggml_mul_mat", pointer, pointer, pointer, pointer)
    data = function(base, "ggml_get_data", pointer, pointer)
    byte_count = function(base, "ggml_nbytes", size, pointer)
    new_graph = function(base, "ggml_new_graph", pointer, pointer)
    expand = function(base, "ggml_build_forward_expand", None, pointer, pointer)
    compute = function(cpu, "ggml_graph_compute_with_ctx", ctypes.c_int, pointer, pointer, ctypes.c_int)
    function(cpu, "ggml_cpu_init", None)()

    context = init(Parameters(600 << 20, None, False))
    graph = new_graph(context)
    for rows, columns in [(3 * WIDTH, WIDTH), (WIDTH, WIDTH), (2 * INNER, WIDTH), (WIDTH, INNER)]:
        weights = matrix(context, Q8_0, columns, rows)
        # Bytes that are small finite scales and codes.
        ctypes.memset(data(weights), 0x11, byte_count(weights))
        vector = matrix(context, F32, columns, 1)
        ctypes.memset(data(vector), 0x3C, byte_count(vector))
        expand(graph, product(context, weights, vector))
    seconds = []
    for _ in range(10):
        start = time.perf_counter()
        if compute(context, graph, threads):
            sys.exit("the graph was not computed")
        seconds.append(time.perf_counter() - start)
    print(statistics.median(seconds[1:]))


if __name__ == "__main__":
    main()
