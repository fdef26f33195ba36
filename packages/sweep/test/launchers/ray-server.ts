import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RayJob, RayJobRequest } from '../../src/launchers/ray/ray-client';

/** How Ray answers, in tests: a server that keeps jobs but runs none. */
export class RayServer {
  readonly jobs = new Map<string, RayJob>();
  readonly submitted: RayJobRequest[] = [];
  readonly stopped: string[] = [];
  readonly requests: IncomingMessage[] = [];
  /** Answers before the ordinary ones; `drop` does what is asked but says nothing of it. */
  readonly faults: (number | 'pass' | 'drop' | 'hang' | 'text')[] = [];
  /** What becomes of a job that is submitted. */
  onSubmit: (request: RayJobRequest) => Partial<RayJob> = () => ({});
  #server: Server | undefined;

  async start(): Promise<string> {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve) ?? resolve(undefined));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(request);
    const fault = this.faults.shift();
    if (fault === 'hang') return;
    let body = '';
    for await (const piece of request) body += String(piece);
    if (typeof fault === 'number') response.writeHead(fault).end(`fault ${fault}`);
    else if (fault === 'text') response.end('<html>');
    else {
      const [status, answer] = this.#answer(request, body);
      if (fault === 'drop') request.socket.destroy();
      else response.writeHead(status).end(JSON.stringify(answer));
    }
  }

  #answer({ method, url = '' }: IncomingMessage, body: string): [number, unknown] {
    if (method === 'GET' && url === '/api/jobs/') return [200, [...this.jobs.values()]];
    if (method === 'POST' && url === '/api/jobs/')
      return this.#submit(JSON.parse(body) as RayJobRequest);
    const [, id = '', stop] = /^\/api\/jobs\/([^/]+)(\/stop)?$/.exec(url) ?? [];
    const job = this.jobs.get(id);
    if (job === undefined) return [404, `Job ${id} does not exist`];
    if (stop === undefined) return [200, job];
    this.stopped.push(id);
    if (job.status === 'RUNNING') this.jobs.set(id, { ...job, status: 'STOPPED' });
    return [200, { stopped: true }];
  }

  #submit(request: RayJobRequest): [number, unknown] {
    const id = request.submission_id;
    if (this.jobs.has(id)) return [500, `Job with submission_id ${id} already exists.`];
    this.submitted.push(request);
    this.jobs.set(id, { submission_id: id, status: 'RUNNING', ...this.onSubmit(request) });
    return [200, { submission_id: id, job_id: id }];
  }
}
