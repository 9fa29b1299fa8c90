import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RestartableServer } from '../../tools/servers/restartable-server.mjs';
import { startTogether } from './start-together.js';
import { appUrl, startApp } from '../../tools/start/app-process.mjs';
import {
  executorSettings,
  listenerSettings,
  type SystemSettings,
} from '../../tools/start/app-settings.mjs';
import {
  type Backends,
  clusterBackends,
  type NatsMember,
  ownBackends,
  sharedBackends,
} from './backends.js';
import { type TlsFiles } from '../../tools/servers/tls-files.mjs';
import { type Answer, ask, type Asking } from './answer.js';
import { FlowApi } from './flow-api.js';

export interface FlowSystemOptions {
  /** Default `nats`. */
  readonly driver?: 'nats' | 'http';
  /** The number of executors; default 1. The listener and callers of the API use the first. */
  readonly executors?: 1 | 2;
  /** The number of listeners; default 1. The second one uses the last executor. */
  readonly listeners?: 1 | 2;
  /**
   * `own` may be stopped and broken; `shared` starts sooner; `cluster` is three of each, of its own.
   * Default `own`.
   */
  readonly servers?: 'own' | 'shared' | 'cluster';
  /** Own servers take encrypted connections alone, and the apps show them this certificate. */
  readonly tls?: TlsFiles;
  /** More members of the configuration of an own nats-server, such as users. */
  readonly natsConfig?: object;
  /** More environment variables of the listener, and of each executor. */
  readonly listenerEnv?: Readonly<Record<string, string>>;
  readonly executorEnv?: Readonly<Record<string, string>>;
  /** Of the second executor alone. */
  readonly secondExecutorEnv?: Readonly<Record<string, string>>;
  /** More environment variables of every app; read at each start and restart. */
  readonly envOfEach?: () => Readonly<Record<string, string>>;
  /** What is done with MongoDB, given with the database, before the apps start. */
  readonly prepare?: (mongodbUrl: string) => Promise<void>;
}

type Variables = Readonly<Record<string, string>>;

interface Parts {
  readonly listeners: readonly [RestartableServer, ...RestartableServer[]];
  readonly executors: readonly [RestartableServer, ...RestartableServer[]];
  readonly settings: SystemSettings;
  readonly backends: Backends;
}

/**
 * Both apps as real processes, on real servers. Each part can be killed, paused, stopped and
 * started again where it was: `await system.executors[0].kill()`, then `.restart()`.
 */
export class FlowSystem {
  private constructor(
    private readonly parts: Parts,
    /** In the order they were started. */
    private readonly started: readonly RestartableServer[],
    private readonly folder: string,
  ) {}

  /** Resolves when everything is ready; if something fails, nothing is left running. */
  static async start(options: FlowSystemOptions = {}): Promise<FlowSystem> {
    const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-system-'));
    const started: RestartableServer[] = [];
    try {
      return new FlowSystem(await startParts(options, folder, started), started, folder);
    } catch (error) {
      await stopAll(started, folder);
      throw error;
    }
  }

  /** The first one. */
  get listener(): RestartableServer {
    return this.parts.listeners[0];
  }

  get listeners(): Parts['listeners'] {
    return this.parts.listeners;
  }

  get executors(): Parts['executors'] {
    return this.parts.executors;
  }

  get listenerUrl(): string {
    return appUrl(this.listener.port);
  }

  /** Of the first executor. */
  get executorUrl(): string {
    return appUrl(this.executors[0].port);
  }

  get api(): FlowApi {
    return new FlowApi(this.executorUrl, this.adminToken);
  }

  /** Calls the API of the first executor as its administrator; returns any answer. */
  asAdmin(path: string, asking: Asking = {}): Promise<Answer> {
    return ask(new URL(path, this.executorUrl).href, { token: this.adminToken, ...asking });
  }

  get adminToken(): string {
    return this.parts.settings.adminToken;
  }

  /** What listener and executors share. */
  get internalSecret(): string {
    return this.parts.settings.internalSecret;
  }

  /** With the database. */
  get mongodbUrl(): string {
    return this.parts.backends.mongodbUrl;
  }

  /** Before each stream's and subject's name. */
  get namespace(): string {
    return this.parts.backends.namespace;
  }

  /** All lines that the listener and the executors have written. */
  async logs(): Promise<string> {
    const files = [...this.listeners, ...this.executors].map(({ process }) => process.logFile);
    return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
  }

  /** @throws Error if it shares the run's mongod, which must not be stopped */
  get mongod(): RestartableServer {
    return ownServer(this.mongods[0], 'mongod');
  }

  /** @throws Error if it shares the run's nats-server, or has none */
  get nats(): RestartableServer {
    return ownServer(this.natsServers[0]?.server, 'nats-server');
  }

