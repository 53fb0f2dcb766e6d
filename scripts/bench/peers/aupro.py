"""AUPRO of the MVTec 3D-AD evaluation in NumPy: aupro.py maps.f32 masks.u8 count side"""
import sys

import numpy as np
from scipy import ndimage

from peer import serve

count, side = int(sys.argv[3]), int(sys.argv[4])
maps = np.fromfile(sys.argv[1], np.float32).reshape(count, side, side)
masks = np.fromfile(sys.argv[2], np.uint8).reshape(count, side, side)


def aupro(limit=0.3, thresholds=100):
    """Step by step as the evaluation is published: every region and the normal pixels by a mask of their image."""
    normal, regions = [], []
    for scores, mask in zip(maps, masks):
        labels, number = ndimage.label(mask, np.ones((3, 3)))
        normal.append(scores[labels == 0])
        regions.extend(np.sort(scores[labels == index]) for index in range(1, number + 1))
    normal = np.sort(np.concatenate(normal))
    positions = np.linspace(0, len(normal) - 1, thresholds).astype(int)[::-1]
    fpr = 1 - (positions + 1) / len(normal)
    pro = np.mean([1 - np.searchsorted(r, normal[positions], "right") / len(r) for r in regions], 0)
    fpr, pro = np.append(fpr, 1), np.append(pro, 1)
    inside = fpr <= limit
    x, y = np.append(fpr[inside], limit), np.append(pro[inside], np.interp(limit, fpr, pro))
    return np.trapz(y, x) / limit


serve(f"NumPy {np.__version__}", aupro)
