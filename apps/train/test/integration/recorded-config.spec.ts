import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../support/temporary-folder';
import { runFile, runsOf, tiny, train } from '../support/train-program';

const temporaryFolder = useTemporaryFolder();
const short = tiny({ 'training.steps': '4' });

describe('train sft --config config_resolved.json', () => {
  it('makes the run again, with nothing else said', async () => {
    const cwd = temporaryFolder();
    const out = join(cwd, 'out');
    const file = join('out', 'runs', 'first', 'config_resolved.json');
    await succeed(['--run-id', 'first', '--seed', '7', ...short], cwd);
    await succeed(['--run-id', 'again', '--config', file], cwd);
    for (const path of ['checkpoints/final.safetensors', 'metrics.jsonl', 'chain.jsonl'])
      expect(runFile(out, 'again', path)).toEqual(runFile(out, 'first', path));
    expect(resolved(out, 'again').config).toEqual(resolved(out, 'first').config);
  });
});

describe('train sft --sweep FILE', () => {
  it('trains what the file says whatever else is set, and tags the run', async () => {
    const cwd = temporaryFolder();
    const folder = join(cwd, 'out', 'sweeps', 'lr');
    mkdirSync(folder, { recursive: true });
    await succeed(['--run-id', 'base', ...short], cwd);
    const { config, origins } = resolved(join(cwd, 'out'), 'base');
    const trial = {
      ...config,
      training: { ...config['training'], seed: 9 },
      $origins: { ...asked(origins), 'training.seed': { layer: 'sweep', source: '--grid' } },
    };
    writeFileSync(join(folder, '0007.json'), JSON.stringify(trial));
    const args = ['--run-id', 'lr-0007', '--sweep', join('out', 'sweeps', 'lr', '0007.json')];
    await succeed([...args, '--seed', '5'], cwd, { PIXELIS__TRAINING__STEPS: '3' });
    const found = resolved(join(cwd, 'out'), 'lr-0007');
    expect(found.config['training']).toMatchObject({ seed: 9, steps: 4 });
    expect(found.origins).toMatchObject({
      'training.seed': { layer: 'sweep', source: '--grid' },
      'training.steps': { layer: 'argument', source: 'training.steps' },
      'training.epsilon': { layer: 'default' },
    });
    const tags: unknown = JSON.parse(runFile(join(cwd, 'out'), 'lr-0007', 'tags.json').toString());
    expect(tags).toMatchObject({ sweep: 'lr', trial: '0007' });
  });
});

describe('train sft --print-config', () => {
  it('prints each value with who set it, and begins no run', async () => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await train(['sft', '--print-config', '--seed', '7'], { cwd });
    expect({ code, stderr, runs: runsOf(join(cwd, 'out')) }).toEqual({
      code: 0,
      stderr: '',
      runs: [],
    });
    expect(stdout).toMatch(/^training\.seed +7 +argument --seed$/m);
    expect(stdout).toMatch(/^training\.steps +1800 +default schema$/m);
    const json = await train(['sft', '--print-config', '--json', '--seed', '7'], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({
      config: { training: { seed: 7 } },
      origins: { 'training.seed': { layer: 'argument', source: '--seed' } },
    });
  });
});

// Helpers

interface Resolved {
  readonly config: Readonly<Record<string, object>>;
  readonly origins: Readonly<Record<string, { readonly layer: string }>>;
}

function resolved(out: string, runId: string): Resolved {
  const path = join(out, 'runs', runId, 'config_resolved.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Resolved;
}

function asked(origins: Resolved['origins']): Resolved['origins'] {
  return Object.fromEntries(Object.entries(origins).filter(([, { layer }]) => layer !== 'default'));
}

async function succeed(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { code, stderr } = await train(['sft', ...args], { cwd, env });
  expect({ code, stderr }).toMatchObject({ code: 0 });
}
