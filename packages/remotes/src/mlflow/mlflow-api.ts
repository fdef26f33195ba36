import { z } from 'zod';
import { type HttpAnswer, HttpClient, type HttpClientOptions } from '../http/http-client';
import { refusedError, unexpectedAnswerError } from '../http/remote-errors';
import { cutText, type KeyValue, LIMITS, type MetricPoint, metricValue } from './entities';

const keyValues = z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]);

const runSchema = z.object({
  info: z.object({
    run_id: z.string(),
    status: z.string(),
    artifact_uri: z.string().default(''),
    end_time: z.coerce.number().optional(),
  }),
  data: z.object({ params: keyValues, tags: keyValues }).prefault({}),
  inputs: z
    .object({
      dataset_inputs: z
        .array(z.object({ dataset: z.object({ name: z.string(), digest: z.string() }) }))
        .default([]),
    })
    .prefault({}),
});

/** A run as the server has it. */
export type MlflowRun = z.infer<typeof runSchema>;

const historySchema = z.object({
  metrics: z
    .array(z.object({ value: z.coerce.number().default(0), step: z.coerce.number().default(0) }))
    .default([]),
  next_page_token: z.string().optional(),
});

const errorSchema = z.object({ error_code: z.string(), message: z.string().default('') });

/** A data set that a run read. */
export interface DatasetInput {
  dataset: { name: string; digest: string; source_type: string; source: string };
  tags: KeyValue[];
}

/** Who asks. */
export interface MlflowCredentials {
  token?: string;
  username?: string;
  password?: string;
}

/** What a server says that lacks the experiment of that name, or does not show it to everybody. */
const HEALTHY_CODES = new Set(['RESOURCE_DOES_NOT_EXIST', 'PERMISSION_DENIED']);

const JSON_TYPE = { 'content-type': 'application/json' };

/** MLflow's REST API 2.0, as far as runs need it. Every method throws a RemoteError. */
export class MlflowApi {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly http: HttpClient;

  constructor(address: URL, credentials: MlflowCredentials, options: HttpClientOptions = {}) {
    this.#base = `${address.origin}${address.pathname.replace(/\/+$/, '')}`;
    this.#headers = authorisation(credentials);
    this.http = new HttpClient(options);
  }

  /** Whether an MLflow server answers there. */
  async connect(): Promise<void> {
    const query = new URLSearchParams({ experiment_name: 'Default' });
    const { url, headers } = this.#target(`mlflow/experiments/get-by-name?${query.toString()}`);
    const answer = await this.http.send({ method: 'GET', url, headers });
    if (answer.status < 300) parse(url, answer, z.object({ experiment: z.unknown() }));
    else if (!HEALTHY_CODES.has(codeOf(answer) ?? '')) {
      throw refusedError(url, answer.status, messageOf(answer));
    }
  }

  /** The id of an experiment, which is created if there is none of that name. */
  async experimentId(name: string): Promise<string> {
    const found = await this.#experimentByName(name);
    if (found !== null) return found;
    const { url, headers } = this.#target('mlflow/experiments/create', JSON_TYPE);
    const answer = await this.http.send({
      method: 'POST',
      url,
      headers,
      body: JSON.stringify({ name }),
    });
    if (answer.status < 300) {
      return parse(url, answer, z.object({ experiment_id: z.string() })).experiment_id;
    }
    // Another client was faster, or the first attempt got through although its answer did not.
    const made = await this.#experimentByName(name);
    if (made !== null) return made;
    throw refusedError(url, answer.status, messageOf(answer));
  }

