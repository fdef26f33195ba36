"""Logs metrics with W&B offline, and prints what logging.bench.ts compares, as JSON: `wandb_logging.py FOLDER CALLS`."""

import json
import os
import sys
import time

start = time.perf_counter()
os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_CONSOLE="off", WANDB_DIR=sys.argv[1])
os.environ.update(WANDB_CACHE_DIR=sys.argv[1], WANDB_CONFIG_DIR=sys.argv[1], WANDB_DATA_DIR=sys.argv[1])
import wandb  # noqa: E402

calls = int(sys.argv[2])
run = wandb.init(project="bench", settings=wandb.Settings(x_disable_stats=True))
run.log({"loss/train": 1.0, "accuracy/train": 0.5, "learning_rate": 1e-3}, step=0)
first_s = time.perf_counter() - start

took_s = []
begin = time.perf_counter()
for step in range(1, calls + 1):
    before = time.perf_counter()
    run.log({"loss/train": 1 / step, "accuracy/train": step / calls, "learning_rate": 1e-3}, step=step)
    took_s.append(time.perf_counter() - before)
elapsed_s = time.perf_counter() - begin
run.finish()
took_s.sort()
result = {"calls": calls, "seconds": elapsed_s, "slowestMs": took_s[int(calls * 0.999)] * 1e3, "firstMs": first_s * 1e3}
print("\n" + json.dumps({**result, "version": wandb.__version__}))
