"""The training step of a vision transformer in PyTorch: the peer that the step of Pixelis is timed beside.

Prints a line when it is ready; then, for every line that it reads, which names a number of steps, a JSON list of their
milliseconds. "memory" instead of a number gives the peak of the resident memory and what it was before the model was
made, in bytes. On a card the batch is sent to it at every step, as Pixelis does.
"""

import argparse
import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser(description=__doc__)
for size in ("dim", "layers", "heads", "positions", "patch-values", "classes", "batch", "threads"):
    parser.add_argument(f"--{size}", type=int, required=True)
parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
parser.add_argument("--precision", choices=("f32", "tf32", "bf16"), default="f32")
parser.add_argument("--compile", action="store_true")
options = parser.parse_args()
dim, heads, positions, batch = options.dim, options.heads, options.positions, options.batch
device = torch.device(options.device)
torch.manual_seed(0)
torch.set_num_threads(options.threads)
torch.backends.cuda.matmul.allow_tf32 = options.precision != "f32"


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
        self.patch = nn.Linear(options.patch_values, dim)
        self.class_token = nn.Parameter(torch.randn(1, 1, dim) * 0.25)
        self.positions = nn.Parameter(torch.randn(1, positions, dim) * 0.25)
        self.blocks = nn.ModuleList(Block() for _ in range(options.layers))
        self.norm = nn.LayerNorm(dim, 1e-6)
        self.head = nn.Linear(dim, options.classes)

    def forward(self, patches):
        x = torch.cat([self.class_token.expand(batch, -1, -1), self.patch(patches)], 1)
        x = x + self.positions
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x[:, 0]))


model = Classifier().to(device)
optimizer = torch.optim.AdamW(model.parameters(), 1e-3, fused=device.type == "cuda")
patches = torch.randn(batch, positions - 1, options.patch_values)
if device.type == "cuda":
    patches = patches.pin_memory()
labels = torch.arange(batch) % options.classes


def loss_of(patches: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    with torch.autocast(device.type, torch.bfloat16, enabled=options.precision == "bf16"):
        logits = model(patches)
    return F.cross_entropy(logits.float(), labels)


if options.compile:
    loss_of = torch.compile(loss_of)


def step() -> None:
    optimizer.zero_grad()
    loss = loss_of(patches.to(device, non_blocking=True), labels.to(device, non_blocking=True))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    loss.item()


name = torch.cuda.get_device_name() if device.type == "cuda" else "cpu"
print(json.dumps({"torch": torch.__version__, "device": name}), flush=True)
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
