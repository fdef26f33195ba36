import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  auditRun,
  auditRuns,
  resolveRunId,
  type RunAudit,
  SIGNATURE_FILE,
} from '@pixelis/artifacts';
import { EXIT_CODES, explainSystemError } from '@pixelis/core';
import { verifySignature } from '@pixelis/signing';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { formatCount } from '../format';
import { readSignature } from '../signature-file';

/** `pixelis runs audit` */
export const runsAudit = defineCommand({
  words: [{ placeholder: 'RUN', help: 'Which runs; all without any', isRepeatable: true }],
  options: {
    'public-key': {
      kind: 'text',
      placeholder: 'FILE',
      help: 'Check the signatures of the runs with this key too',
    },
  },
  async run({ words, options, root }, output) {
    const publicKey = options.text('public-key');
    if (publicKey !== undefined) requireReadable(publicKey);
    const audits =
      words.length === 0
        ? await auditRuns(root)
        : await Promise.all(
            words.map((word) => auditRun(join(root, 'runs', resolveRunId(root, word)))),
          );
    const found =
      publicKey === undefined
        ? audits
        : await Promise.all(audits.map((audit) => withSignature(audit, publicKey)));
    output.print({
      json: found.map(asJson),
      text: found.length === 0 ? `There are no runs in ${root}.` : found.map(describe).join('\n'),
    });
    return found.every(({ isIntact }) => isIntact) ? undefined : EXIT_CODES.integrity;
  },
});

/** A wrong key is wrong even if nothing is signed. */
function requireReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw explainSystemError(error, { action: 'read', path }) ?? error;
  }
}

async function withSignature(audit: RunAudit, publicKey: string): Promise<RunAudit> {
  const path = join(audit.directory, SIGNATURE_FILE);
  if (!existsSync(path)) {
    const missing = { path: SIGNATURE_FILE, message: 'is missing: the run is not signed' };
    return { ...audit, isIntact: false, problems: [...audit.problems, missing] };
  }
  const bundle = readSignature(path);
  const problems = await verifySignature(audit.directory, bundle, { publicKey });
  const verified = await auditRun(audit.directory, { hasSignature: problems.length === 0 });
  const messages = problems.map((one) => ({
    path: one.path ?? SIGNATURE_FILE,
    message: one.message,
  }));
  return {
    ...verified,
    isIntact: verified.isIntact && problems.length === 0,
    problems: [...verified.problems, ...messages],
  };
}

function describe({ runId, isIntact, events, problems, limits }: RunAudit): string {
  return [
    `${runId}: ${isIntact ? 'intact' : 'damaged'}, ${formatCount(events.count, 'event')}, head ${events.head.slice(0, 12)}`,
    ...problems.map(({ path, message }) => `  ${path}: ${message}`),
    ...limits.map(({ message }) => `  ${message}`),
  ].join('\n');
}
