import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactManager, auditRun, DIFF_FILE, LineageTracker } from '@pixelis/artifacts';
import { IntegrityError, UsageError, writeFileAtomic } from '@pixelis/core';
import { toSlsaProvenance } from '@pixelis/lineage';
import { signFolder, type SigningKeyOptions, signStatement } from '@pixelis/signing';
import { defineCommand } from '../command';
import { findTarget } from '../signing-target';

/** `pixelis sign` */
export const sign = defineCommand({
  needsRoot: false,
  words: [
    {
      placeholder: 'TARGET',
      help: 'A run, a folder, or an artifact such as model-x:best',
      isRequired: true,
    },
  ],
  options: {
    key: {
      kind: 'text',
      placeholder: 'FILE',
      help: 'Private key (EC, PEM); pixelis generate-key makes one',
    },
    output: {
      kind: 'text',
      placeholder: 'FILE',
      help: 'Where the signature goes (default: model.sig in the folder)',
    },
    provenance: {
      kind: 'text',
      placeholder: 'FILE',
      help: 'Of a run: write its SLSA provenance too, signed (in-toto statement in a DSSE envelope)',
    },
  },
  async run({ words, options, root }, output) {
    const key = keyOf(options.text('key'));
    const target = await findTarget(root, words[0] ?? '');
    const provenance = options.text('provenance');
    if (provenance !== undefined && target.runId === null) throw provenanceError(target.name);
    if (target.runId !== null) await requireIntact(root, target.runId);
    const bundle = await signFolder(target.content, {
      ...key,
      name: target.name,
      // An export may leave it out; the manifest, which is signed, holds its hash.
      ...(target.runId !== null && { ignorePaths: [DIFF_FILE] }),
    });
    const file = options.text('output') ?? target.signatureFile;
    const texts = new Map([[file, `${JSON.stringify(bundle)}\n`]]);
    if (provenance !== undefined)
      texts.set(provenance, await provenanceText({ root, runId: target.runId, key }));
    await writeAll(texts);
    output.print({
      json: { target: target.name, signature: file, provenance: provenance ?? null },
      text: [
        `signed ${target.name}: ${file}`,
        ...(provenance === undefined ? [] : [`provenance: ${provenance}`]),
      ].join('\n'),
    });
  },
});

/** A signature would vouch for what was changed. */
async function requireIntact(root: string, runId: string): Promise<void> {
  const { problems } = await auditRun(join(root, 'runs', runId));
  const [problem] = problems;
  if (problem === undefined) return;
  throw new IntegrityError(`run ${runId} is not intact: ${problem.path} ${problem.message}`, {
    code: 'RUN_DAMAGED',
    remedy: `pixelis runs audit ${runId} shows all that differs; restore it before it is signed.`,
  });
}

/** A passphrase on the command line would be seen by every user of the machine. */
function keyOf(privateKey: string | undefined): SigningKeyOptions {
  if (privateKey === undefined) {
    throw new UsageError('Option --key is missing', {
      code: 'COMMAND_LINE_INVALID',
      remedy: 'Give the file of a private key; pixelis generate-key FILE makes one.',
    });
  }
  const passphrase = process.env['PIXELIS_KEY_PASSPHRASE'];
  return { privateKey, ...(passphrase === undefined ? {} : { passphrase }) };
}

async function provenanceText({
  root,
  runId,
  key,
}: {
  root: string;
  runId: string | null;
  key: SigningKeyOptions;
}): Promise<string> {
  const graph = await new LineageTracker(ArtifactManager.open({ root })).graph();
  const node = graph.nodes.find((one) => one.kind === 'run' && one.runId === runId);
  if (node === undefined) throw provenanceError(runId ?? '');
  const statement = toSlsaProvenance(graph, { run: node.id });
  return `${JSON.stringify(signStatement(statement, key))}\n`;
}

/** Writes files; if one cannot be written, those that are new are removed again. */
async function writeAll(texts: ReadonlyMap<string, string>): Promise<void> {
  const made: string[] = [];
  try {
    for (const [file, text] of texts) {
      const isNew = !existsSync(file);
      await writeFileAtomic(file, text);
      if (isNew) made.push(file);
    }
  } catch (error) {
    await Promise.all(made.map((file) => rm(file, { force: true })));
    throw error;
  }
}

function provenanceError(name: string): UsageError {
  return new UsageError(`"${name}" is no run whose lineage is recorded, so it has no provenance`, {
    code: 'PROVENANCE_MISSING',
    remedy: 'Name a run; pixelis runs list lists them.',
  });
}
