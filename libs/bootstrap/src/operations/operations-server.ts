import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type FlowConfig } from '@app/config';
import { type FlowMetrics } from '@app/observability';
import { Registry } from 'prom-client';
import { type HealthRegistry } from '../health/health-registry.js';
import { isReady } from '../health/readiness.js';
import { type AppProcess } from '../run-app.js';
import { type ShutdownStep } from '../shutdown-sequence.js';

export interface OperationsAddress {
  readonly host: string;
  readonly port: number;
}

interface Reading {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

type Read = () => Reading | Promise<Reading>;

const JSON_TYPE = 'application/json; charset=utf-8';

/** Few clients are legitimate here (operators and their tools), so the bounds are small. */
const CONNECTIONS_MAX = 256;
const HEADER_BYTES_MAX = 8 * 1024;
const REQUEST_MS_MAX = 5_000;

/**
 * Serves `GET /metrics`, `/health/live` and `/health/ready` on a port that senders do not reach. It asks for no
 * token, and no limit for senders applies, so it answers while the process is overloaded. Everything is read from
 * memory or from a recent reading: a probe costs almost nothing and can't hang on a store.
 */
export class OperationsServer {
  readonly #server: Server;
  readonly #readings: ReadonlyMap<string, Read>;
  #scraping: Promise<Reading> | undefined;

  constructor(
    health: HealthRegistry,
    private readonly metrics: FlowMetrics,
  ) {
    this.#readings = new Map<string, Read>([
      ['/health/live', () => json(200, { status: 'live' })],
      ['/health/ready', () => readinessOf(health)],
      ['/metrics', () => this.#scrape()],
    ]);
    this.#server = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX,
        headersTimeout: REQUEST_MS_MAX,
        requestTimeout: REQUEST_MS_MAX,
      },
      (request, response) => {
        void this.#answer(request, response);
      },
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** Resolves with its URL; rejects when the port is taken. */
  async listen({ host, port }: OperationsAddress): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen({ host, port }, () => {
        this.#server.off('error', reject);
        // A connection that could not be accepted (too many open files) is no reason to end the process.
        this.#server.on('error', () => undefined);
        resolve();
      });
    });
    const { address, family, port: taken } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const read = this.#readings.get(path);
    if (read === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('There is nothing here\n');
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const { status, contentType, body } = await readOr500(read);
    response
      .writeHead(status, {
        'Content-Type': contentType,
        'Content-Length': Buffer.byteLength(body),
        'Cache-Control': 'no-store',
      })
      .end(body);
  }

  /** Concurrent scrapes share one collection. */
  #scrape(): Promise<Reading> {
    this.#scraping ??= this.metrics.registry
      .metrics()
      .then((body) => ({ status: 200, contentType: Registry.PROMETHEUS_CONTENT_TYPE, body }))
      .finally(() => {
        this.#scraping = undefined;
      });
    return this.#scraping;
  }
}

function readinessOf(health: HealthRegistry): Reading {
  const readiness = health.readiness();
  return json(isReady(readiness) ? 200 : 503, readiness);
}

function json(status: number, body: object): Reading {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}

async function readOr500(read: Read): Promise<Reading> {
  try {
    return await read();
  } catch (error) {
    return { status: 500, contentType: 'text/plain', body: `Not read: ${String(error)}\n` };
  }
}

/**
 * Serves metrics and health on a port of its own.
 * @returns the last step of a stop: until then operators see its progress
 */
export async function serveOperations<
  Config extends FlowConfig & { readonly OPERATIONS_PORT: number },
>({ config, log, health }: AppProcess<Config>, metrics: FlowMetrics): Promise<ShutdownStep> {
  metrics.gauges.dependencies(() => health.readiness().dependencies);
  const server = new OperationsServer(health, metrics);
  const { OPERATIONS_HOST: host, OPERATIONS_PORT: port } = config;
  const url = await server.listen({ host, port });
  log.info({ url }, 'Metrics and health are here');
  return { name: 'close the port for operators', leaves: true, run: () => server.close() };
}
