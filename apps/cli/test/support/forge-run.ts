import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunManifest } from '@pixelis/artifacts';
import { canonicalJson, digestParts, type JsonValue, sha256 } from '@pixelis/core';

const EVENTS = 'events.jsonl';
const FINAL = 'checkpoints/final.safetensors';

/** A line of an audit trail. */
export type Event = Record<string, JsonValue> & { data: Record<string, JsonValue> };

/**
 * Repairs every hash of a run whose files were changed, as a forger would who wants no audit to find it: those in the
 * manifest, the digests of all files and of the manifest in the audit trail, and the links of that.
 *
 * @param change Changes the events too.
 */
export function repairRecord(run: string, change: (events: Event[]) => void = () => {}): void {
  const path = join(run, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as RunManifest;
  const isLeft = (name: string) => existsSync(join(run, name));
  const left = Object.keys(manifest.files).filter(isLeft);
  manifest.files = Object.fromEntries(left.map((name) => [name, hashOf(join(run, name))]));
  manifest.checkpoints = manifest.checkpoints.filter(isLeft);
  manifest.artifacts.metrics = manifest.artifacts.metrics.filter(isLeft);
  manifest.results.weights_sha256 = manifest.files[FINAL]?.sha256 ?? null;
  const others = Object.entries(manifest.files).filter(([name]) => name !== EVENTS);
  const events = readFileSync(join(run, EVENTS), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
  change(events);
  const last = events.at(-1)!;
  const headline = Object.fromEntries(
    Object.entries(manifest).filter(([key]) => key !== 'files' && key !== 'events'),
  );
  last.data = {
    ...last.data,
    files_sha256: sha256(canonicalJson(Object.fromEntries(others))),
    manifest_sha256: sha256(canonicalJson(headline)),
  };
  let head = '0'.repeat(64);
  const lines = events.map((event) => {
    const line = canonicalJson({ ...event, previous: head });
    head = sha256(line);
    return `${line}\n`;
  });
  writeFileSync(join(run, EVENTS), lines.join(''));
  manifest.files[EVENTS] = hashOf(join(run, EVENTS));
  manifest.events = { head, count: events.length };
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Flips a bit, the lowest unless told, of the first value of a tensor in a safetensors file. */
export function flipWeight(path: string, tensor: string, bit = 0): void {
  const file = readFileSync(path);
  const { start, header } = headerOf(file);
  file[start + header[tensor]!.data_offsets[0] + (bit >> 3)]! ^= 1 << (bit & 7);
  writeFileSync(path, withOwnDigest(file));
}

/** Makes the chain end in the final weights as they are now. */
export function repairChain(run: string): void {
  const path = join(run, 'chain.jsonl');
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const last = JSON.parse(lines.pop() ?? '') as Record<string, JsonValue>;
  const { chain: previous } = JSON.parse(lines.at(-1) ?? '') as { chain: string };
  const file = readFileSync(join(run, FINAL));
  const { start, header } = headerOf(file);
  const names = Object.keys(header).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const { digest, parts } = digestParts(
    names.map((name) => {
      const [from, to] = header[name]!.data_offsets;
      return file.subarray(start + from, start + to);
    }),
  );
  delete last['chain'];
  const content = { ...last, weights: digest, weight_tensors: parts };
  const line = canonicalJson({ ...content, chain: sha256(previous + canonicalJson(content)) });
  writeFileSync(path, [...lines, line, ''].join('\n'));
}

/** Changes a JSON file of a run by its text without white space. */
export function editJson(path: string, edit: (text: string) => string): void {
  const text = JSON.stringify(JSON.parse(readFileSync(path, 'utf8')));
  const edited: unknown = JSON.parse(edit(text));
  expect(JSON.stringify(edited)).not.toBe(text);
  writeFileSync(path, `${JSON.stringify(edited, null, 2)}\n`);
}

type Header = Record<string, { data_offsets: [number, number] }>;

function headerOf(file: Buffer): {
  start: number;
  header: Header;
  metadata: Record<string, string>;
} {
  const start = 8 + Number(file.readBigUInt64LE());
  const { __metadata__: metadata = {}, ...header } = JSON.parse(
    file.subarray(8, start).toString(),
  ) as Header & { __metadata__?: Record<string, string> };
  return { start, header, metadata };
}

/** A checkpoint holds the SHA-256 of itself without that entry. */
function withOwnDigest(file: Buffer): Buffer {
  const { start, header, metadata } = headerOf(file);
  const { 'pixelis.sha256': digest, ...signed } = metadata;
  if (digest === undefined) return file;
  const data = file.subarray(start);
  const encode = (entries: Record<string, string>) => {
    const text = Buffer.from(canonicalJson({ ...header, __metadata__: entries }));
    const padded = Buffer.alloc(Math.ceil(text.length / 8) * 8, ' ');
    text.copy(padded);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(padded.length));
    return Buffer.concat([length, padded, data]);
  };
  return encode({ ...signed, 'pixelis.sha256': sha256(encode(signed)) });
}

function hashOf(path: string): { sha256: string; bytes: number } {
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  return { sha256: digest, bytes: statSync(path).size };
}
