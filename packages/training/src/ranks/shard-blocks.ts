import { requireShards } from './require-ranks';

/**
 * Deals a step's shards out in consecutive blocks, one for each rank in rank order, whose lengths differ by at most one: so
 * that adding rank after rank is adding shard after shard.
 *
 * @throws {UsageError} `SHARDS_TOO_FEW` if a rank would get none.
 */
export function shardBlocks<Shard>(shards: readonly Shard[], ranks: number): Shard[][] {
  requireShards(shards.length, ranks);
  const firstOf = (rank: number): number => Math.floor((shards.length * rank) / ranks);
  return Array.from({ length: ranks }, (_, rank) => shards.slice(firstOf(rank), firstOf(rank + 1)));
}
