"""A training step of a vision tower in plain PyTorch: train_tower.py width layers heads patch image embedding batch threads"""
import sys

import torch

from peer import megabytes, serve
from tower import Tower, quick_gelu

width, depth, heads, patch, side, embedding, batch, threads = (int(value) for value in sys.argv[1:9])
torch.set_num_threads(threads)
at_start = megabytes()
torch.manual_seed(0)
tower = Tower(width, depth, heads, patch, side, embedding, {depth}, quick_gelu).train()
optimiser = torch.optim.AdamW(tower.parameters(), lr=1e-4)
images = torch.randn(batch, 3, side, side)


def work():
    optimiser.zero_grad()
    image, (patches,) = tower(images)
    (image.square().mean() + patches.square().mean()).backward()
    optimiser.step()


serve(f"PyTorch {torch.__version__}, {threads} threads,", work, at_start)
