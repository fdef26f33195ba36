import { existsSync, writeFileSync } from 'node:fs';
import { explainSystemError, UsageError, writeFileAtomic } from '@pixelis/core';
import { generateSigningKey, type SigningCurve } from '@pixelis/signing';
import { defineCommand } from '../command';

/** `pixelis generate-key` */
export const generateKey = defineCommand({
  needsRoot: false,
  words: [
    {
      placeholder: 'FILE',
      help: 'Where the private key goes; the public one goes to FILE.pub',
      isRequired: true,
    },
  ],
  options: {
    curve: {
      kind: 'text',
      placeholder: 'CURVE',
      help: 'Which elliptic curve',
      choices: ['P-256', 'P-384', 'P-521'],
      default: 'P-256',
    },
  },
  async run({ words, options }, output) {
    const file = words[0] ?? '';
    const publicFile = `${file}.pub`;
    for (const path of [file, publicFile]) if (existsSync(path)) throw takenError(path);
    const passphrase = process.env['PIXELIS_KEY_PASSPHRASE'];
    const pair = generateSigningKey({
      curve: curveOf(options.text('curve')),
      ...(passphrase === undefined ? {} : { passphrase }),
    });
    writePrivately(file, pair.privateKey);
    await writeFileAtomic(publicFile, pair.publicKey);
    output.print({
      json: { private_key: file, public_key: publicFile, hint: pair.hint },
      text: `private key  ${file}${passphrase === undefined ? ', not encrypted: set PIXELIS_KEY_PASSPHRASE to encrypt it' : ', encrypted'}\npublic key   ${publicFile}`,
    });
  },
});

function curveOf(text: string | undefined): SigningCurve {
  return text === 'P-384' || text === 'P-521' ? text : 'P-256';
}

/** Readable by its owner alone from the first byte on. */
function writePrivately(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    throw explainSystemError(error, { action: 'write', path }) ?? error;
  }
}

function takenError(path: string): UsageError {
  return new UsageError(`${path} is there already`, {
    code: 'KEY_FILE_TAKEN',
    remedy: 'Choose another file: a key that was used must not be lost.',
  });
}
