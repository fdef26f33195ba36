"""The training step of a vision transformer in PyTorch: the peer that the step of Pixelis is timed beside.

Usage: vit_step.py DIM LAYERS POSITIONS BATCH THREADS
Prints a line when it is ready; then, for every line that it reads, which names a number of steps, a JSON list of their
milliseconds. "memory" instead of a number gives the peak of the resident memory and what it was before the model was
made, in bytes.
"""

import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

dim, layers, positions, batch, threads = map(int, sys.argv[1:6])
heads, classes, patch_values = max(1, dim // 32), 10, 48
torch.manual_seed(0)
torch.set_num_threads(threads)


def resident_bytes() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


before_model = resident_bytes()


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, 1e-6)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)
        self.norm2 = nn.LayerNorm(dim, 1e-6)
        self.up = nn.Linear(dim, 4 * dim)
        self.down = nn.Linear(4 * dim, dim)

    def forward(self, x):
        shape = (batch, positions, 3, heads, dim // heads)
        query, key, value = self.qkv(self.norm1(x)).view(shape).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, key, value)
        x = x + self.out(attended.transpose(1, 2).reshape(batch, positions, dim))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Linear(patch_values, dim)
        self.class_token = nn.Parameter(torch.randn(1, 1, dim) * 0.25)
        self.positions = nn.Parameter(torch.randn(1, positions, dim) * 0.25)
        self.blocks = nn.ModuleList(Block() for _ in range(layers))
        self.norm = nn.LayerNorm(dim, 1e-6)
        self.head = nn.Linear(dim, classes)

    def forward(self, patches):
        x = torch.cat([self.class_token.expand(batch, -1, -1), self.patch(patches)], 1)
        x = x + self.positions
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x[:, 0]))


model = Classifier()
optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
patches = torch.randn(batch, positions - 1, patch_values)
labels = torch.arange(batch) % classes


def step() -> None:
    optimizer.zero_grad()
    loss = F.cross_entropy(model(patches), labels)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    loss.item()


print(json.dumps({"torch": torch.__version__}), flush=True)
for line in sys.stdin:
    if line.strip() == "memory":
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps([before_model, peak]), flush=True)
        continue
    milliseconds = []
    for _ in range(int(line)):
        start = time.perf_counter()
        step()
        milliseconds.append((time.perf_counter() - start) * 1000)
    print(json.dumps(milliseconds), flush=True)
