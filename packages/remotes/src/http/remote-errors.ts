import { types } from 'node:util';
import { redactSecrets, RemoteError } from '@pixelis/core';

/** How much of a server's answer a message repeats, in characters. */
const ANSWER_LENGTH = 300;

/** An address as a message may show it: without user, password, query and fragment. */
export function safeAddress(address: string | URL): string {
  const text = String(address);
  if (!URL.canParse(text)) return redactSecrets(text);
  const url = new URL(text);
  return redactSecrets(`${url.protocol}//${url.host}${url.pathname.replace(/\/$/, '')}`);
}

/** Nobody answered: a refused or broken connection, an unknown host, or no answer in time. */
export function unreachableError(address: string | URL, cause: unknown): RemoteError {
  return new RemoteError(`Cannot reach ${safeAddress(address)}: ${reasonOf(cause)}`, {
    code: 'REMOTE_UNREACHABLE',
    remedy:
      'Check the address and that the server runs, then sync again: it goes on where it stopped.',
    cause,
  });
}

/** The server answered that it cannot now: 429 or 5xx, after all attempts. */
export function failedError(address: string | URL, status: number, answer: string): RemoteError {
  return new RemoteError(`${safeAddress(address)} answered ${status}${quote(answer)}`, {
    code: 'REMOTE_FAILED',
    remedy: 'Sync again later: it goes on where it stopped. If it stays so, look into its log.',
  });
}

/** The server refused a request: 3xx or 4xx. */
export function refusedError(address: string | URL, status: number, answer: string): RemoteError {
  const isDenied = status === 401 || status === 403;
  const isMoved = status >= 300 && status < 400;
  return new RemoteError(`${safeAddress(address)} refused with ${status}${quote(answer)}`, {
    code: isDenied ? 'REMOTE_DENIED' : 'REMOTE_REFUSED',
    remedy: isDenied
      ? 'Give the credentials of this remote in the environment; the guide on remotes names the variables.'
      : isMoved
        ? 'The server sends to another address or region: name that one.'
        : 'Check the address; if it is right, the message says what the server will not take.',
  });
}

/** An answer that is not of the protocol: most often another program listens there. */
export function unexpectedAnswerError(address: string | URL, cause?: unknown): RemoteError {
  return new RemoteError(`${safeAddress(address)} gave an answer that is not of its protocol`, {
    code: 'REMOTE_UNEXPECTED',
    remedy: 'Check that the address is the one of the server itself, and no page for browsers.',
    cause,
  });
}

/** What the system or the HTTP client says, without naming anything secret. */
function reasonOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('name' in cause)) return 'no answer';
  if (cause.name === 'TimeoutError' || cause.name === 'AbortError') return 'no answer in time';
  if (!types.isNativeError(cause)) return 'no answer';
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  if (types.isNativeError(cause.cause)) return reasonOf(cause.cause);
  return redactSecrets(cause.message || ('code' in cause ? String(cause.code) : cause.name));
}

function quote(answer: string): string {
  const text = redactSecrets(answer).replace(/\s+/g, ' ').trim();
  if (text === '') return '';
  return `: ${text.length > ANSWER_LENGTH ? `${text.slice(0, ANSWER_LENGTH)}…` : text}`;
}
