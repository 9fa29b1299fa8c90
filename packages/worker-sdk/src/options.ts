import { emitWarning } from 'node:process';
import { inspect } from 'node:util';

/** The NATS credentials of a worker. docs/worker-protocol.md#rights lists the permissions that it needs. */
export type Credentials =
  | { readonly user: string; readonly pass: string }
  | { readonly token: string }
  /** The seed of an nkey (`SU...`). */
  | { readonly nkeySeed: string }
  /** The content of a `.creds` file. */
  | { readonly creds: string };

export interface WorkerOptions {
  /** URLs of the NATS servers, such as `nats://localhost:4222`. */
  readonly servers: string | readonly string[];
  readonly credentials?: Credentials;
  /** The most tasks in flight at the same time. The worker requests no more than that. Default: 1. */
  readonly concurrency?: number;
  /** The group of workers of the queue that this worker belongs to. Default: `default`. */
  readonly group?: string;
  /** `EVENTING_NAMESPACE` of the installation. Default: `flow`. */
  readonly namespace?: string;
  /** `WORKER_LEASE_MS` of the installation. The lease of a task is renewed each third of it. Default: 30,000. */
  readonly leaseMs?: number;
  /** How long `stop` waits for the tasks in flight before it gives them back, in milliseconds. Default: 30,000. */
  readonly drainMs?: number;
  /** How long an answer is published again before its task is given back, in milliseconds. Default: 300,000. */
  readonly answerMs?: number;
  /**
   * Called with each error outside of the handlers: NATS that is not reached yet, a refused log-in or permission, an
   * answer that is not stored yet, a task that can't be read. Default: emits a warning of the process.
   */
  readonly onError?: (error: unknown) => void;
}

export type WorkerSettings = Required<Omit<WorkerOptions, 'credentials'>> & {
  readonly queue: string;
};

const DEFAULTS = {
  concurrency: 1,
  group: 'default',
  namespace: 'flow',
  leaseMs: 30_000,
  drainMs: 30_000,
  answerMs: 300_000,
  onError: (error: unknown) => {
    emitWarning(inspect(error), 'FlowWorkerWarning');
  },
} as const;

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The options with their defaults. @throws RangeError if one is missing or out of bounds */
export function settingsOf(queue: string, options: WorkerOptions): WorkerSettings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings = {
    ...DEFAULTS,
    ...Object.fromEntries(given),
    queue,
  } as unknown as WorkerSettings;
  // In plain JavaScript, `servers: process.env.NATS_URL` may be undefined.
  const servers = options.servers as WorkerOptions['servers'] | undefined;
  if ([servers ?? []].flat().every((url) => url === '')) {
    throw new RangeError('servers must name a NATS server, such as "nats://localhost:4222"');
  }
  for (const [what, name] of [
    ['queue', queue],
    ['group', settings.group],
  ] as const) {
    if (!NAME.test(name)) {
      throw new RangeError(
        `The ${what} "${name}" must have 1 to 63 characters: a-z, 0-9, and "-" except at its ends`,
      );
    }
  }
  for (const name of ['concurrency', 'leaseMs', 'answerMs'] as const) {
    if (!Number.isInteger(settings[name]) || settings[name] < 1) {
      throw new RangeError(`${name} must be an integer of at least 1, not ${settings[name]}`);
    }
  }
  return settings;
}

/** The prefix of the inboxes of a group. With permissions for its own prefix only, a group can't read another's messages. */
export function inboxPrefix({ queue, group }: Pick<WorkerSettings, 'queue' | 'group'>): string {
  return `_INBOX_${queue}_${group}`;
}
