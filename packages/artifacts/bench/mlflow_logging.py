"""Logs metrics with MLflow into SQLite, and prints what logging.bench.ts compares, as JSON: `mlflow_logging.py FOLDER CALLS`."""

import json
import logging
import sys
import time

start = time.perf_counter()
import mlflow  # noqa: E402

logging.disable(logging.WARNING)
calls = int(sys.argv[2])
mlflow.set_tracking_uri(f"sqlite:///{sys.argv[1]}/mlflow.db")
mlflow.set_experiment(experiment_id=mlflow.create_experiment("bench", artifact_location=sys.argv[1]))
mlflow.start_run()
mlflow.log_metrics({"loss/train": 1.0, "accuracy/train": 0.5, "learning_rate": 1e-3}, step=0)
first_s = time.perf_counter() - start

took_s = []
begin = time.perf_counter()
for step in range(1, calls + 1):
    before = time.perf_counter()
    mlflow.log_metrics({"loss/train": 1 / step, "accuracy/train": step / calls, "learning_rate": 1e-3}, step=step)
    took_s.append(time.perf_counter() - before)
elapsed_s = time.perf_counter() - begin
mlflow.end_run()
took_s.sort()
result = {"calls": calls, "seconds": elapsed_s, "slowestMs": took_s[int(calls * 0.999)] * 1e3, "firstMs": first_s * 1e3}
print("\n" + json.dumps({**result, "version": mlflow.__version__}))
