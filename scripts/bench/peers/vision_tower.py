"""CLIP's vision tower in plain PyTorch: vision_tower.py width layers heads patch image embedding wanted_layers threads

wanted_layers is a list such as 3,6,9,12; threads is 0 for as many as PyTorch chooses. Weights are random.
"""
import sys

import torch
import torch.nn.functional as F

from peer import megabytes, serve

width, depth, heads, patch, side, embedding = (int(value) for value in sys.argv[1:7])
wanted = {int(value) for value in sys.argv[7].split(",")}
if int(sys.argv[8]):
    torch.set_num_threads(int(sys.argv[8]))
at_start = megabytes()
torch.manual_seed(0)


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1 = torch.nn.LayerNorm(width)
        self.in_proj = torch.nn.Linear(width, 3 * width)
        self.out_proj = torch.nn.Linear(width, width)
        self.ln_2 = torch.nn.LayerNorm(width)
        self.c_fc = torch.nn.Linear(width, 4 * width)
        self.c_proj = torch.nn.Linear(4 * width, width)

    def attention(self, x):
        batch, tokens, _ = x.shape
        split = self.in_proj(x).view(batch, tokens, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        queries, keys, values = split
        if hasattr(F, "scaled_dot_product_attention"):
            heard = F.scaled_dot_product_attention(queries, keys, values)
        else:
            scaled = queries * (width // heads) ** -0.5
            heard = torch.softmax(scaled @ keys.transpose(-1, -2), -1) @ values
        return self.out_proj(heard.transpose(1, 2).reshape(batch, tokens, width))

    def forward(self, x):
        x = x + self.attention(self.ln_1(x))
        return x + self.c_proj(F.gelu(self.c_fc(self.ln_2(x))))


class Tower(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = torch.nn.Parameter(torch.randn(width) * 0.02)
        self.positions = torch.nn.Parameter(torch.randn((side // patch) ** 2 + 1, width) * 0.02)
        self.ln_pre = torch.nn.LayerNorm(width)
        self.blocks = torch.nn.ModuleList([Block() for _ in range(depth)])
        self.ln_post = torch.nn.LayerNorm(width)
        self.proj = torch.nn.Linear(width, embedding, bias=False)

    def forward(self, images):
        patches = self.conv1(images).flatten(2).transpose(1, 2)
        first = self.class_embedding.expand(len(images), 1, width)
        x = self.ln_pre(torch.cat([first, patches], 1) + self.positions)
        features = []
        for layer, block in enumerate(self.blocks, 1):
            x = block(x)
            if layer in wanted:
                features.append(self.proj(self.ln_post(x[:, 1:])))
        return self.proj(self.ln_post(x[:, 0])), features


tower = Tower().eval()
image = torch.randn(1, 3, side, side)


def work():
    with torch.inference_mode():
        tower(image)


threads = int(sys.argv[8]) or "own choice of"
serve(f"PyTorch {torch.__version__}, {threads} threads,", work, at_start)
