"""Small modules as PyTorch exports them, each with inputs and what PyTorch computes for them.

Usage: cases.py FOLDER
"""
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Does(nn.Module):
    """A function, with modules that it uses."""

    def __init__(self, function, **modules):
        super().__init__()
        for name, module in modules.items():
            if isinstance(module, nn.Parameter):
                self.register_parameter(name, module)
            else:
                self.add_module(name, module)
        self.function = function

    def forward(self, x):
        return self.function(self, x)


class Attention(nn.Module):
    """Attention in the way of timm."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        b, n, c = x.shape
        qkv = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        attention = ((q @ k.transpose(-2, -1)) * (c // self.heads) ** -0.5).softmax(dim=-1)
        return self.proj((attention @ v).transpose(1, 2).reshape(b, n, c))


class Vision(nn.Module):
    """A small vision transformer with torch's own attention."""

    def __init__(self, width=16, heads=2):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 4, 4)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, 5, width))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, 24), nn.GELU(), nn.Dropout(0.1), nn.Linear(24, width))
        self.head = nn.Linear(width, 7)

    def forward(self, x):
        n = x.shape[0]
        x = self.patches(x)
        x = x.reshape(n, x.shape[1], -1).permute(0, 2, 1)
        x = torch.cat([self.token.expand(n, -1, -1), x], dim=1) + self.positions
        y = self.norm(x)
        y, _ = self.attention(y, y, y, need_weights=False)
        x = x + y
        x = x + self.mlp(self.norm2(x))
        return self.head(x[:, 0])


class Next(nn.Module):
    """A block of ConvNeXt."""

    def __init__(self, width=8):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 2, 2)
        self.dw = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.scale = nn.Parameter(torch.randn(width, 1, 1))
        self.head = nn.Linear(width, 5)

    def forward(self, x):
        x = self.stem(x)
        y = self.dw(x).permute(0, 2, 3, 1)
        y = self.down(F.gelu(self.up(self.norm(y)))).permute(0, 3, 1, 2)
        x = x + self.scale * y
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Squeeze(nn.Module):
    def __init__(self, gate):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.down = nn.Conv2d(8, 4, 1)
        self.up = nn.Conv2d(4, 8, 1)
        self.gate = gate

    def forward(self, x):
        x = self.conv(x)
        return x * self.gate(self.up(F.relu(self.down(x.mean((2, 3), keepdim=True)))))


def seq(*modules):
    return nn.Sequential(*modules)


def conv(out=8, **options):
    return nn.Conv2d(3, out, 3, **options)


