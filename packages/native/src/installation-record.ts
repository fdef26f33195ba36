import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { EnvironmentError, isSystemError } from '@pixelis/core';
import * as z from 'zod';

/** Which TensorFlow an installation has: for the CPU alone, or for CUDA too. */
export type NativeVariant = 'cpu' | 'gpu';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const version = z.string().regex(/^\d+\.\d+\.\d+/);

/** `installation.json`, the last file of an installation to be written. */
export const installationRecordSchema = z.strictObject({
  installation_version: z.literal(1),
  variant: z.enum(['cpu', 'gpu']),
  tensorflow_version: version,
  /** The version of Node-API that the addon was built for. */
  node_api_version: z.int().min(1),
  platform: z.string(),
  arch: z.string(),
  /** The version of `@tensorflow/tfjs-node-gpu` whose source was linked. */
  tfjs_node_gpu_version: version,
  created_at: z.iso.datetime(),
  /** The wheels that it was made from: file name to SHA-256. */
  wheels: z.record(z.string(), sha256),
  /** Every file that is loaded: path in the folder, with forward slashes. */
  files: z.record(z.string(), z.strictObject({ bytes: z.int().min(0), sha256 })),
});

export type InstallationRecord = z.infer<typeof installationRecordSchema>;

/**
 * Reads an installation's record; undefined if there is none.
 *
 * @throws {EnvironmentError} `NATIVE_INSTALLATION_BROKEN` if it cannot be read or says something else.
 */
export function readInstallationRecord(path: string): InstallationRecord | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw broken(path, 'cannot be read', error);
  }
  const parsed = installationRecordSchema.safeParse(jsonOrUndefined(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const key = issue?.path.join('.') ?? '';
  throw broken(path, `is not a record of an installation${key === '' ? '' : ` (${key})`}`);
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function broken(path: string, problem: string, cause?: unknown): EnvironmentError {
  // What is broken cannot say its variant; the folder that it stands in is called so.
  const variant = basename(dirname(path)) === 'gpu' ? 'gpu' : 'cpu';
  return new EnvironmentError(`the native installation's record ${path} ${problem}`, {
    code: 'NATIVE_INSTALLATION_BROKEN',
    remedy: `install it again: npx nx run libtensorflow:install -- --variant ${variant} --relink`,
    cause,
  });
}
