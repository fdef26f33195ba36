import { EXIT_CODES, UsageError } from '@pixelis/core';
import { type SignatureProblem, verifySignature, verifyStatement } from '@pixelis/signing';
import { asJson } from '../as-json';
import { defineCommand } from '../command';
import { readSignature } from '../signature-file';
import { findTarget } from '../signing-target';

/** `pixelis verify-signature` */
export const verifySignatureCommand = defineCommand({
  needsRoot: false,
  words: [
    {
      placeholder: 'TARGET',
      help: 'A run, a folder, or an artifact such as model-x:best',
      isRequired: true,
    },
  ],
  options: {
    'public-key': { kind: 'text', placeholder: 'FILE', help: "The signer's public key (PEM)" },
    signature: {
      kind: 'text',
      placeholder: 'FILE',
      help: 'The signature (default: model.sig in the folder)',
    },
    provenance: {
      kind: 'text',
      placeholder: 'FILE',
      help: 'Check this signed SLSA provenance too',
    },
  },
  async run({ words, options, root }, output) {
    const publicKey = options.text('public-key');
    if (publicKey === undefined) throw keyError();
    const target = await findTarget(root, words[0] ?? '');
    const file = options.text('signature') ?? target.signatureFile;
    const problems = [
      ...(await verifySignature(target.content, readSignature(file), { publicKey })),
    ];
    const provenance = options.text('provenance');
    if (provenance !== undefined)
      problems.push(...verifyStatement(readSignature(provenance), { publicKey }).problems);
    output.print({
      json: { target: target.name, is_valid: problems.length === 0, problems: asJson(problems) },
      text:
        problems.length === 0
          ? `${target.name} is as it was signed`
          : problems.map(describe).join('\n'),
    });
    return problems.length === 0 ? undefined : EXIT_CODES.integrity;
  },
});

function describe({ path, message }: SignatureProblem): string {
  return path === null ? `the signature: ${message}` : `${path} ${message}`;
}

function keyError(): UsageError {
  return new UsageError('Option --public-key is missing', {
    code: 'COMMAND_LINE_INVALID',
    remedy: "Give the file of the signer's public key, such as key.pem.pub.",
  });
}
