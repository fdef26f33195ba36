import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  toRoCrateMetadata,
  type LineageGraph,
  type RoCrateFile,
  type RoCrateOptions,
} from '../../src/index';
import { evaluation, exampleGraph, hostileGraph, HOSTILE_TEXTS, training } from '../example-graph';
import { readWithPython } from './read-with-python';

const PROFILES = ['ro-crate-1.2', 'process-run-crate-0.5'] as const;

interface Validation {
  checks: number;
  issues: string[];
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixelis-ro-crate-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function putFile(path: string, content: string): Pick<RoCrateFile, 'path' | 'sha256' | 'bytes'> {
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  writeFileSync(join(folder, path), content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { path, sha256, bytes: Buffer.byteLength(content) };
}

function validate(
  graph: LineageGraph,
  options: RoCrateOptions,
  profile: (typeof PROFILES)[number],
): Validation {
  const metadata = JSON.stringify(toRoCrateMetadata(graph, options));
  writeFileSync(join(folder, 'ro-crate-metadata.json'), metadata);
  return readWithPython('read_ro_crate.py', '', folder, profile, 'RECOMMENDED') as Validation;
}

describe('toRoCrateMetadata', () => {
  it.each(PROFILES)('toRoCrateMetadata() has all that %s requires and recommends', (profile) => {
    const options: RoCrateOptions = {
      name: 'First try',
      description: 'A model of handwritten digits with all that made it',
      license: 'https://creativecommons.org/licenses/by/4.0/',
      datePublished: '2026-01-02',
      publisher: { name: 'Example University', id: 'https://ror.org/03f0f6041', email: 'data@example.org' }, // prettier-ignore
      agent: { name: 'Ada Example', id: 'https://orcid.org/0000-0001-2345-6789', type: 'Person' },
      files: [
        { ...putFile('artifacts/sft-model/1.0.0/config.json', '{}'), artifact: 'sft-model:1.0.0' },
        { ...putFile('artifacts/sft-model/1.0.0/a.safetensors', 'a'), artifact: 'sft-model:1.0.0' },
        { ...putFile('runs/first/metrics.jsonl', '{}\n'), run: training.id },
        putFile('README.md', 'Read me\n'),
      ],
    };
    const complete = exampleGraph.subgraph([evaluation.id], { direction: 'ancestors' });
    const { checks, issues } = validate(complete, options, profile);
    expect(checks).toBeGreaterThan(5);
    expect(issues).toEqual([]);
  });

  it('roc-validator finds what toRoCrateMetadata() is not given', () => {
    const options = { name: '', description: '', license: '', datePublished: 'yesterday' };
    const { issues } = validate(exampleGraph, options, 'ro-crate-1.2');
    expect(issues.join()).toContain('datePublished');
  });

  it.each(PROFILES)('toRoCrateMetadata() of hostile texts has all that %s requires', (profile) => {
    const files = HOSTILE_TEXTS.filter((text) => !/[\0/\ud800]/.test(text)).map((text, index) =>
      putFile(`files/${index}-${text}`, text),
    );
    const [name] = HOSTILE_TEXTS;
    const options = { name, description: name, license: name, datePublished: '2026-01-02', files };
    const { issues } = validate(hostileGraph, options, profile);
    expect(issues.filter((issue) => issue.includes(' REQUIRED:'))).toEqual([]);
  });
});
