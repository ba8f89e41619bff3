"""Loads archives in plain PyTorch and compares what they compute with what was recorded.

Usage: check.py FOLDER, which holds NAME.pt, and NAME.safetensors with x and every output.
"""
import glob
import json
import os
import sys

import numpy as np
import torch


def arrays(path):
    data = open(path, "rb").read()
    length = int.from_bytes(data[:8], "little")
    found = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            raw = np.frombuffer(data[8 + length + start:8 + length + end], dtype="<f4")
            found[name] = torch.tensor(raw.reshape(entry["shape"]))
    return found


for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.pt"))):
    name = os.path.basename(path)[:-3]
    recorded = arrays(path[:-3] + ".safetensors")
    x = recorded.pop("x")
    try:
        module = torch.jit.load(path)
        module.eval()
        with torch.no_grad():
            outputs = module(x)
            first = module(x[:1])
    except Exception as problem:
        print("WRONG", name, " ".join(str(problem).split())[:600])
        continue
    if not isinstance(outputs, dict):
        (only,) = recorded
        outputs, first = {only: outputs}, {only: first}
    for key, expected in recorded.items():
        largest = expected.abs().max().item()
        expected = expected.reshape(outputs[key].shape)
        apart = (outputs[key] - expected).abs().max().item()
        alone = (first[key] - expected[:1]).abs().max().item()
        verdict = "ok" if max(apart, alone) <= 1e-4 * largest else "WRONG"
        print(verdict, name, key, f"{max(apart, alone) / max(largest, 1e-30):.1e}", len(module.state_dict()))
