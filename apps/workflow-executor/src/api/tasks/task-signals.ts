import { createHash, randomUUID } from 'node:crypto';
import { toJsonText } from '@app/json';
import { isInGroup, type Principal } from '@app/auth';
import {
  type Activity,
  ActivityEndedError,
  ActivityNotFoundError,
  type ActivityStore,
} from '@app/persistence';
import { type ForceSignal, isFinal, type Signal, votesIn } from '@app/workflow-engine';
import { type SignalDelivery } from '../../runs/signals/signal-delivery.js';
import {
  ActivityNotPausedError,
  TaskNotFoundError,
  TaskNotWaitingError,
  VoteGivenError,
  VoterNotAskedError,
} from './errors.js';

/** Whose vote it is. */
export type Voter = Pick<Principal, 'label' | 'groups'>;

export interface Vote {
  readonly voter: Voter;
  readonly verdict: 'approved' | 'rejected';
  readonly comment?: string | undefined;
}

export type Force = Pick<ForceSignal, 'outcome' | 'results' | 'reason' | 'by'>;

interface Said {
  readonly by: string;
  readonly reason: string;
}

type TaskStates = NonNullable<Activity['state']>['tasks'];

/**
 * What people tell the tasks of an activity. What could not count any more is refused at once; the
 * rest is put on record, and its driver is told.
 */
export class TaskSignals {
  constructor(
    private readonly activities: ActivityStore,
    private readonly delivery: SignalDelivery,
    private readonly clock: () => number,
  ) {}

  /** @throws TaskNotFoundError, TaskNotWaitingError, VoterNotAskedError, VoteGivenError, ActivityEndedError */
  async vote(id: string, task: string, { voter, verdict, comment }: Vote): Promise<void> {
    const { label: by } = voter;
    const state = await this.#taskOf(id, task);
    if (state.status !== 'waiting' || state.on.kind !== 'approval') {
      throw new TaskNotWaitingError(task, state.status, 'asks for approval');
    }
    const { votes, members } = votesIn(state.memory ?? {});
    const others = othersAsked(voter, members, state.on.group);
    if (others !== undefined) throw new VoterNotAskedError(task, by, others);
    if (votes.some((vote) => vote.by === by)) throw new VoteGivenError(task, by);
    const said = comment !== undefined && { comment };
    const signal = {
      // One for each voter and attempt: a second one never gets into the inbox.
      id: `vote:${digestOf(task, String(state.attempt), by)}`,
      kind: 'vote',
      at: this.clock(),
      ...{ task, attempt: state.attempt, by, verdict, ...said },
    } as const;
    if ((await this.#send(id, signal)) === 'duplicate') throw new VoteGivenError(task, by);
  }

  /**
   * @param key what its caller calls the request (`Idempotency-Key`): with it the same request again changes nothing
   * @throws TaskNotFoundError, TaskNotWaitingError, ActivityEndedError
   */
  async force(id: string, task: string, force: Force, key?: string): Promise<void> {
    const request = requestOf('force', key, task, toJsonText({ ...force }));
    if (await this.#isTaken(id, request)) return;
    const { status } = await this.#taskOf(id, task);
    if (status !== 'waiting' && status !== 'running') {
      throw new TaskNotWaitingError(task, status, 'has begun and is not over');
    }
    await this.#send(id, { ...named(request), kind: 'force', at: this.clock(), task, ...force });
  }

  /** @throws ActivityNotPausedError, ActivityEndedError */
  async resume(id: string, said: Said, key?: string): Promise<void> {
    const request = requestOf('resume', key, said.by, said.reason);
    if (await this.#isTaken(id, request)) return;
    const found = await this.activities.get(id);
    if (!found) throw new ActivityNotFoundError(id);
    if (isFinal(found.status)) throw new ActivityEndedError(id);
    if (!isBetweenAttempts(found)) throw new ActivityNotPausedError(id);
    await this.#send(id, { ...named(request), kind: 'resume', at: this.clock(), ...said });
  }

  /** Whether the same request has come before, and had its effect: then it may be true no more what it needs. */
  async #isTaken(id: string, request: string | undefined): Promise<boolean> {
    if (request === undefined) return false;
    const { taken = [], operations = [] } = (await this.activities.get(id))?.state ?? {};
    // What was taken is forgotten with the end of the run, to which it may have led.
    return taken.includes(request) || operations.some((one) => one.request === request);
  }

  async #taskOf(id: string, task: string): Promise<TaskStates[string]> {
    const found = await this.activities.get(id);
    if (!found) throw new ActivityNotFoundError(id);
    if (isFinal(found.status)) throw new ActivityEndedError(id);
    const tasks = found.state?.tasks ?? {};
    const state = Object.hasOwn(tasks, task) ? tasks[task] : undefined;
    if (!state) throw new TaskNotFoundError(id, task);
    return state;
  }

  async #send(id: string, signal: Signal): Promise<'appended' | 'duplicate' | 'not-waiting'> {
    const outcome = await this.activities.signal(id, signal);
    if (outcome === 'not-found') throw new ActivityNotFoundError(id);
    if (outcome === 'final') throw new ActivityEndedError(id);
    this.delivery.deliver(id);
    return outcome;
  }
}

/**
 * Who is asked instead of the voter; undefined if that is the voter. The list of members decides where
 * there is one, else the group, else whoever may vote on the workflow.
 */
function othersAsked(
  voter: Voter,
  members: readonly string[] | undefined,
  group: string | undefined,
): string | undefined {
  if (members !== undefined) {
    return members.includes(voter.label) ? undefined : `its members, ${members.join(', ')}`;
  }
  return group === undefined || isInGroup(voter, group) ? undefined : `the group "${group}"`;
}

/** By its tasks: what it waits for is told up to a bound. */
function isBetweenAttempts({ state }: Activity): boolean {
  if (state?.again?.until !== undefined) return true;
  return Object.values(state?.tasks ?? {}).some(
    (task) => task.status === 'waiting' && (task.on.kind === 'paused' || task.on.kind === 'retry'),
  );
}

/** With the same key for something else, or by somebody else, it is another request. */
function requestOf(
  kind: string,
  key: string | undefined,
  ...about: readonly string[]
): string | undefined {
  return key === undefined ? undefined : `${kind}:${digestOf(key, ...about)}`;
}

function named(request: string | undefined): { readonly id: string; readonly request?: string } {
  return request === undefined ? { id: randomUUID() } : { id: request, request };
}

function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(toJsonText(parts)).digest('base64url');
}
