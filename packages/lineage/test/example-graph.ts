import { LineageGraph, type ArtifactNode, type LineageEdge, type RunNode } from '../src/index';

/** An artifact of which only the name is of interest. */
export function artifact(
  name: string,
  facts: Partial<Omit<ArtifactNode, 'kind' | 'id' | 'name'>> = {},
): ArtifactNode {
  const version = facts.version ?? '1.0.0';
  return {
    kind: 'artifact',
    id: `${name}:${version}`,
    name,
    version,
    type: 'dataset',
    digest: digest(name),
    bytes: 10,
    createdAt: '2026-01-02T03:00:00.000Z',
    isExternal: false,
    aliases: [],
    description: null,
    metadata: {},
    files: [],
    ...facts,
  };
}

/** A run of which only the id is of interest. */
export function run(number: number, facts: Partial<Omit<RunNode, 'kind' | 'id'>> = {}): RunNode {
  return {
    kind: 'run',
    id: uuid(number),
    runId: `20260102T0304${String(number).padStart(2, '0')}-abcdef`,
    job: 'train:sft',
    name: null,
    status: 'COMPLETED',
    startedAt: '2026-01-02T03:04:05.000Z',
    endedAt: '2026-01-02T03:14:05.000Z',
    seed: null,
    params: {},
    metrics: {},
    git: null,
    node: null,
    packages: {},
    lockFile: null,
    ...facts,
  };
}

export function edge(
  kind: LineageEdge['kind'],
  from: { readonly id: string },
  to: { readonly id: string },
  facts: Partial<Pick<LineageEdge, 'digest' | 'role'>> = {},
): LineageEdge {
  return { kind, from: from.id, to: to.id, digest: null, role: null, ...facts };
}

/** 64 hex digits that a text stands for. */
export function digest(text: string): string {
  return Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64);
}

export function uuid(number: number): string {
  return `019b7c2e-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

const git = {
  commit: '1a2b3c4d5e6f708192a3b4c5d6e7f80910111213',
  remote: 'https://example.org/pixelis.git',
  is_dirty: false,
};
const environment = {
  git,
  node: 'v20.20.2',
  packages: { '@pixelis/core': '0.1.0', zod: '4.6.7' },
  lockFile: { name: 'package-lock.json', sha256: digest('lock') },
};

export const mnist = artifact('mnist', {
  isExternal: true,
  description: 'Handwritten digits',
  digest: digest('mnist'),
  files: [{ path: 'train.csv', sha256: digest('train'), bytes: 10 }],
  metadata: { license: 'CC-BY-SA-3.0' },
});
export const subset = artifact('mnist-small', { createdAt: '2026-01-02T03:01:00.000Z' });
export const model = artifact('sft-model', {
  type: 'model',
  createdAt: '2026-01-02T03:14:00.000Z',
  aliases: ['best', 'latest'],
  bytes: 30,
  files: [
    { path: 'config.json', sha256: digest('config'), bytes: 10 },
    { path: 'weights/model.safetensors', sha256: digest('weights'), bytes: 20 },
  ],
  metadata: { task: 'classification', approach: 'supervised', architecture: 'ViT-tiny' },
});
export const evaluation = artifact('eval-sft-model-on-mnist', {
  type: 'evaluation',
  createdAt: '2026-01-02T04:14:00.000Z',
});
export const training = run(1, {
  ...environment,
  name: 'first try',
  seed: 42,
  params: { batch_size: 32, optimizer: { name: 'adamw', lr: 0.001 } },
  metrics: { 'loss/train': 0.25, 'accuracy/val': 0.9 },
});
export const evaluating = run(2, {
  ...environment,
  job: 'evaluate',
  startedAt: '2026-01-02T04:04:05.000Z',
  endedAt: '2026-01-02T04:14:05.000Z',
  metrics: { accuracy: 0.875 },
});
/** Failed before it made anything. */
export const failing = run(3, { status: 'FAILED', startedAt: '2026-01-02T05:00:00.000Z', endedAt: '2026-01-02T05:00:01.000Z' }); // prettier-ignore
/** Still at work. */
export const running = run(4, { status: 'RUNNING', startedAt: '2026-01-02T06:00:00.000Z', endedAt: null }); // prettier-ignore

/** Data set → training → model → evaluation, a run that failed and one that has not ended; no fault in it. */
export const exampleGraph = new LineageGraph(
  [mnist, subset, model, evaluation, training, evaluating, failing, running],
  [
    edge('derived', mnist, subset, { digest: mnist.digest }),
    edge('used', subset, training, { digest: subset.digest, role: 'train_data' }),
    edge('produced', training, model, { digest: model.digest }),
    edge('used', model, evaluating, { digest: model.digest, role: 'model' }),
    edge('used', mnist, evaluating, { digest: mnist.digest, role: 'test_data' }),
    edge('produced', evaluating, evaluation, { digest: evaluation.digest }),
    edge('used', mnist, failing),
    edge('used', mnist, running),
  ],
);

/** Texts that break out of quotes, lines, markup and grammars. */
export const HOSTILE_TEXTS = [
  `quotes " ' \` and "] --> x[" \\" \\`,
  'lines\nof\r\ntext\ttab\u0000nul',
  '<script>alert(1)</script> &lt;b&gt; &#34;',
  '模型 🧪 e\u0301 \u202Eright to left',
  'lone \ud800 surrogate',
  'x'.repeat(200),
  '%% comment ; end subgraph style {a} |b| #35; #quot;',
  'a/../b//c?d=e#f%20g:h',
  '-->',
  '__proto__',
  '1. list',
  '',
] as const;

/** {@link HOSTILE_TEXTS} wherever a graph holds text. */
export const hostileGraph = new LineageGraph(
  HOSTILE_TEXTS.flatMap((text, index) => hostileNodes(text, index)),
  HOSTILE_TEXTS.flatMap((text, index) => {
    const [input, job, output] = hostileNodes(text, index);
    return [
      edge('used', input, job, { role: text }),
      edge('produced', job, output, { role: text }),
      edge('derived', input, output),
    ];
  }),
);

function hostileNodes(text: string, index: number): [ArtifactNode, RunNode, ArtifactNode] {
  const files = [{ path: `${index}/${text}`, sha256: digest(String(index)), bytes: index }];
  const facts = { description: text, aliases: [text], metadata: { [text]: text, license: text, task: text }, files }; // prettier-ignore
  return [
    artifact(`data-${index}-${text}`, { ...facts, isExternal: true, type: text }),
    run(index + 100, {
      runId: text,
      job: text,
      name: text,
      params: { [text]: text },
      metrics: { [text]: Number.NaN, finite: 1 },
      git: { commit: text, remote: text, is_dirty: true },
      node: text,
      packages: { [text]: text },
      lockFile: { name: text, sha256: digest(text) },
    }),
    artifact(`model-${index}-${text}`, { ...facts, type: 'model' }),
  ];
}
