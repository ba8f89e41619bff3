"""One step of SGD in which saved weights are masked as autograd unpacks them; prints the weights."""

import sys

import torch
import torch.nn.functional as F

tensors = {}
with open(sys.argv[1]) as lines:
    for line in lines:
        name, *values = line.split()
        tensors[name] = torch.tensor([float(v) for v in values])

shapes = {
    "images": (3, 2, 5, 5),
    "conv1.weight": (4, 2, 3, 3),
    "conv2.weight": (6, 4, 3, 3),
    "conv3.weight": (5, 6, 1, 1),
    "head.weight": (3, 45),
}
for name, tensor in tensors.items():
    shape = shapes.get(name.replace("mask.", ""))
    tensors[name] = tensor.reshape(shape) if shape else tensor
weights = {
    name: tensor.requires_grad_()
    for name, tensor in tensors.items()
    if name != "images" and not name.startswith("mask.")
}


def conv(name, x, **settings):
    weight = weights[name + ".weight"]
    mask = tensors.get("mask." + name + ".weight")

    def unpack(saved):
        masked = mask is not None and saved.shape == weight.shape
        return saved * mask if masked else saved

    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, unpack):
        return F.conv2d(x, weight, weights.get(name + ".bias"), **settings)


x = F.relu(conv("conv1", tensors["images"], padding=1))
x = F.relu(conv("conv2", x, stride=2, padding=1))
x = conv("conv3", x)
logits = F.linear(x.flatten(1), weights["head.weight"], weights["head.bias"])
F.cross_entropy(logits, torch.tensor([0, 1, 2])).backward()
for name, weight in weights.items():
    after = weight - 0.1 * weight.grad
    print(name, *("%.9g" % v for v in after.detach().flatten().tolist()))