MAP = (3, 8, 8)
EVERY = (11, 12, 13, 14, 15, 16, 17)
CASES = {
    "conv_groups": (lambda: seq(conv(), nn.Conv2d(8, 12, 3, groups=4, stride=2, padding=1)), MAP, (11, 17)),
    "conv_dilated": (lambda: conv(dilation=2, padding=(2, 1)), MAP, (11, 17)),
    "conv_transposed": (lambda: nn.ConvTranspose2d(3, 6, 3, 2, 1, output_padding=1, groups=3), MAP, (11, 17)),
    "batch_norm": (lambda: seq(conv(bias=False), nn.BatchNorm2d(8), nn.ReLU6(), nn.BatchNorm2d(8)), MAP, EVERY),
    "linear": (lambda: seq(nn.Flatten(), nn.Linear(192, 8), nn.Tanh(), nn.Linear(8, 4, bias=False)), MAP, EVERY),
    "linear_last": (lambda: seq(nn.Flatten(2), nn.Linear(64, 6), nn.LayerNorm(6), nn.Linear(6, 2, bias=False)), MAP, EVERY),
    "layer_norm_map": (lambda: seq(conv(), nn.LayerNorm((8, 6, 6))), MAP, (11, 13, 17)),
    "layer_norm_plain": (lambda: seq(conv(), nn.LayerNorm(6, elementwise_affine=False)), MAP, (11, 13)),
    "group_norm": (lambda: seq(conv(), nn.GroupNorm(4, 8), nn.ReLU(), nn.GroupNorm(1, 8)), MAP, EVERY),
    "instance_norm": (lambda: seq(conv(), nn.InstanceNorm2d(8, affine=True)), MAP, (11, 17)),
    "activations": (lambda: seq(conv(), nn.LeakyReLU(0.2), nn.ELU(0.7), nn.SiLU(), nn.Hardswish(), nn.Sigmoid(), nn.Tanh(), nn.Hardsigmoid(), nn.PReLU(8), nn.PReLU(), nn.Hardtanh(-0.3, 0.4)), MAP, EVERY),
    "gelu": (lambda: seq(conv(), nn.GELU()), MAP, EVERY),
    "gelu_tanh": (lambda: seq(conv(), nn.GELU(approximate="tanh")), MAP, (11, 13, 17)),
    "softmax": (lambda: seq(conv(), nn.Softmax(1), nn.Flatten(2), nn.LogSoftmax(-1)), MAP, EVERY),
    "softmax_middle": (lambda: Does(lambda s, x: F.softmax(s.c(x), 2), c=conv()), MAP, (11, 13)),
    "max_pool_ceil": (lambda: seq(conv(), nn.MaxPool2d(3, 2, 1, ceil_mode=True)), MAP, (11, 17)),
    "avg_pool": (lambda: seq(conv(), nn.AvgPool2d(3, 1, 1)), MAP, (11, 17)),
    "avg_pool_uncounted": (lambda: seq(conv(), nn.AvgPool2d(3, 2, 1, count_include_pad=False)), MAP, (11, 17)),
    "global_max": (lambda: seq(conv(), nn.AdaptiveMaxPool2d(1), nn.Flatten()), MAP, (11, 17)),
    "adaptive": (lambda: seq(conv(), nn.AdaptiveAvgPool2d((3, 2))), MAP, (11, 17)),
    "squeeze_sigmoid": (lambda: Squeeze(nn.Sigmoid()), MAP, (11, 17)),
    "squeeze_hard": (lambda: Squeeze(nn.Hardsigmoid()), MAP, (11, 17)),
    "broadcasting": (lambda: Does(lambda s, x: (s.c(x) - s.a) / (2 + s.b.abs()) * 3 - 1, c=conv(), a=nn.Parameter(torch.randn(8, 1, 1)), b=nn.Parameter(torch.randn(6))), MAP, (11, 17)),
    "reversed": (lambda: Does(lambda s, x: 1 - 2 * (3 - s.c(x).sigmoid()), c=conv()), MAP, (13,)),
    "chunks": (lambda: Does(lambda s, x: torch.cat([t * (i + 1) for i, t in enumerate(s.c(x).chunk(4, 1))][::-1], 1), c=conv()), MAP, (11, 13, 17)),
    "split_uneven": (lambda: Does(lambda s, x: torch.cat(s.c(x).split([3, 5], 1)[::-1], 1), c=conv()), MAP, (11, 13, 17)),
    "slices": (lambda: Does(lambda s, x: s.c(x)[:, 1:7:2, 1:, ::2], c=conv()), MAP, (11, 17)),
    "picks": (lambda: Does(lambda s, x: s.c(x)[:, [3, 1, 6]], c=conv()), MAP, (11, 17)),
    "picks_one": (lambda: Does(lambda s, x: s.c(x)[:, :, 2, -1], c=conv()), MAP, (11, 17)),
    "pads": (lambda: Does(lambda s, x: F.pad(s.c(x), (1, 2, 0, 3, 2, 1)), c=conv()), MAP, (11, 17)),
    "pads_constant": (lambda: Does(lambda s, x: F.pad(F.pad(s.c(x), (1, 1, 2, 2), value=1.5), (-1, 0, 0, -2)), c=conv()), MAP, (11, 17)),
    "shuffle": (lambda: Does(lambda s, x: (lambda y: y.view(y.size(0), 4, 2, y.size(2), y.size(3)).transpose(1, 2).contiguous().view(y.size(0), -1, y.size(2), y.size(3)))(s.c(x)), c=conv()), MAP, (11, 17)),
    "views": (lambda: Does(lambda s, x: s.c(x).flatten(2).transpose(1, 2).unsqueeze(1).squeeze(1).reshape(x.size(0), -1, 4), c=conv()), MAP, (11, 13, 17)),
    "view_open": (lambda: Does(lambda s, x: s.c(x).mean((2, 3)).view(-1, 8) @ s.w, c=conv(), w=nn.Parameter(torch.randn(8, 3))), MAP, (11, 17)),
    "nearest": (lambda: seq(conv(), nn.Upsample(scale_factor=2)), MAP, (11, 13, 17)),
    "nearest_size": (lambda: seq(conv(), nn.Upsample(size=(7, 11))), MAP, (11, 17)),
    "bilinear": (lambda: seq(conv(), nn.Upsample(scale_factor=2, mode="bilinear")), MAP, (11, 17)),
    "bilinear_size": (lambda: Does(lambda s, x: F.interpolate(s.c(x), size=x.shape[-2:], mode="bilinear", align_corners=False), c=conv()), MAP, (11, 17)),
    "bilinear_corners": (lambda: seq(conv(), nn.Upsample(size=(9, 5), mode="bilinear", align_corners=True)), MAP, (11, 17)),
    "expand": (lambda: Does(lambda s, x: s.c(x) + F.adaptive_avg_pool2d(s.c(x), 1).expand(-1, -1, 6, 6), c=conv()), MAP, (11, 17)),
    "attention": (lambda: Does(lambda s, x: s.a(s.c(x).flatten(2).transpose(1, 2)), c=conv(), a=Attention(8, 2)), MAP, EVERY),
    "vision": (lambda: Vision(), MAP, EVERY),
    "next": (lambda: Next(), MAP, EVERY),
    "used_twice": (lambda: Does(lambda s, x: s.d(s.d(s.c(x))), c=conv(), d=nn.Conv2d(8, 8, 3, padding=1)), MAP, (11, 17)),
    "dropout": (lambda: seq(conv(), nn.Dropout(0.3), nn.Dropout2d(0.2)), MAP, (11, 17)),
}


