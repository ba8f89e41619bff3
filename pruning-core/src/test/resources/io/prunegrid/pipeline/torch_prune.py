"""Masks of torch.nn.utils.prune for tensors of a file, at many amounts; one mask a line."""

import sys

import torch
import torch.nn.utils.prune as prune

tensors = {}
with open(sys.argv[1]) as lines:
    for line in lines:
        name, shape, *values = line.split()
        shape = [int(d) for d in shape.split(",")]
        tensors[name] = torch.tensor([float(v) for v in values]).reshape(shape)


class Holder(torch.nn.Module):
    def __init__(self, tensor):
        super().__init__()
        self.weight = torch.nn.Parameter(tensor.clone())


def show(kind, amount, name, mask):
    print(kind, amount, name, "".join(str(int(v)) for v in mask.flatten().tolist()))


for amount in (0.01, 0.05, 0.1, 0.25, 0.33, 0.4, 0.5, 0.625, 0.75, 0.9, 0.95, 0.99):
    for name, tensor in tensors.items():
        for kind, method in (("l1", prune.l1_unstructured), ("random", prune.random_unstructured)):
            holder = Holder(tensor)
            method(holder, "weight", amount=amount)
            show(kind, amount, name, holder.weight_mask)
    weights = {name: Holder(t) for name, t in tensors.items() if name.endswith("weight")}
    prune.global_unstructured(
        [(holder, "weight") for holder in weights.values()],
        pruning_method=prune.L1Unstructured,
        amount=amount,
    )
    for name, holder in weights.items():
        show("global", amount, name, holder.weight_mask)
    if amount > 0.9:
        continue  # would take every filter
    for p in (1, 2):
        for name in ("conv1.weight", "conv2.weight"):
            holder = Holder(tensors[name])
            prune.ln_structured(holder, "weight", amount=amount, n=p, dim=0)
            show("filters-%d" % p, amount, name, holder.weight_mask)
