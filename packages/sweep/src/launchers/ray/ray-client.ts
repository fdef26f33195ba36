import { setTimeout as wait } from 'node:timers/promises';
import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import { type HttpAnswer, httpRequest } from './http-request';
import { answerError, invalidAddressError, unreachableError } from './ray-errors';

/** Where Ray's dashboard is, and how long to try. */
export interface RayClientOptions {
  /** Address of the dashboard of the head node. */
  readonly address: string;
  /** Token of a cluster that wants one. Default: none. */
  readonly token?: string | undefined;
  /** How long one request may take, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number;
  /** Wait before the second attempt, in milliseconds; it doubles from one to the next. Default: 500. */
  readonly firstWaitMs?: number;
}

const jobSchema = z.object({
  /** Null for jobs that were not submitted. */
  submission_id: z.string().nullish(),
  status: z.enum(['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED']),
  message: z.string().nullish(),
  error_type: z.string().nullish(),
  driver_exit_code: z.int().nullish(),
});

/** A job as Ray describes it: `JobDetails` of its REST interface. */
export type RayJob = z.output<typeof jobSchema>;

/** A job that is to be run: `JobSubmitRequest` of Ray's REST interface. */
export interface RayJobRequest {
  readonly submission_id: string;
  /** Command line of a shell. */
  readonly entrypoint: string;
  readonly entrypoint_num_cpus: number;
  readonly entrypoint_num_gpus: number;
  /** Bytes that Ray keeps free; of Ray's own choice where absent. */
  readonly entrypoint_memory?: number;
  readonly runtime_env: { readonly env_vars: Readonly<Record<string, string>> };
  readonly metadata: Readonly<Record<string, string>>;
}

/** Attempts to reach a server that was never reached, and one that was. */
const ATTEMPTS_FIRST = 3;
const ATTEMPTS = 7;

/** A gateway in front of Ray says so of a server that is not there now. */
const UNAVAILABLE: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * The jobs of a Ray cluster by its REST interface
 * (https://docs.ray.io/en/latest/cluster/running-applications/job-submission/api.html). What cannot be reached is tried again
 * for half a minute; all methods throw a {@link RemoteError} if that does not help or Ray refuses.
 */
export class RayClient {
  readonly #base: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #firstWaitMs: number;
  #wasReached = false;

  /** @throws {UsageError} `RAY_ADDRESS_INVALID` if the address is not one of HTTP. */
  constructor({ address, token, timeoutMs = 30_000, firstWaitMs = 500 }: RayClientOptions) {
    if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
      throw invalidAddressError(address);
    }
    this.#base = new URL(address.endsWith('/') ? address : `${address}/`);
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#timeoutMs = timeoutMs;
    this.#firstWaitMs = firstWaitMs;
  }

  async jobs(): Promise<RayJob[]> {
    const answer = await this.#request('GET', 'api/jobs/');
    return this.#parse(answer, z.array(jobSchema));
  }

  /** Undefined if there is no such job. */
  async job(id: string): Promise<RayJob | undefined> {
    const answer = await this.#request('GET', `api/jobs/${encodeURIComponent(id)}`);
    return answer.status === 404 ? undefined : this.#parse(answer, jobSchema);
  }

  /** Submits a job; one that is there already under its id is left alone. */
  async submit(request: RayJobRequest): Promise<void> {
    const answer = await this.#request('POST', 'api/jobs/', { ...request });
    if (answer.status === 200) return;
    // An answer that was lost makes the second attempt a second submission.
    if ((await this.job(request.submission_id)) === undefined) throw this.#refusal(answer);
  }

  /** Asks a job to stop; one that has ended, or that there is not, is no failure. */
  async stop(id: string): Promise<void> {
    const answer = await this.#request('POST', `api/jobs/${encodeURIComponent(id)}/stop`);
    if (answer.status !== 200 && answer.status !== 404) throw this.#refusal(answer);
  }

  #parse<T>(answer: HttpAnswer, schema: z.ZodType<T>): T {
    if (answer.status !== 200) throw this.#refusal(answer);
    try {
      return schema.parse(JSON.parse(answer.text));
    } catch (cause) {
      throw this.#refusal(answer, cause);
    }
  }

  #refusal({ status, text }: HttpAnswer, cause?: unknown): Error {
    return answerError(this.#base, { status, answer: text, cause });
  }

  async #request(
    method: 'GET' | 'POST',
    path: string,
    body?: Record<string, JsonValue>,
  ): Promise<HttpAnswer> {
    const attempts = this.#wasReached ? ATTEMPTS : ATTEMPTS_FIRST;
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt === attempts;
      try {
        const answer = await httpRequest(new URL(path, this.#base), {
          method,
          headers: { ...this.#headers, 'content-type': 'application/json' },
          body: body === undefined ? undefined : JSON.stringify(body),
          timeoutMs: this.#timeoutMs,
        });
        this.#wasReached = true;
        if (!UNAVAILABLE.has(answer.status) || isLast) return answer;
      } catch (error) {
        if (isLast) throw unreachableError(this.#base, error);
      }
      await wait(this.#firstWaitMs * 2 ** (attempt - 1));
    }
  }
}
