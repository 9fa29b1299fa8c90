import { createHash, randomUUID } from 'node:crypto';
import { comparableName } from '@app/errors';
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

/** The principal whose vote it is. */
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
 * Puts votes and operators' decisions about tasks on record as signals, and notifies the driver of the activity. A
 * signal that could have no effect is refused.
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
      // The id follows from voter and attempt, so a second vote never gets into the inbox.
      id: `vote:${digestOf(task, String(state.attempt), by)}`,
      kind: 'vote',
      at: this.clock(),
      ...{ task, attempt: state.attempt, by, verdict, ...said },
    } as const;
    if ((await this.#send(id, signal)) === 'duplicate') throw new VoteGivenError(task, by);
  }

  /**
   * @param key the caller's key of the request (`Idempotency-Key`): the same request with it again changes nothing
   * @throws TaskNotFoundError, TaskNotWaitingError, ActivityEndedError
   */
  async force(id: string, task: string, force: Force, key?: string): Promise<void> {
    const request = requestOf('force', key, task, toJsonText({ ...force }));
    await this.#once(id, request, async () => {
      const { status } = await this.#taskOf(id, task);
      if (status !== 'waiting' && status !== 'running') {
        throw new TaskNotWaitingError(task, status, 'has begun and is not over');
      }
      await this.#send(id, { ...named(request), kind: 'force', at: this.clock(), task, ...force });
    });
  }

  /** @throws ActivityNotPausedError, ActivityEndedError */
  async resume(id: string, said: Said, key?: string): Promise<void> {
    const request = requestOf('resume', key, said.by, said.reason);
    await this.#once(id, request, async () => {
      const found = await this.activities.get(id);
      if (!found) throw new ActivityNotFoundError(id);
      if (isFinal(found.status)) throw new ActivityEndedError(id);
      if (!isBetweenAttempts(found)) throw new ActivityNotPausedError(id);
      await this.#send(id, { ...named(request), kind: 'resume', at: this.clock(), ...said });
    });
  }

  /** The run may take the same request while this one is on its way, so a refusal looks for it again. */
  async #once(id: string, request: string | undefined, send: () => Promise<void>): Promise<void> {
    if (await this.#isTaken(id, request)) return;
    try {
      await send();
    } catch (error) {
      if (!(await this.#isTaken(id, request))) throw error;
    }
  }

  /** Whether the same request came before. Its effect may have changed the status, so the status is not checked. */
  async #isTaken(id: string, request: string | undefined): Promise<boolean> {
    if (request === undefined) return false;
    const { taken = [], operations = [] } = (await this.activities.get(id))?.state ?? {};
    // The record drops the ids of taken signals at the end of the run, which the request may have caused.
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
 * Describes who may vote if the voter may not; undefined if the voter may vote. The task's list of members decides
 * if it has one, else its group, else the permission to vote on the workflow.
 */
function othersAsked(
  voter: Voter,
  members: readonly string[] | undefined,
  group: string | undefined,
): string | undefined {
  if (members !== undefined) {
    return members.map(comparableName).includes(comparableName(voter.label))
      ? undefined
      : `its members, ${members.join(', ')}`;
  }
  return group === undefined || isInGroup(voter, group) ? undefined : `the group "${group}"`;
}

/** Reads the tasks, because the waits of an activity are listed only up to a bound. */
function isBetweenAttempts({ state }: Activity): boolean {
  if (state?.again?.until !== undefined) return true;
  return Object.values(state?.tasks ?? {}).some(
    (task) => task.status === 'waiting' && (task.on.kind === 'paused' || task.on.kind === 'retry'),
  );
}

/** The same key with another content, or of another principal, is another request. */
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
