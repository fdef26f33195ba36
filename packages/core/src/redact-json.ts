import type { JsonValue } from './recorder';
import { REDACTED, redactSecrets } from './redact-secrets';
import { isPlainValue, isSecretName } from './secret-name';

/**
 * A copy of a JSON value without its secrets: every string and key passes {@link redactSecrets}, and of what stands under a
 * name such as `password`, `token`, `api_key` or `credentials` every string is replaced by `[redacted]`. In a list of
 * arguments so is the one after `--password`.
 */
export function redactJson(value: JsonValue): JsonValue {
  return redactValue(value, undefined);
}

/** The arguments of a program without their secrets: `--token=x`, `--token x`, and all that {@link redactSecrets} knows. */
export function redactArguments(commandArguments: readonly string[]): string[] {
  return commandArguments.map((argument, index) => {
    return redactString(argument, optionBefore(commandArguments, index));
  });
}

/** `secretName` is the nearest name around the value, if that says that the value is a secret. */
function redactValue(value: JsonValue, secretName: string | undefined): JsonValue {
  if (typeof value === 'string') return redactString(value, secretName);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) {
    return value.map((item, index) => redactValue(item, secretName ?? optionBefore(value, index)));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      return [redactSecrets(key), redactValue(item, isSecretName(key) ? key : secretName)];
    }),
  );
}

function redactString(text: string, secretName: string | undefined): string {
  const isSecret = secretName !== undefined && !isPlainValue(secretName, text);
  return isSecret ? REDACTED : redactSecrets(text);
}

/** The option whose value the argument is, if that says that the value is a secret. */
function optionBefore(list: readonly JsonValue[], index: number): string | undefined {
  const before = list[index - 1];
  const value = list[index];
  if (typeof before !== 'string' || typeof value !== 'string') return undefined;
  return /^--?[\w.-]+$/.test(before) && !value.startsWith('--') && isSecretName(before)
    ? before
    : undefined;
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
