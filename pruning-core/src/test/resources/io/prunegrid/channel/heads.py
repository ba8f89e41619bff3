"""Takes heads out of a small transformer by hand, in plain PyTorch, and compares.

Usage: heads.py FOLDER HEADS KEPT..., where FOLDER holds original.safetensors with the weights of SmallTransformer and
pruned.safetensors with those that are left, and with an image x and the output y of what is left.
"""
import json
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


def arrays(path):
    data = open(path, "rb").read()
    length = int.from_bytes(data[:8], "little")
    found = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            raw = np.frombuffer(data[8 + length + start:8 + length + end], dtype="<f4")
            found[name] = torch.tensor(raw.reshape(entry["shape"])).double()
    return found


class Layer(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.attention(y, y, y)[0]
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, width, heads, hidden, classes):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 2, 2)
        self.layer0 = Layer(width, heads, hidden)
        self.layer1 = Layer(width, heads, hidden)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.layer1(self.layer0(self.conv(x).flatten(2).transpose(1, 2)))
        return self.head(x[:, 0])


folder, heads, kept = sys.argv[1], int(sys.argv[2]), [int(head) for head in sys.argv[3:]]
original = arrays(folder + "/original.safetensors")
pruned = arrays(folder + "/pruned.safetensors")
x, y = pruned.pop("x"), pruned.pop("y")
width = len(original["conv.bias"])
hidden = len(original["layer0.up.bias"])
size = width // heads
channels = torch.tensor([head * size + c for head in kept for c in range(size)])
threefold = torch.cat([channels, width + channels, 2 * width + channels])

sliced = {}
for name, tensor in original.items():
    if "in_proj" in name:
        tensor = tensor[threefold]
        sliced[name] = tensor[:, channels] if tensor.dim() > 1 else tensor
    elif "out_proj.weight" in name:
        sliced[name] = tensor[channels][:, channels]
    elif name.endswith("up.weight") or name == "head.weight":
        sliced[name] = tensor[:, channels]
    elif name.endswith("up.bias") or name == "head.bias":
        sliced[name] = tensor
    else:
        sliced[name] = tensor[channels]

model = Transformer(len(channels), len(kept), hidden, len(original["head.bias"])).double().eval()
model.load_state_dict(sliced)
assert set(pruned) == set(sliced), set(pruned) ^ set(sliced)
for name, tensor in sliced.items():
    assert torch.equal(tensor, pruned[name]), name
with torch.no_grad():
    apart = (model(x) - y).abs().max() / y.abs().max()
assert apart < 1e-5, apart
print(f"ok {apart:.1e}")