  /** The run that carries a tag; of several, made by clients that knew nothing of each other, always the same one. */
  async findRun(experimentId: string, tag: KeyValue): Promise<MlflowRun | null> {
    const { runs } = await this.#post(
      'mlflow/runs/search',
      {
        experiment_ids: [experimentId],
        filter: `tags.\`${tag.key}\` = '${tag.value}'`,
        run_view_type: 'ACTIVE_ONLY',
        max_results: 100,
      },
      z.object({ runs: z.array(runSchema).default([]) }),
    );
    return runs.sort((a, b) => (a.info.run_id < b.info.run_id ? -1 : 1))[0] ?? null;
  }

  /** Tried once: whether a request that failed made a run can only be told by {@link MlflowApi.findRun}. */
  async createRun(run: {
    experiment_id: string;
    run_name: string;
    start_time: number;
    tags: readonly KeyValue[];
  }): Promise<MlflowRun> {
    const schema = z.object({ run: runSchema });
    return (await this.#post('mlflow/runs/create', run, schema, { attempts: 1 })).run;
  }

  async logParams(runId: string, params: readonly KeyValue[]): Promise<void> {
    await this.#post('mlflow/runs/log-batch', { run_id: runId, params }, z.unknown());
  }

  async logTags(runId: string, tags: readonly KeyValue[]): Promise<void> {
    await this.#post('mlflow/runs/log-batch', { run_id: runId, tags }, z.unknown());
  }

  /** Tried once, since a point that is sent twice may be stored twice. */
  async logMetrics(runId: string, points: readonly MetricPoint[]): Promise<void> {
    const metrics = points.map((point) => ({ ...point, value: metricValue(point.value) }));
    const body = { run_id: runId, metrics };
    await this.#post('mlflow/runs/log-batch', body, z.unknown(), { attempts: 1 });
  }

  /** All values of a metric that the server has. */
  async *history(runId: string, key: string): AsyncGenerator<{ value: number; step: number }> {
    for (let token: string | undefined = ''; token !== undefined;) {
      const query = new URLSearchParams({ run_id: runId, metric_key: key, max_results: '25000' });
      if (token !== '') query.set('page_token', token);
      const page: z.infer<typeof historySchema> = await this.#get(
        `mlflow/metrics/get-history?${query.toString()}`,
        historySchema,
      );
      yield* page.metrics;
      const next = page.next_page_token;
      token = next === '' || next === token ? undefined : next;
    }
  }

  async logInputs(runId: string, datasets: readonly DatasetInput[]): Promise<void> {
    await this.#post('mlflow/runs/log-inputs', { run_id: runId, datasets }, z.unknown());
  }

  async updateRun(runId: string, change: { status: string; end_time?: number }): Promise<void> {
    await this.#post('mlflow/runs/update', { run_id: runId, ...change }, z.unknown());
  }

  /** Uploads one file through the server; the path is below the server's root of artifacts. */
  async putArtifact(
    path: string,
    body: { bytes: number; open(): AsyncIterable<Uint8Array> },
  ): Promise<void> {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    const type = { 'content-type': 'application/octet-stream' };
    const { url, headers } = this.#target(`mlflow-artifacts/artifacts/${encoded}`, type);
    const empty = body.bytes === 0 ? new Uint8Array() : body;
    const answer = await this.http.send({ method: 'PUT', url, headers, body: empty });
    if (answer.status >= 300) throw refusedError(url, answer.status, messageOf(answer));
  }

  async #experimentByName(name: string): Promise<string | null> {
    const query = new URLSearchParams({ experiment_name: name });
    const { url, headers } = this.#target(`mlflow/experiments/get-by-name?${query.toString()}`);
    const answer = await this.http.send({ method: 'GET', url, headers });
    if (answer.status === 404 && codeOf(answer) === 'RESOURCE_DOES_NOT_EXIST') return null;
    const schema = z.object({ experiment: z.object({ experiment_id: z.string() }) });
    return parse(url, answer, schema).experiment.experiment_id;
  }

  async #get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
    const { url, headers } = this.#target(path);
    return parse(url, await this.http.send({ method: 'GET', url, headers }), schema);
  }

  async #post<Schema extends z.ZodType>(
    path: string,
    body: unknown,
    schema: Schema,
    options: { attempts?: number } = {},
  ): Promise<z.infer<Schema>> {
    const target = this.#target(path, JSON_TYPE);
    const request = { method: 'POST' as const, ...target, body: JSON.stringify(body), ...options };
    return parse(target.url, await this.http.send(request), schema);
  }

  #target(path: string, headers: Readonly<Record<string, string>> = {}) {
    return {
      url: new URL(`${this.#base}/api/2.0/${path}`),
      headers: { ...this.#headers, ...headers },
    };
  }
}

function parse<Schema extends z.ZodType>(
  url: URL,
  answer: HttpAnswer,
  schema: Schema,
): z.infer<Schema> {
  if (answer.status >= 300) throw refusedError(url, answer.status, messageOf(answer));
  try {
    return schema.parse(JSON.parse(answer.body.toString('utf8')));
  } catch (cause) {
    throw unexpectedAnswerError(url, cause);
  }
}

function messageOf(answer: HttpAnswer): string {
  const text = answer.body.toString('utf8');
  const parsed = parseError(text);
  return cutText(
    parsed === null ? text : `${parsed.error_code}: ${parsed.message}`,
    LIMITS.keyLength * 2,
  );
}

function codeOf(answer: HttpAnswer): string | null {
  return parseError(answer.body.toString('utf8'))?.error_code ?? null;
}

function parseError(text: string): z.infer<typeof errorSchema> | null {
  try {
    return errorSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function authorisation({ token, username, password }: MlflowCredentials): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (username === undefined) return {};
  const pair = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}
