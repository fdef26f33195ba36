import { appendFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EXIT_CODES, makeFolderSync, PixelisError, redactSecrets } from '@pixelis/core';

/**
 * Appends to a trial's log why it could not be run, in the form in which programs with `--json` say it themselves. A log that
 * cannot be written is let be: there is an error already.
 */
export function logFailure(logPath: string, error: unknown): void {
  const isKnown = error instanceof PixelisError;
  const body = {
    code: isKnown ? error.code : 'DEFECT',
    message: redactSecrets(error instanceof Error ? error.message : String(error)),
    remedy: isKnown ? error.remedy : 'report it with the log',
    exit_code: isKnown ? error.exitCode : EXIT_CODES.defect,
  };
  try {
    makeFolderSync(dirname(logPath));
    appendFileSync(logPath, `${JSON.stringify({ error: body })}\n`);
  } catch {
    // See above.
  }
}
