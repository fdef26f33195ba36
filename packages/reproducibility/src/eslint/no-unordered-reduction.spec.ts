import { RuleTester } from 'eslint';
import tseslint from 'typescript-eslint';
import { noUnorderedReduction } from './no-unordered-reduction';

const tester = new RuleTester({ languageOptions: { parser: tseslint.parser } });

tester.run('no-unordered-reduction', noUnorderedReduction, {
  valid: [
    'const parts = await Promise.all(items.map(load)); for (const part of parts) total += part;',
    'const parts = await Promise.all(items.map(async (item) => (await load(item)).loss));',
    'await Promise.all(items.map(async (item) => { started.push(item); await load(item); }));',
    'await Promise.all(items.map(async (item, i) => { results[i] = await load(item); }));',
    'await Promise.all(items.map(async (item, i) => { losses[i] += await load(item); }));',
    'await Promise.all(items.map(async (item) => { let sum = 0; sum += await load(item); return sum; }));',
    'await Promise.all(items.map(async (item) => { const own = []; await wait(); own.push(item); return own; }));',
    'await Promise.all(items.map(async (item) => { await load(item); done++; }));',
    'await Promise.all(items.map(async (item) => { const all = await load(item); return total.add(all); }));',
    'for (const item of items) total += await load(item);',
    'for await (const line of lines) total += line.length;',
    'for await (const item of merge(a, b)) { const own = []; own.push(item); }',
    'items.map(async (item) => { total += await load(item); });',
    'mine.all(items.map(async (item) => { total += await load(item); }));',
  ],
  invalid: [
    settling(
      'await Promise.all(items.map(async (item) => { total += await load(item); }));',
      'total += await load(item)',
    ),
    settling(
      'await Promise.all(items.map(async (item) => { const x = await load(item); results.push(x); }));',
      'results.push(x)',
    ),
    settling(
      'await Promise.all(items.map(async (item) => results.push(await load(item))));',
      'results.push(await load(item))',
    ),
    settling(
      'await Promise.allSettled(items.map(async (item) => { const x = await load(item); sum = sum + x; }));',
      'sum = sum + x',
    ),
    settling(
      'await Promise.any(items.map((item) => load(item).then((x) => { first ??= x; })));',
      'first ??= x',
    ),
    settling(
      'await Promise.race([load(a).then((x) => { losses.push(x); }), load(b)]);',
      'losses.push(x)',
    ),
    settling(
      'const tasks = items.map(async (x) => { await x; this.total += x; }); await Promise.all(tasks);',
      'this.total += x',
    ),
    settling(
      'const tasks = []; for (const item of items) tasks.push(load(item).then((x) => { seen.add(x); })); await Promise.all(tasks);',
      'seen.add(x)',
    ),
    settling(
      'async function work(item) { await item; total += item; } await Promise.all(items.map(work));',
      'total += item',
    ),
    settling(
      'await Promise.all(Array.from(items, async (item) => { total -= await load(item); }));',
      'total -= await load(item)',
    ),
    settling(
      'await Promise.all(workers.map(async (worker) => { for (const x of worker.queue) { results.push(x); await worker.run(x); } }));',
      'results.push(x)',
    ),
    settling(
      'await Promise.all(shards.map(async (shard) => { const losses = await shard.run(); losses.forEach((loss) => { total += loss; }); }));',
      'total += loss',
    ),
    settling(
      'await Promise.all(items.map(async (item) => { total! += (await load(item)) as number; }));',
      'total! += (await load(item)) as number',
    ),
    racing('for await (const x of merge(a, b)) total += x;', 'total += x'),
    racing('for await (const x of streams.race(a, b)) { results.push(x); }', 'results.push(x)'),
    racing(
      "import { on } from 'node:events'; for await (const [x] of on(worker, 'message')) total += x;",
      'total += x',
    ),
    {
      ...racing('for await (const x of pooled(a, b)) total += x;', 'total += x'),
      options: [{ racingSources: ['pooled'] }],
    },
  ],
});

// Helpers

function settling(code: string, text: string) {
  return { code, errors: [{ messageId: 'settling', data: { text } }] };
}

function racing(code: string, text: string) {
  return { code, errors: [{ messageId: 'racing', data: { text } }] };
}
