"""CLIP's vision tower in plain PyTorch: vision_tower.py width layers heads patch image embedding wanted_layers threads

wanted_layers is a list such as 3,6,9,12; threads is 0 for as many as PyTorch chooses. Weights are random.
"""
import sys

import torch

from peer import megabytes, serve
from tower import Tower

width, depth, heads, patch, side, embedding = (int(value) for value in sys.argv[1:7])
wanted = {int(value) for value in sys.argv[7].split(",")}
if int(sys.argv[8]):
    torch.set_num_threads(int(sys.argv[8]))
at_start = megabytes()
torch.manual_seed(0)

tower = Tower(width, depth, heads, patch, side, embedding, wanted).eval()
image = torch.randn(1, 3, side, side)


def work():
    with torch.inference_mode():
        tower(image)


threads = int(sys.argv[8]) or "own choice of"
serve(f"PyTorch {torch.__version__}, {threads} threads,", work, at_start)
