"""Nearest bank row of every query as BTF and PatchCore search it: bank_search.py queries.f32 bank.f32 dimension threads

threads is 0 for as many as PyTorch chooses.
"""
import sys

import numpy as np
import torch

from peer import serve

queries, bank = (torch.from_numpy(np.fromfile(path, np.float32).reshape(-1, int(sys.argv[3]))) for path in sys.argv[1:3])
if int(sys.argv[4]):
    torch.set_num_threads(int(sys.argv[4]))


def search():
    return torch.min(torch.cdist(queries, bank), dim=1)


serve(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", search)
