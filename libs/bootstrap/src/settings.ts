import { type FlowConfig } from '@app/config';
import { HTTP_DEFAULTS, type HttpOptions } from '@app/http';
import { type JsonLimits } from '@app/json';
import { Episode, type FlowMetrics, type Log } from '@app/observability';
import {
  DEFAULT_GROUP_COMMIT_SETTINGS,
  DEFAULT_MONGO_SETTINGS,
  DEFAULT_REJECTED_REQUEST_BUFFER_SETTINGS,
  DEFAULT_WORKFLOW_CACHE_SETTINGS,
  type PersistenceSettings,
} from '@app/persistence';
import { type NatsSettings } from '@app/messaging';
import { SigningKeys } from '@app/signing';
import { getHeapStatistics } from 'node:v8';
import { type Server } from 'node:net';

/**
 * The backlog of the listening socket. Every connection of a burst must get an answer, and one that the kernel
 * refuses gets none. The kernel's own bound (`net.core.somaxconn`) applies too.
 */
const CONNECTIONS_WAITING_MAX = 4_096;

/**
 * The share of the grace that a stop waits for open requests, so that a request which never ends leaves time for the
 * later steps.
 */
const SHARE_FOR_CLOSING = 1 / 3;

export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  readonly backlog: number;
}

/** Where either app listens. */
export function listenOptions({
  PORT,
  HOST,
}: FlowConfig & { readonly PORT: number }): ListenOptions {
  return { port: PORT, host: HOST, backlog: CONNECTIONS_WAITING_MAX };
}

/** The bounds of every JSON that comes from outside: events, answers to tasks, bodies of the API. */
export function jsonLimits({ JSON_NESTING_MAX, JSON_MEMBERS_MAX }: FlowConfig): JsonLimits {
  return { nestingMax: JSON_NESTING_MAX, membersMax: JSON_MEMBERS_MAX };
}

/** The settings of either app's HTTP server; `perSecond` is the rate limit, 0 for none. */
export function httpOptions(
  config: FlowConfig,
  bodies: HttpOptions['bodies'],
  perSecond = 0,
): HttpOptions {
  return {
    ...HTTP_DEFAULTS,
    bodies,
    bodyBytesMax: config.BODY_BYTES_MAX,
    json: jsonLimits(config),
    headerBytesMax: config.HEADER_BYTES_MAX,
    // Node refuses to start with headers that may take longer than the whole request.
    headersTimeoutMs: Math.min(config.HEADERS_MS_MAX, config.REQUEST_MS_MAX),
    requestTimeoutMs: config.REQUEST_MS_MAX,
    closeMsMax: Math.min(config.REQUEST_MS_MAX, config.SHUTDOWN_MS_MAX * SHARE_FOR_CLOSING),
    inFlightMax: config.REQUESTS_IN_FLIGHT_MAX,
    connectionsMax: config.CONNECTIONS_MAX,
    loopDelayMsMax: config.EVENT_LOOP_DELAY_MS_MAX,
    ratePerSecond: perSecond,
    rateBurst: Math.max(1, perSecond),
    trustedProxies: config.TRUSTED_PROXIES,
  };
}

const MEBIBYTE = 1024 ** 2;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function persistenceSettings(
  config: FlowConfig,
  metrics: FlowMetrics,
  log: Log,
): PersistenceSettings {
  return {
    mongo: {
      ...DEFAULT_MONGO_SETTINGS,
      url: config.MONGODB_URL,
      connectionsMax: config.MONGODB_CONNECTIONS_MAX,
      operationMsMax: config.MONGODB_OPERATION_MS_MAX,
    },
    activities: {
      groupCommit: {
        ...DEFAULT_GROUP_COMMIT_SETTINGS,
        batchItemsMax: config.BATCH_ITEMS_MAX,
        lingerMs: config.BATCH_LINGER_MS,
        queueItemsMax: config.BATCH_QUEUE_ITEMS_MAX,
      },
      observe: ({ operation, items, writeMs }) => {
        metrics.batchWritten(operation === 'record' ? 'record' : 'commit', items, writeMs / 1000);
      },
    },
    quotas: quotaSettings(config, metrics, log),
    rejectedRequests: DEFAULT_REJECTED_REQUEST_BUFFER_SETTINGS,
    eventMatching: {
      keptMax: config.EARLY_EVENTS_MAX,
      keptBytesMax: config.EARLY_EVENTS_MEBIBYTES_MAX * MEBIBYTE,
      keptMs: config.EARLY_EVENTS_HOURS * HOUR_MS,
      repeatsMs: config.MATCHED_EVENTS_MINUTES * MINUTE_MS,
      matchesMax: config.EVENT_MATCHES_MAX,
    },
    workflowChangesMs: config.WORKFLOW_CHANGES_MS,
    workflowCache: {
      ...DEFAULT_WORKFLOW_CACHE_SETTINGS,
      freshMs: config.WORKFLOW_FRESH_MS,
      staleMsMax: config.WORKFLOW_STALE_MS_MAX,
      entriesMax: config.WORKFLOWS_CACHED_MAX,
    },
  };
}

function quotaSettings(
  config: FlowConfig,
  metrics: FlowMetrics,
  log: Log,
): PersistenceSettings['quotas'] {
  const uncounted = new Episode(log, {
    began: "The runs of a month can't be counted: no run of it is refused until they can",
    ended: 'There were months whose runs could not be counted',
  });
  return {
    runsPerMonth: config.RUNS_PER_MONTH_MAX,
    refused: () => {
      metrics.overQuota();
    },
    uncounted: (workflowId, err) => {
      metrics.quotaUncounted();
      uncounted.occurred(() => ({ workflowId, err }));
    },
  };
}

/** How either app reaches NATS; `name` is what the server's monitoring shows. */
export function natsSettings(config: FlowConfig, name: string): NatsSettings {
  return {
    urls: config.NATS_URL,
    name,
    credsFile: config.NATS_CREDS_FILE,
    caFile: config.NATS_CA_FILE,
    certFile: config.NATS_CERTIFICATE_FILE,
    keyFile: config.NATS_KEY_FILE,
  };
}

/** Both apps sign with these keys, and each verifies what the other has signed. */
export function signingKeys(config: FlowConfig): SigningKeys {
  return new SigningKeys(config.INTERNAL_SECRET, config.INTERNAL_SECRET_PREVIOUS);
}

/**
 * The memory that this process may use for values, in bytes: V8's heap limit, which comes from the machine or the
 * container (half of the memory, up to some GiB) or from `--max-old-space-size`; or the container's limit, if that is
 * lower.
 */
export function memoryBytesMax(): number {
  const container = process.constrainedMemory();
  const heap = getHeapStatistics().heap_size_limit;
  // 0, or more than the machine has, means that there is no limit.
  return container > 0 ? Math.min(heap, container) : heap;
}

/**
 * The address that a server listens on, such as `http://0.0.0.0:7720`: unlike a URL for clients, it shows that the
 * server listens on every interface.
 */
export function listeningUrl(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return address ?? 'nowhere';
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
