"""Visibility of projected points and the average of maps at them, vectorised: back_projection.py uvz.f64 maps.f32 views size window"""
import sys

import numpy as np

from peer import serve

views, size, window = (int(argument) for argument in sys.argv[3:6])
uvz = np.fromfile(sys.argv[1], np.float64).reshape(views, 3, -1)
maps = np.fromfile(sys.argv[2], np.float32).reshape(views, size * size)


def work():
    total = np.zeros(uvz.shape[2], np.float32)
    counts = np.zeros(uvz.shape[2], np.int32)
    for (u, v, depth), values in zip(uvz, maps):
        x = np.clip(np.trunc(u * size / window).astype(np.int64), 0, size - 1)
        y = np.clip(np.trunc(v * size / window).astype(np.int64), 0, size - 1)
        pixel = y * size + x
        order = np.lexsort((depth, pixel))  # stable: the lowest index first among equals
        first = np.ones(len(order), bool)
        first[1:] = pixel[order[1:]] != pixel[order[:-1]]
        visible = np.zeros(len(order), bool)
        visible[order[first]] = True
        total += np.where(visible, values[pixel], 0)
        counts += visible
    return total / np.maximum(counts, 1)


serve(f"NumPy {np.__version__}", work)
