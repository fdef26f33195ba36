import {
  canonicalJson,
  type FilePosition,
  type JsonValue,
  type Recorder,
  sha256,
  type StepDigests,
} from '@pixelis/core';

const STEP_FILES = ['metrics', 'timings', 'epochs', 'chain'] as const;
type StepFile = (typeof STEP_FILES)[number];

/** A {@link Recorder} whose files are texts in memory. */
export class MemoryRecorder implements Recorder {
  /** The step-wise files by name. */
  readonly texts: Record<StepFile, string> = { metrics: '', timings: '', epochs: '', chain: '' };
  readonly events: { readonly type: string; readonly data: Readonly<Record<string, JsonValue>> }[] =
    [];
  readonly files = new Map<string, Uint8Array>();

  metrics(step: number, values: Readonly<Record<string, number>>): void {
    this.append('metrics', { ...values, step });
  }

  timings(step: number, values: Readonly<Record<string, number>>): void {
    this.append('timings', { ...values, step });
  }

  epoch(epoch: number, values: Readonly<Record<string, number>>): void {
    this.append('epochs', { ...values, epoch });
  }

  chain(step: number, digests: StepDigests): void {
    this.texts.chain += `${canonicalJson({ ...digests, step })}\n`;
  }

  event(type: string, data: Readonly<Record<string, JsonValue>> = {}): void {
    this.events.push({ type, data });
  }

  writeFile(path: string, content: string | Uint8Array): void {
    this.files.set(path, Buffer.from(content));
  }

  offsets(): Record<string, FilePosition> {
    return Object.fromEntries(
      Object.entries(this.texts).map(([name, text]) => [
        name,
        { bytes: Buffer.byteLength(text), sha256: sha256(text) },
      ]),
    );
  }

  rewind(offsets: Readonly<Record<string, FilePosition>>): void {
    for (const name of STEP_FILES)
      this.texts[name] = this.texts[name].slice(0, offsets[name]?.bytes);
  }

  /** What a killed process leaves on the disk, in a recorder of its own. */
  copy(): MemoryRecorder {
    const copy = new MemoryRecorder();
    Object.assign(copy.texts, this.texts);
    for (const [path, content] of this.files) copy.files.set(path, content);
    return copy;
  }

  /** The lines of a step-wise file. */
  lines(name: StepFile): Record<string, number>[] {
    return this.texts[name]
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>);
  }

  private append(name: StepFile, row: Readonly<Record<string, number>>): void {
    this.texts[name] += `${canonicalJson(row)}\n`;
  }
}
