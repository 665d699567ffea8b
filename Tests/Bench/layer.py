#!/usr/bin/env python3
"""Times the four products of one layer of the released shape for one token, in PyTorch bfloat16.

usage: layer.py THREADS
Prints the median of 9 runs in seconds.
"""
import statistics
import sys
import time

import torch

WIDTH, INNER = 5280, 17920


def main():
    torch.set_num_threads(int(sys.argv[1]))
    shapes = [(3 * WIDTH, WIDTH), (WIDTH, WIDTH), (2 * INNER, WIDTH), (WIDTH, INNER)]
    weights = [torch.full(shape, 0.01, dtype=torch.bfloat16) for shape in shapes]
    vectors = [torch.ones(1, shape[1], dtype=torch.bfloat16) for shape in shapes]
    seconds = []
    with torch.inference_mode():
        for _ in range(10):
            start = time.perf_counter()
            for weight, vector in zip(weights, vectors):
                torch.nn.functional.linear(vector, weight)
            seconds.append(time.perf_counter() - start)
    print(statistics.median(seconds[1:]))


if __name__ == "__main__":
    main()
