"""Greedy k-centre as PatchCore and BTF run it: k_centre.py rows.f32 dimension count"""
import sys

import numpy as np
import torch

from peer import serve

rows = torch.from_numpy(np.fromfile(sys.argv[1], np.float32).reshape(-1, int(sys.argv[2])))


def k_centre(count=int(sys.argv[3])):
    chosen = [0]
    nearest = torch.linalg.norm(rows - rows[0], dim=1)
    for _ in range(count - 1):
        index = int(torch.argmax(nearest))
        chosen.append(index)
        nearest = torch.minimum(nearest, torch.linalg.norm(rows - rows[index], dim=1))
        nearest[index] = 0
    return chosen


serve(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", k_centre)
