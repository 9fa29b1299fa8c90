import { type Activity, type ActivityCommit } from '@app/persistence';
import { type EventSignal, isFinal, type Signal, type TaskState } from '@app/workflow-engine';
import { type Trace } from './trace.js';
import { type Watcher } from './simulation.js';

type VoteSignal = Extract<Signal, { kind: 'vote' }>;

/** A task that waits for events of a topic: with this key, if it has one, and of this size, if it has a filter. */
export interface EventWait {
  readonly task: string;
  readonly topic: string;
  readonly key?: string;
  readonly size?: string;
}

/** A task that people decide: so many have to approve, of those that may, within this time. */
export interface Ballot {
  readonly task: string;
  readonly approvers: number;
  readonly members?: readonly string[];
  readonly dueMs: number;
}

/** What a run was sent that no task has taken, and what its people have said. */
interface Told {
  early: readonly EventSignal[];
  readonly votes: VoteSignal[];
}

type Tasks = Readonly<Record<string, TaskState>>;

/**
 * Says what breaks a promise about waits for events and people, by rules of its own:
 *
 * - an event goes to all tasks that wait for it when the run takes it; if none does, to the first that will, and never to
 *   a later one; of several a task takes the one that came first;
 * - who got an event has its payload, and whoever waits on has got none; so no wait times out beside an event for it;
 * - no wait ends before its time by the clock, nor a ballot otherwise than by the votes that the run has taken.
 */
export class WaitsVerdict implements Watcher {
  readonly #told = new Map<string, Told>();

  constructor(
    private readonly trace: Trace,
    private readonly waits: readonly EventWait[],
    private readonly ballots: readonly Ballot[],
  ) {}

  readonly onSignal = (): void => undefined;

  readonly onCommit = (before: Activity, { id, state, signals = [] }: ActivityCommit): void => {
    const taken = before.inbox.filter((signal) => signals.includes(signal.id));
    if (isFinal(before.status) || taken.some(({ kind }) => kind === 'cancel')) return;
    const told = this.#told.get(id) ?? { early: [], votes: [] };
    this.#told.set(id, told);
    const tasks = before.state?.tasks ?? {};
    this.#judgeEvents(id.slice(0, 6), told, taken, tasks, state.tasks);
    told.votes.push(...taken.filter(isVote));
    for (const ballot of this.ballots)
      this.#judgeBallot(id.slice(0, 6), ballot, told.votes, tasks[ballot.task], state.tasks);
  };

  #judgeEvents(id: string, told: Told, taken: readonly Signal[], were: Tasks, are: Tasks): void {
    const got = new Map<string, EventSignal>();
    for (const event of taken.filter(isEvent)) {
      const takers = this.waits.filter(
        (wait) => isWaiting(were[wait.task]) && !got.has(wait.task) && isFor(event, wait),
      );
      for (const { task } of takers) got.set(task, event);
      if (takers.length === 0) told.early = [...told.early, event];
    }
    for (const wait of this.waits) {
      const was = were[wait.task];
      const is = are[wait.task];
      if (is === undefined) continue;
      if (!isWaiting(was) && hasBegun(was, is)) {
        const first = told.early.find((event) => isFor(event, wait));
        told.early = told.early.filter((event) => event !== first);
        if (first) got.set(wait.task, first);
      } else if (!isWaiting(was)) continue;
      this.#judgeWait(`${id}:${wait.task}`, got.get(wait.task), was, is);
    }
  }

  #judgeWait(
    name: string,
    got: EventSignal | undefined,
    was: TaskState | undefined,
    is: TaskState,
  ): void {
    const payload = is.status === 'succeeded' ? is.results['data'] : undefined;
    if (got?.payload !== payload)
      this.#broken(
        `${name} is ${is.status} with ${told(payload)}, and was to have ${told(got?.payload)}`,
      );
    if (was?.status === 'waiting' && isTimedOut(is) && endOf(is) < (was.timeoutAt ?? Infinity))
      this.#broken(`${name} times out before its time`);
  }

  #judgeBallot(
    id: string,
    { task, approvers, members, dueMs }: Ballot,
    votes: readonly VoteSignal[],
    was: TaskState | undefined,
    are: Tasks,
  ): void {
    const is = are[task];
    const isOver = was !== undefined && was.status !== 'pending' && was.status !== 'waiting';
    if (is === undefined || is.status === 'pending' || isOver) return;
    const ofTask = votes.filter(
      (vote) => vote.task === task && (members?.includes(vote.by) ?? true),
    );
    const firsts = ofTask.filter(({ by }, at) => ofTask.findIndex((vote) => vote.by === by) === at);
    const rejection = firsts.findIndex(({ verdict }) => verdict === 'rejected');
    const isRejected = rejection !== -1 && rejection < approvers;
    const isApproved = !isRejected && firsts.length >= approvers;
    const wanted = isRejected ? ['failed'] : isApproved ? ['succeeded'] : ['waiting', 'timedout'];
    if (!wanted.includes(is.status))
      this.#broken(`${id}:${task} is ${is.status}, and by its votes ${wanted.join(' or ')}`);
    if (is.status === 'timedout' && is.endedAt < is.startedAt + dueMs)
      this.#broken(`${id}:${task} times out before it is due`);
  }

  #broken(what: string): void {
    this.trace.violation(what);
  }
}

function isEvent(signal: Signal): signal is EventSignal {
  return signal.kind === 'event';
}

function isVote(signal: Signal): signal is VoteSignal {
  return signal.kind === 'vote';
}

/** Who sends an event to the run itself need not know the key of the wait, which need not have one. */
function isFor(event: EventSignal, { topic, key, size }: EventWait): boolean {
  const isOfKey = [undefined, key].includes(event.correlationKey) || key === undefined;
  return (
    event.topic === topic && isOfKey && (size === undefined || event.attributes?.['size'] === size)
  );
}

function isWaiting(task: TaskState | undefined): boolean {
  return task?.status === 'waiting' && task.on.kind === 'event';
}

/** Whether an attempt began in a step, and perhaps ended, too. */
function hasBegun(was: TaskState | undefined, is: TaskState): boolean {
  const isOver = was !== undefined && was.status !== 'pending' && was.status !== 'waiting';
  return !isOver && (isWaiting(is) || is.status === 'succeeded');
}

function isTimedOut(is: TaskState): boolean {
  return is.status === 'timedout' || (is.status === 'waiting' && is.on.kind === 'retry');
}

function endOf(is: TaskState): number {
  if (is.status === 'waiting') return is.on.since;
  return 'endedAt' in is ? is.endedAt : Infinity;
}

function told(payload: unknown): string {
  return payload === undefined ? 'nothing' : `event ${JSON.stringify(payload)}`;
}