def main(folder):
    torch.manual_seed(7)
    for name, (make, shape, opsets) in CASES.items():
        model = make().eval()
        for module in model.modules():
            if isinstance(module, nn.MultiheadAttention):
                # The fast path of evaluation is one operator that no opset has.
                module.training = True
        for parameter in model.parameters():
            # Nothing is deduplicated, and nothing is at its neutral value.
            parameter.data += 0.1 * torch.randn_like(parameter)
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.uniform_(-1, 1)
                module.running_var.uniform_(0.5, 2)
        for opset in opsets:
            for batch in ("open", "fixed"):
                x = torch.randn(2 if batch == "open" else 1, *shape)
                path = f"{folder}/{name}_op{opset}_{batch}"
                try:
                    with torch.no_grad():
                        torch.onnx.export(
                            model, x, path + ".onnx", opset_version=opset,
                            input_names=["input"], output_names=["output"],
                            training=torch.onnx.TrainingMode.PRESERVE,
                            do_constant_folding=opset % 2 == 1,
                            dynamic_axes={"input": {0: "n"}} if batch == "open" else None)
                        more = torch.randn(3 if batch == "open" else 1, *shape)
                        np.savez(path + ".npz", x=more.numpy(), y=model(more).detach().numpy())
                except Exception as problem:
                    print(f"{name} opset {opset} {batch}: {str(problem).splitlines()[0]}")


main(sys.argv[1])