  /** All members; none of those that it shares. */
  get mongods(): readonly RestartableServer[] {
    return this.parts.backends.mongods;
  }

  get natsServers(): readonly NatsMember[] {
    return this.parts.backends.natsServers;
  }

  /** Undefined if the system runs without NATS. */
  get natsUrl(): string | undefined {
    return this.parts.backends.natsUrl;
  }

  async stop(): Promise<void> {
    await stopAll(this.started, this.folder);
  }
}

async function startParts(
  options: FlowSystemOptions,
  folder: string,
  started: RestartableServer[],
): Promise<Parts> {
  const { driver = 'nats', servers = 'own', envOfEach = () => ({}) } = options;
  const backends = await backendsOf(servers, driver, folder, started, options);
  await options.prepare?.(backends.mongodbUrl);
  const settings: SystemSettings = {
    mongodbUrl: backends.mongodbUrl,
    natsUrl: backends.natsUrl,
    driver,
    internalSecret: secret(),
    adminToken: secret(),
  };
  const namespace = {
    EVENTING_NAMESPACE: backends.namespace,
    NATS_STREAM_REPLICAS: servers === 'cluster' ? '3' : '1',
  };
  // `http` tasks of tests call servers of the same machine.
  const local = { HTTP_TASK_ALLOWED_NETWORKS: '127.0.0.0/8' };
  // Other tests run at the same time: an event loop that is late, or a store that is, is no overload here.
  const patient = {
    EVENT_LOOP_DELAY_MS_MAX: '60000',
    ...(servers === 'shared' && { MONGODB_OPERATION_MS_MAX: '20000' }),
  };
  const executorEnv = { ...namespace, ...local, ...patient, ...options.executorEnv };
  const executorOf = (name: string, more?: Variables): Promise<RestartableServer> => {
    const env = (): Variables => ({ ...executorEnv, ...more, ...envOfEach() });
    return startExecutor(name, settings, env, folder);
  };
  const executors = await startTogether(
    [
      () => executorOf('executor-1'),
      ...(options.executors === 2
        ? [() => executorOf('executor-2', options.secondExecutorEnv)]
        : []),
    ],
    started,
  );
  const [first] = executors;
  const listenerEnv = { ...namespace, ...patient, ...options.listenerEnv };
  const listenerOf = (name: string, executor: RestartableServer): Promise<RestartableServer> => {
    const env = (): Variables => ({ ...listenerEnv, ...envOfEach() });
    return startListener(name, executor, settings, env, folder);
  };
  const listeners = await startTogether(
    [
      () => listenerOf('listener', first),
      ...(options.listeners === 2 ? [() => listenerOf('listener-2', executors[1] ?? first)] : []),
    ],
    started,
  );
  return { listeners, executors, settings, backends };
}

function backendsOf(
  servers: 'own' | 'shared' | 'cluster',
  driver: 'nats' | 'http',
  folder: string,
  started: RestartableServer[],
  { tls, natsConfig }: FlowSystemOptions,
): Promise<Backends> | Backends {
  if (servers === 'own') return ownBackends(driver, folder, started, tls, natsConfig);
  if (servers === 'cluster') return clusterBackends(folder, started);
  return sharedBackends(driver);
}

/** The ingress first, the data last; members of a replica set one by one, so that each can hand over. */
async function stopAll(started: readonly RestartableServer[], folder: string): Promise<void> {
  const named = (name: string): readonly RestartableServer[] =>
    started.filter(({ process }) => process.name === name);
  const apps = [named('listener'), named('workflow-executor')];
  for (const alike of apps) await Promise.all(alike.map((app) => app.stop()));
  const stores = started.filter((server) => !apps.flat().includes(server));
  for (const store of stores.toReversed()) await store.stop();
  await rm(folder, { recursive: true, force: true });
}

function startExecutor(
  name: string,
  settings: SystemSettings,
  env: () => Variables,
  folder: string,
): Promise<RestartableServer> {
  return startApp({
    app: 'workflow-executor',
    logFile: path.join(folder, `${name}.log`),
    settings: (url) => ({ ...executorSettings(settings, url), ...env() }),
  });
}

function startListener(
  name: string,
  executor: RestartableServer,
  settings: SystemSettings,
  env: () => Variables,
  folder: string,
): Promise<RestartableServer> {
  return startApp({
    app: 'listener',
    logFile: path.join(folder, `${name}.log`),
    settings: () => ({ ...listenerSettings(settings, appUrl(executor.port)), ...env() }),
  });
}

function ownServer(server: RestartableServer | undefined, name: string): RestartableServer {
  if (server === undefined) throw new Error(`This system has no ${name} of its own`);
  return server;
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
