import { join } from 'node:path';
import { Generator } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import {
  initialiseParameters,
  type ParameterSpec,
  type ParameterSpecs,
} from '../../src/parameters';
import { ArenaTrainer } from '../../src/threads/arena-trainer';
import type { TrainerOptions } from '../../src/trainer/trainer';
import { network, type NetworkShard } from './worker-objective.cjs';

/** Where worker threads find the objectives of `worker-objective.cjs`. */
export const OBJECTIVES = join(__dirname, 'worker-objective.cjs');

/** Parameters over several chunks of an arena, and several in one. */
export const networkSpecs: ParameterSpecs = {
  first: parameter([40, 150], true),
  bias: parameter([150], false),
  last: parameter([150, 80], true),
  gain: { shape: [], initializer: { kind: 'constant', value: 1 }, isDecayed: false },
};

/** How a network is trained on so many threads. */
export function networkOptions(threads: number): TrainerOptions<NetworkShard> {
  const options = { scale: 0.5 };
  return {
    specs: networkSpecs,
    objective: network(options),
    optimizer: { weightDecay: 0.1 },
    gradientClipNorm: 1,
    threads,
    objectiveModule: { path: OBJECTIVES, factory: 'network', options },
  };
}

/** A trainer of the network at its start. */
export function networkTrainer(threads: number): ArenaTrainer<NetworkShard> {
  const parameters = initialiseParameters(networkSpecs, Generator.fromSeed(5));
  const trainer = new ArenaTrainer({ parameters }, networkOptions(threads));
  tf.dispose(parameters);
  return trainer;
}

/** Shards of different lengths. */
export function networkShards(count: number, seed = 0): NetworkShard[] {
  const generator = Generator.fromSeed(seed).fork('shards');
  return Array.from({ length: count }, (_, index) => ({
    rows: Float32Array.from({ length: 40 * (2 + (index % 3)) }, () => generator.normal()),
  }));
}

function parameter(shape: number[], isDecayed: boolean): ParameterSpec {
  const kind = isDecayed ? 'glorot_uniform' : 'constant';
  return { shape, initializer: { kind, value: 0.1 }, isDecayed };
}
