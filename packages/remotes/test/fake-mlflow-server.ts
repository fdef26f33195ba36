import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to a request: refused unread, carried out but not answered, or answered with a status, unread. */
export type Fault = 'drop before' | 'drop after' | 'hang' | number;

interface Point {
  key: string;
  value: number | string;
  timestamp: number;
  step: number;
}

interface StoredRun {
  info: {
    run_id: string;
    experiment_id: string;
    run_name: string;
    status: string;
    artifact_uri: string;
    end_time?: number;
    start_time: number;
  };
  params: Map<string, string>;
  tags: Map<string, string>;
  metrics: Point[];
  datasets: { dataset: { name: string; digest: string; source: string } }[];
}

/** All that any request may hold. */
interface RequestBody {
  name?: string;
  filter?: string;
  experiment_ids?: string[];
  experiment_id?: string;
  run_name?: string;
  start_time?: number;
  run_id?: string;
  params?: Pair[];
  tags?: Pair[];
  metrics?: Point[];
  datasets?: StoredRun['datasets'];
}

interface Pair {
  key: string;
  value: string;
}

/** An MLflow server in memory that stores every point it is sent, twice if it is sent twice, and fails where a test says. */
export class FakeMlflowServer {
  readonly runs = new Map<string, StoredRun>();
  readonly experiments = new Map<string, string>();
  readonly artifacts = new Map<string, Buffer>();
  /** Paths that were asked for, in order. */
  readonly requests: string[] = [];
  readonly authorisations = new Set<string>();
  /** Of the requests to log-batch. */
  readonly bodySizes: number[] = [];
  artifactRoot = 'mlflow-artifacts:/';
  /** Asked for every request; `count` counts those of the same path from 1. */
  fault: (path: string, count: number) => Fault | null = () => null;
  readonly #server: Server;
  readonly #counts = new Map<string, number>();

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Listens, on the port that it had before if there is one. */
  async start(port = 0): Promise<URL> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return this.address;
  }

  get address(): URL {
    const { port } = this.#server.address() as AddressInfo;
    return new URL(`http://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** The only run. */
  get run(): StoredRun {
    const [run, ...more] = this.runs.values();
    if (run === undefined || more.length > 0) throw new Error(`there are ${this.runs.size} runs`);
    return run;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const path = url.pathname.replace(/^\/api\/2\.0\//, '');
    this.requests.push(path);
    this.authorisations.add(request.headers.authorization ?? '');
    const count = (this.#counts.get(path) ?? 0) + 1;
    this.#counts.set(path, count);
    const fault = this.fault(path, count);
    const body = await bodyOf(request);
    if (path === 'mlflow/runs/log-batch') this.bodySizes.push(body.byteLength);
    if (fault === 'hang') return;
    if (fault === 'drop before') return void request.socket.destroy();
    if (typeof fault === 'number')
      return void response.writeHead(fault).end('{"error_code":"BUSY"}');
    const { status = 200, json } = this.#handle(path, url, body);
    if (fault === 'drop after') return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  }

  #handle(path: string, url: URL, body: Buffer): { status?: number; json: unknown } {
    if (path.startsWith('mlflow-artifacts/artifacts/')) {
      this.artifacts.set(
        decodeURIComponent(path.slice('mlflow-artifacts/artifacts/'.length)),
        body,
      );
      return { json: {} };
    }
    const data = JSON.parse(body.byteLength === 0 ? '{}' : body.toString()) as RequestBody;
    switch (path) {
      case 'mlflow/experiments/get-by-name':
        return this.#experiment(url.searchParams.get('experiment_name') ?? '');
      case 'mlflow/experiments/create':
        return this.#createExperiment(data.name ?? '');
      case 'mlflow/runs/create':
        return this.#createRun(data);
      case 'mlflow/runs/search':
        return this.#search(data.filter ?? '', data.experiment_ids ?? []);
      case 'mlflow/runs/log-batch':
        return this.#logBatch(data);
      case 'mlflow/runs/log-inputs':
        this.#runOf(data).datasets.push(...(data.datasets ?? []));
        return { json: {} };
      case 'mlflow/runs/update':
        Object.assign(this.#runOf(data).info, data);
        return { json: {} };
      case 'mlflow/metrics/get-history':
        return this.#history(url.searchParams);
      default:
        return { status: 404, json: { error_code: 'ENDPOINT_NOT_FOUND', message: path } };
    }
  }

  #experiment(name: string) {
    const id = name === 'Default' ? '0' : this.experiments.get(name);
    if (id === undefined) {
      return { status: 404, json: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: name } };
    }
    return { json: { experiment: { experiment_id: id } } };
  }

  #createExperiment(name: string) {
    if (this.experiments.has(name)) {
      return { status: 400, json: { error_code: 'RESOURCE_ALREADY_EXISTS', message: name } };
    }
    this.experiments.set(name, String(this.experiments.size + 1));
    return { json: { experiment_id: this.experiments.get(name) } };
  }

  #createRun(data: RequestBody) {
    const run_id = `r${this.runs.size + 1}`;
    const tags = new Map<string, string>((data.tags ?? []).map(({ key, value }) => [key, value]));
    const artifact_uri = `${this.artifactRoot}1/${run_id}/artifacts`;
    const run: StoredRun = {
      info: {
        run_id,
        experiment_id: data.experiment_id ?? '',
        run_name: data.run_name ?? '',
        status: 'RUNNING',
        artifact_uri,
        start_time: data.start_time ?? 0,
      },
      params: new Map(),
      tags,
      metrics: [],
      datasets: [],
    };
    this.runs.set(run_id, run);
    return { json: { run: describe(run) } };
  }

  #search(filter: string, experimentIds: readonly string[]) {
    const [, key = '', value = ''] = /^tags\.`([^`]+)` = '([^']+)'$/.exec(filter) ?? [];
    const runs = [...this.runs.values()].filter((run) => {
      return run.tags.get(key) === value && experimentIds.includes(run.info.experiment_id);
    });
    return { json: runs.length === 0 ? {} : { runs: runs.map(describe) } };
  }

  #logBatch(data: RequestBody) {
    const run = this.#runOf(data);
    const params: Pair[] = data.params ?? [];
    const tags: Pair[] = data.tags ?? [];
    const metrics: Point[] = data.metrics ?? [];
    const isTooLarge = params.length > 100 || tags.length > 100 || metrics.length > 1000;
    const isLong = params.some(({ value }) => value.length > 6000);
    const isOdd = [...params, ...tags, ...metrics].some(
      ({ key }) => !/^[/\w.\- ]{1,250}$/.test(key),
    );
    if (isTooLarge || isLong || isOdd) {
      return {
        status: 400,
        json: { error_code: 'INVALID_PARAMETER_VALUE', message: 'a limit is passed' },
      };
    }
    for (const { key, value } of params) {
      if ((run.params.get(key) ?? value) !== value) {
        return {
          status: 400,
          json: { error_code: 'INVALID_PARAMETER_VALUE', message: `${key} is written` },
        };
      }
      run.params.set(key, value);
    }
    for (const { key, value } of tags) run.tags.set(key, value);
    run.metrics.push(...metrics);
    return { json: {} };
  }

  #history(query: URLSearchParams) {
    const run = this.runs.get(query.get('run_id') ?? '');
    const all = run?.metrics.filter(({ key }) => key === query.get('metric_key')) ?? [];
    const from = Number(query.get('page_token') ?? 0);
    const metrics = all.slice(from, from + 700);
    const next = from + 700 < all.length ? { next_page_token: String(from + 700) } : {};
    return { json: { metrics, ...next } };
  }

  #runOf(data: RequestBody): StoredRun {
    const run = this.runs.get(data.run_id ?? '');
    if (run === undefined) throw new Error('no such run');
    return run;
  }
}

function describe(run: StoredRun): unknown {
  const pairs = (map: Map<string, string>) => [...map].map(([key, value]) => ({ key, value }));
  return {
    info: run.info,
    data: { params: pairs(run.params), tags: pairs(run.tags) },
    inputs: { dataset_inputs: run.datasets },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
