import { join } from 'node:path';
import { namesIn } from './disk';
import { type Area, type Layout, parseName, type StoredFile } from './layout';

const SHARD = /^[0-9a-f]{2}$/;

/** The files of an area, by address. What does not belong there is passed over. */
export async function* storedFiles(layout: Layout, area: Area): AsyncGenerator<StoredFile> {
  for (const shard of await shardsOf(layout, area))
    yield* await filesOfShard(layout, { area, shard });
}

/** The two first digits of the addresses that an area holds, ascending. */
export async function shardsOf(layout: Layout, area: Area): Promise<readonly string[]> {
  return (await namesIn(layout.area(area))).filter((name) => SHARD.test(name));
}

/** The files of an area whose addresses begin with two digits. */
export async function filesOfShard(
  layout: Layout,
  { area, shard }: { area: Area; shard: string },
): Promise<readonly StoredFile[]> {
  const names = await namesIn(join(layout.area(area), shard));
  return names
    .map((name) => parseName(area, name))
    .filter((file) => file !== null)
    .filter(({ sha256 }) => sha256.startsWith(shard));
}
