import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  auditRun,
  auditRuns,
  resolveRunId,
  type RunAudit,
  SIGNATURE_FILE,
} from '@pixelis/artifacts';
import { EXIT_CODES } from '@pixelis/core';
import { checkPublicKey, verifySignature } from '@pixelis/signing';
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
    // A wrong key is wrong even if nothing is signed.
    if (publicKey !== undefined) checkPublicKey(publicKey);
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

async function withSignature(audit: RunAudit, publicKey: string): Promise<RunAudit> {
  const path = join(audit.directory, SIGNATURE_FILE);
  if (isUnchecked(audit)) return audit;
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

/** Only a later Pixelis can: a limit says so. */
function isUnchecked({ isIntact, problems }: RunAudit): boolean {
  return !isIntact && problems.length === 0;
}

function describe(audit: RunAudit): string {
  const { runId, isIntact, events, problems, limits } = audit;
  const finding = isIntact ? 'intact' : isUnchecked(audit) ? 'not checked' : 'damaged';
  return [
    `${runId}: ${finding}, ${formatCount(events.count, 'event')}, head ${events.head.slice(0, 12)}`,
    ...problems.map(({ path, message }) => `  ${path}: ${message}`),
    ...limits.map(({ message }) => `  ${message}`),
  ].join('\n');
}
