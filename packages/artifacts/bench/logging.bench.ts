import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** What one library does: calls of three metrics each, in a run of its own. */
interface Measurement {
  readonly calls: number;
  /** Until the last call returned, and for ours until all is on the disk itself. */
  readonly seconds: number;
  /** The time of a call at the 99.9th percentile. */
  readonly slowestMs: number;
  /** From before the library is loaded to the end of the first call. */
  readonly firstMs: number;
  readonly version: string;
}

const WORKSPACE = join(__dirname, '..', '..', '..', '..', '..');
const SERVICES = process.env['PIXELIS_SERVICES'] ?? join(WORKSPACE, '.cache', 'services');
const SCRIPTS = join(WORKSPACE, 'packages', 'artifacts', 'bench');

const OUR_CALLS = 300_000;
const PEERS = [
  { name: 'W&B offline', environment: 'wandb', script: 'wandb_logging.py', calls: 20_000 },
  { name: 'MLflow, SQLite', environment: 'mlflow', script: 'mlflow_logging.py', calls: 1_000 },
];

/** The targets of the workspace: ten times the calls of W&B, 1 ms, 0.3 s. */
const RATIO_MIN = 10;

async function measureOurs(root: string): Promise<Measurement> {
  const start = performance.now();
  // eslint-disable-next-line @nx/enforce-module-boundaries -- what is measured is the package as it is built
  const { openRun } = await import('@pixelis/artifacts');
  const run = openRun({ root, config: {}, rawConfig: {} });
  run.metrics(1, { 'loss/train': 1, 'accuracy/train': 0.5, learning_rate: 1e-3 });
  const firstMs = performance.now() - start;
  const tookMs = new Float64Array(OUR_CALLS);
  const begin = performance.now();
  for (let index = 0; index < OUR_CALLS; index++) {
    const before = performance.now();
    run.metrics(index + 2, {
      'loss/train': 1 / (index + 1),
      'accuracy/train': index / OUR_CALLS,
      learning_rate: 1e-3,
    });
    tookMs[index] = performance.now() - before;
  }
  await run.flushed();
  const seconds = (performance.now() - begin) / 1000;
  run.fail(new Error('end of the measurement'));
  const slowestMs = tookMs.sort()[Math.floor(OUR_CALLS * 0.999)] ?? NaN;
  return { calls: OUR_CALLS, seconds, slowestMs, firstMs, version: process.version };
}

function measurePeer(
  { environment, script, calls }: (typeof PEERS)[number],
  folder: string,
): Measurement | null {
  const program = join(SERVICES, environment, 'bin', 'python');
  if (!existsSync(program)) return null;
  const output = execFileSync(program, [join(SCRIPTS, script), folder, String(calls)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Measurement;
}

function report(name: string, { calls, seconds, slowestMs, firstMs, version }: Measurement): void {
  const rate = Math.round(calls / seconds).toLocaleString('en');
  console.log(
    `${name.padEnd(16)}${version.padEnd(10)}${rate.padStart(9)} calls/s   99.9 %: ${slowestMs.toFixed(3).padStart(7)} ms   first metric: ${firstMs.toFixed(0).padStart(5)} ms`,
  );
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pixelis-bench-'));
  try {
    const ours = await measureOurs(join(folder, 'out'));
    report('@pixelis', ours);
    for (const peer of PEERS) {
      const found = measurePeer(peer, mkdtempSync(join(folder, 'peer-')));
      if (found === null) {
        console.log(`${peer.name.padEnd(16)}not installed in ${SERVICES}`);
        continue;
      }
      report(peer.name, found);
      const ratio = ours.calls / ours.seconds / (found.calls / found.seconds);
      console.log(`${''.padEnd(16)}ours: ${ratio.toFixed(1)} times its calls`);
      if (peer.environment === 'wandb' && ratio < RATIO_MIN) process.exitCode = 1;
    }
    if (ours.slowestMs > 1 || ours.firstMs > 300) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
