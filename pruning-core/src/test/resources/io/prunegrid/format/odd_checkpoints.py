"""Saves one state dict the many ways torch can, and its arrays as numpy sees them."""

import collections
import os
import sys

import numpy
import torch

folder = sys.argv[1]
torch.manual_seed(0)
block = torch.randn(2, 3, 4)
state = collections.OrderedDict(
    weight=torch.nn.Parameter(torch.randn(5, 3)),
    transposed=block.permute(2, 0, 1),
    strided=block[1, :, ::2],
    whole=block,
    expanded=torch.full((1, 1), 0.5).expand(3, 2),
    empty=torch.zeros(0, 3),
    scalar=torch.tensor(5.0),
    double=torch.randn(7).double(),
    half=torch.randn(1000).half(),
    bfloat=torch.randn(1000).bfloat16(),
)
state["norm.num_batches_tracked"] = torch.tensor(77)
numpy.savez_compressed(
    os.path.join(folder, "expected.npz"),
    **{name: tensor.detach().float().numpy() for name, tensor in state.items()},
)
model = torch.nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
model(torch.ones(1, 3)).sum().backward()
optimizer.step()
training = {
    "epoch": 3,
    "best_acc1": torch.tensor(91.7),
    "loss": numpy.float64(0.25),
    "random": numpy.arange(3),
    "seed": 2**100,
    "size": torch.Size([3, 2]),
    "type": torch.float32,
    "device": torch.device("cpu"),
    "tags": {"a", "b"},
    "optimizer": optimizer.state_dict(),
}
wrapped = collections.OrderedDict(("module." + name, tensor) for name, tensor in state.items())
objects = {
    "bare": state,
    "training": {**training, "state_dict": state},
    "wrapped": {**training, "model_state_dict": wrapped},
}
for name, saved in objects.items():
    for protocol in (2, 3, 4, 5):
        for form in (True, False):
            torch.save(
                saved,
                os.path.join(folder, f"{name}-{protocol}-{'zip' if form else 'legacy'}.pth"),
                pickle_protocol=protocol,
                _use_new_zipfile_serialization=form,
            )
