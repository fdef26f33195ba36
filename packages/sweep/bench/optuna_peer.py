"""Optuna's TPESampler as the peer of tpe.bench.ts, which evaluates the points that it proposes.

One JSON value a line. In: a search {"space", "trials", "generation_size", "seed"}; for each list of points that is
printed, the list of their values. Then the next search, until the input ends.
"""

import json
import sys

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution


def distribution(parameter):
    if "values" in parameter:
        return CategoricalDistribution(parameter["values"])
    kind = parameter["distribution"]
    make = IntDistribution if kind.endswith("int") else FloatDistribution
    return make(parameter["low"], parameter["high"], log=kind.startswith("log"))


def search(space, trials, generation_size, seed):
    kinds = {key: distribution(parameter) for key, parameter in space.items()}
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    for first in range(0, trials, generation_size):
        asked = [study.ask(kinds) for _ in range(min(generation_size, trials - first))]
        print(json.dumps([trial.params for trial in asked]), flush=True)
        for trial, value in zip(asked, json.loads(sys.stdin.readline())):
            study.tell(trial, value)


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(json.dumps(optuna.__version__), flush=True)
    for line in iter(sys.stdin.readline, ""):
        search(**json.loads(line))


if __name__ == "__main__":
    main()
