import { types } from 'node:util';
import { redactSecrets, RemoteError, UsageError } from '@pixelis/core';

/** How much of an answer a message repeats, in characters. */
const ANSWER_LENGTH = 300;

export function invalidAddressError(address: string): UsageError {
  return new UsageError(`${redactSecrets(address)} is no address of Ray's dashboard`, {
    code: 'RAY_ADDRESS_INVALID',
    remedy: 'give the address of the dashboard of the head node, such as http://HEAD:8265',
  });
}

/** Nobody answered. */
export function unreachableError(address: URL, cause: unknown): RemoteError {
  return new RemoteError(`cannot reach Ray at ${address.origin}: ${reasonOf(cause)}`, {
    code: 'RAY_UNREACHABLE',
    remedy:
      'check --ray-address and that ray start --head runs there, then repeat the command: what runs is found again',
    cause,
  });
}

/** Ray, or somebody else, answered something else than what was asked for. */
export function answerError(
  address: URL,
  { status, answer, cause }: { status: number; answer: string; cause?: unknown },
): RemoteError {
  const text = redactSecrets(answer).replace(/\s+/g, ' ').trim();
  const said = text.length > ANSWER_LENGTH ? `…${text.slice(-ANSWER_LENGTH)}` : text;
  const message = `Ray at ${address.origin} answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (status === 401 || status === 403) {
    const remedy = 'set RAY_AUTH_TOKEN to the token of the cluster';
    return new RemoteError(message, { code: 'RAY_DENIED', remedy, cause });
  }
  if (status >= 400 && status !== 404) {
    const remedy =
      "see Ray's dashboard and logs, then repeat the command: what runs is found again";
    return new RemoteError(message, { code: 'RAY_FAILED', remedy, cause });
  }
  return new RemoteError(message, {
    code: 'RAY_UNEXPECTED',
    remedy: 'check that --ray-address is the address of the dashboard of Ray 2.9 or later',
    cause,
  });
}

/** A name with several addresses fails with an error for each. */
function reasonOf(cause: unknown): string {
  if (!types.isNativeError(cause)) return 'no answer';
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause.name === 'AbortError' ? 'no answer in time' : redactSecrets(cause.message);
}
