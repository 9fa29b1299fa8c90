import { emitWarning } from 'node:process';
import { inspect } from 'node:util';

/** How a worker shows who it is: with as few rights as docs/worker-protocol.md says. */
export type Credentials =
  | { readonly user: string; readonly pass: string }
  | { readonly token: string }
  /** The seed of an nkey (`SU...`). */
  | { readonly nkeySeed: string }
  /** What is in a `.creds` file. */
  | { readonly creds: string };

export interface WorkerOptions {
  /** Of NATS, such as `nats://localhost:4222`. */
  readonly servers: string | readonly string[];
  readonly credentials?: Credentials;
  /** Tasks at the same time, and so those that it asks for; 1 unless it is given. */
  readonly concurrency?: number;
  /** Which workers of the queue these are; `default` unless it is given. */
  readonly group?: string;
  /** `EVENTING_NAMESPACE` of the installation; `flow` unless it is given. */
  readonly namespace?: string;
  /** `WORKER_LEASE_MS` of the installation; 30,000 unless it is given. A third of it is between two signs of life. */
  readonly leaseMs?: number;
  /** How long `stop` waits for what is in flight before it gives it back, in milliseconds; 30,000 unless it is given. */
  readonly drainMs?: number;
  /** How long an answer that is not stored is sent again before the task is given back, in milliseconds; 300,000 unless it is given. */
  readonly answerMs?: number;
  /**
   * Told of what went wrong besides the handlers: a log-in or a right that is refused, an answer that is not taken
   * yet, a task that can't be read. They are warnings of the process unless it is given.
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

/** @throws RangeError for what can never work */
export function settingsOf(queue: string, options: WorkerOptions): WorkerSettings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings = {
    ...DEFAULTS,
    ...Object.fromEntries(given),
    queue,
  } as unknown as WorkerSettings;
  for (const [what, name] of [
    ['queue', queue],
    ['group', settings.group],
  ] as const) {
    if (!NAME.test(name)) {
      throw new RangeError(
        `The ${what} "${name}" must have 1 to 63 characters, of a-z, 0-9 and "-" between them`,
      );
    }
  }
  for (const name of ['concurrency', 'leaseMs', 'answerMs'] as const) {
    if (!Number.isInteger(settings[name]) || settings[name] < 1) {
      throw new RangeError(`${name} must be an integer from 1, not ${settings[name]}`);
    }
  }
  return settings;
}

/** A name of its own for each group: none can read what is for another, given the rights for this alone. */
export function inboxPrefix({ queue, group }: Pick<WorkerSettings, 'queue' | 'group'>): string {
  return `_INBOX_${queue}_${group}`;
}
