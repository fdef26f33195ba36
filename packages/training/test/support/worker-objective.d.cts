import type { Objective } from '../../src/trainer/objective';

/** Rows of 40 numbers, and what the objective shall do beside reading them. */
export interface NetworkShard {
  readonly rows: Float32Array;
  readonly deed?: string;
}

/** A gradient by parameter. */
export type GivenShard = Readonly<Record<string, Float32Array>>;

export function network(options: { readonly scale: number }): Objective<NetworkShard>;
export function given(): Objective<GivenShard>;
export function nothing(): undefined;
