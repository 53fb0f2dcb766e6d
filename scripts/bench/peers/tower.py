"""CLIP's vision tower in plain PyTorch, random weights."""
import torch
import torch.nn.functional as F


def quick_gelu(x):
    return x * torch.sigmoid(1.702 * x)


class Block(torch.nn.Module):
    def __init__(self, width, heads, activation):
        super().__init__()
        self.heads = heads
        self.activation = activation
        self.ln_1 = torch.nn.LayerNorm(width)
        self.in_proj = torch.nn.Linear(width, 3 * width)
        self.out_proj = torch.nn.Linear(width, width)
        self.ln_2 = torch.nn.LayerNorm(width)
        self.c_fc = torch.nn.Linear(width, 4 * width)
        self.c_proj = torch.nn.Linear(4 * width, width)

    def attention(self, x):
        batch, tokens, width = x.shape
        head_width = width // self.heads
        split = self.in_proj(x).view(batch, tokens, 3, self.heads, head_width).permute(2, 0, 3, 1, 4)
        queries, keys, values = split
        if hasattr(F, "scaled_dot_product_attention"):
            heard = F.scaled_dot_product_attention(queries, keys, values)
        else:
            scaled = queries * head_width**-0.5
            heard = torch.softmax(scaled @ keys.transpose(-1, -2), -1) @ values
        return self.out_proj(heard.transpose(1, 2).reshape(batch, tokens, width))

    def forward(self, x):
        x = x + self.attention(self.ln_1(x))
        return x + self.c_proj(self.activation(self.c_fc(self.ln_2(x))))


class Tower(torch.nn.Module):
    """Gives the embedding of the class token, and the projected patches of the blocks in `wanted`, counted from 1."""

    def __init__(self, width, depth, heads, patch, side, embedding, wanted, activation=F.gelu):
        super().__init__()
        self.wanted = wanted
        self.conv1 = torch.nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = torch.nn.Parameter(torch.randn(width) * 0.02)
        self.positions = torch.nn.Parameter(torch.randn((side // patch) ** 2 + 1, width) * 0.02)
        self.ln_pre = torch.nn.LayerNorm(width)
        self.blocks = torch.nn.ModuleList([Block(width, heads, activation) for _ in range(depth)])
        self.ln_post = torch.nn.LayerNorm(width)
        self.proj = torch.nn.Linear(width, embedding, bias=False)

    def forward(self, images):
        patches = self.conv1(images).flatten(2).transpose(1, 2)
        first = self.class_embedding.expand(len(images), 1, -1)
        x = self.ln_pre(torch.cat([first, patches], 1) + self.positions)
        features = []
        for layer, block in enumerate(self.blocks, 1):
            x = block(x)
            if layer in self.wanted:
                features.append(self.proj(self.ln_post(x[:, 1:])))
        return self.proj(self.ln_post(x[:, 0])), features
