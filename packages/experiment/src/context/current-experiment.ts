import { AsyncLocalStorage } from 'node:async_hooks';
import type { ExperimentContext } from './experiment-context';

const storage = new AsyncLocalStorage<ExperimentContext>();

/** The innermost experiment that the running code belongs to, through every `await`; undefined outside of any. */
export function currentExperiment(): ExperimentContext | undefined {
  return storage.getStore();
}

/** Runs something as part of an experiment. */
export function withinExperiment<T>(experiment: ExperimentContext, callback: () => T): T {
  return storage.run(experiment, callback);
}
