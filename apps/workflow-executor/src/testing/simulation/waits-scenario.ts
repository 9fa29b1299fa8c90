import { type CorrelatedEvent } from '@app/persistence';
import { isFinal, type WorkflowDefinition } from '@app/workflow-engine';
import { aDefinition, anHttpTask, aTask, type SeededRandom } from '@app/workflow-engine/testing';
import { PATIENT, RETRY } from './definitions.js';
import { type Scenario } from './scenario.js';
import { CALM_AT_MS, type Simulation } from './simulation.js';
import { type Ballot, type EventWait, WaitsVerdict } from './waits-verdict.js';

const BY_KEY = { topic: 'paid', correlationKey: 'order' } as const;
const MEMBERS = ['ada', 'bob', 'eve'] as const;
const BALLOTS: readonly Ballot[] = [
  { task: 'ask', approvers: 2, members: MEMBERS, dueMs: 20_000 },
  { task: 'hand', approvers: 1, dueMs: 8_000 },
];
/** In the order of the plan, which is that in which those that begin in one step take what came before. */
const WAITS: readonly EventWait[] = [
  { task: 'paid', topic: 'paid', key: 'order' },
  { task: 'soon', topic: 'paid', key: 'order' },
  { task: 'note', topic: 'note' },
  { task: 'big', topic: 'paid', key: 'order', size: 'big' },
  { task: 'by-other-key', topic: 'paid', key: 'other-order' },
  { task: 'paid-again', topic: 'paid', key: 'order' },
];

/** Waits for events by key and by itself, for some only so long, and for people who have until they are due. */
const WAITING: WorkflowDefinition = aDefinition(
  [
    anHttpTask('one', ['start'], PATIENT),
    aTask('paid', 'wait-for-event', ['start'], BY_KEY),
    aTask('soon', 'wait-for-event', ['start'], BY_KEY, { timeoutMs: 7_000, retry: RETRY }),
    aTask('note', 'wait-for-event', ['one'], { topic: 'note' }, { timeoutMs: 9_000 }),
    aTask('big', 'wait-for-event', ['one'], { ...BY_KEY, filter: { exact: { size: 'big' } } }),
    aTask('by-other-key', 'wait-for-event', ['one'], {
      topic: 'paid',
      correlationKey: 'other-order',
    }),
    aTask('paid-again', 'wait-for-event', ['paid', 'one'], BY_KEY),
    aTask('ask', 'approval', ['one'], { approvers: 2, members: MEMBERS, due: '20s' }),
    aTask('hand', 'manual', ['start'], { due: '8s' }),
    anHttpTask('late', [{ taskRef: 'note', executionCondition: 'timeout' }], PATIENT),
    anHttpTask(
      'then',
      ['paid-again', 'by-other-key', 'big', 'soon', 'note', 'ask', 'hand'],
      PATIENT,
    ),
  ],
  ['then', 'late'],
);

/** A sender repeats an event until it is answered. */
const REPEATS_MS = 4_500;
/** When all that was under way has come to its end, so that what still waits has nothing to get. */
const QUIET_AT_MS = CALM_AT_MS + 60_000;
const LOOKS_MS = 3_000;

/** Runs that wait for events and people, which come early, late, again, and at the instant at which nobody waits any more. */
export function waitsScenario(): Scenario {
  let outside: Outside | undefined;
  return {
    definition: WAITING,
    shared: 'events',
    send: (simulation, random, id) => {
      outside ??= new Outside(simulation, random);
      outside.attend(id);
    },
  };
}

/** Whoever sends events and votes. */
class Outside {
  #sent = 0;
  readonly #events: CorrelatedEvent[] = [];
  /** By the event, who has got it. */
  readonly #reached = new Map<string, string[]>();

  constructor(
    private readonly simulation: Simulation,
    private readonly random: SeededRandom,
  ) {
    const verdict = new WaitsVerdict(simulation.trace, WAITS, BALLOTS);
    simulation.watch(verdict);
    simulation.watch({
      onCommit: () => undefined,
      onSignal: (id, signal) => {
        this.#reached.set(signal.id, [...(this.#reached.get(signal.id) ?? []), id]);
      },
    });
    simulation.events.onFinish = this.#judgeDone;
    for (let times = 3 + random.below(8); times > 0; times -= 1)
      simulation.time.after(random.below(50_000), () => {
        this.#sendByKey();
      });
    simulation.time.after(QUIET_AT_MS, () => {
      void this.#judgeQuiet().then(() => {
        this.#endRest();
      });
    });
  }

  /** Sends a run what it waits for at any time, and at the very instant at which it stops to wait. */
  attend(id: string): void {
    const { random, simulation } = this;
    for (let times = random.below(6); times > 0; times -= 1)
      simulation.time.after(random.below(40_000), () => {
        this.#tell(id);
      });
    const look = (): void => {
      if (!simulation.isCalm) simulation.time.after(1 + random.below(LOOKS_MS), look);
      const { state } = simulation.records.peek(id) ?? {};
      const tasks = Object.values(state?.tasks ?? {});
      const ends = tasks.flatMap((task) =>
        task.status === 'waiting' ? (task.timeoutAt ?? task.on.until ?? []) : [],
      );
      for (const at of ends.filter(() => random.chance(0.3)))
        simulation.time.after(at - simulation.time.now + random.pick(-1, 0, 0, 1), () => {
          this.#tell(id);
        });
    };
    look();
  }

  /** Says it when an event counts as delivered, and has reached no run, though those it was given to went on. */
  readonly #judgeDone = (id: string, activities: readonly string[]): void => {
    const { records, trace } = this.simulation;
    const ended = activities.some((one) => isFinal(records.peek(one)?.status ?? 'queued'));
    if (!ended && !this.#reached.has(`event:${id}`))
      trace.violation(`event ${id} counts as delivered, and nobody got it`);
  };

  #tell(id: string): void {
    const { random, simulation } = this;
    const { sender, time } = simulation;
    const sent = { id: `${id}:${(this.#sent += 1)}`, at: time.now };
    const [task, by] = [random.pick('ask', 'ask', 'hand'), random.pick(...MEMBERS, 'mallory')];
    const verdict = random.chance(0.85) ? 'approved' : 'rejected';
    if (random.chance(0.5)) sender.signal(id, { ...sent, kind: 'vote', task, by, verdict });
    else this.#sendTo(id, random.pick('note', 'note', 'paid'));
  }

  /** Who sends to a run itself need not know a key; one that nobody waits for is no mistake of the run. */
  #sendTo(id: string, topic: string, hasKey = this.random.chance(0.1)): void {
    const sent = { id: `${id}:${(this.#sent += 1)}`, at: this.simulation.time.now };
    const event = { kind: 'event', topic, payload: this.#sent } as const;
    this.simulation.sender.signal(id, {
      ...sent,
      ...event,
      attributes: { size: this.random.pick('big', 'small') },
      ...(hasKey && { correlationKey: 'other' }),
    });
  }

  #sendByKey(correlationKey = this.random.pick('order', 'order', 'other-order')): void {
    const payload = (this.#sent += 1);
    const event: CorrelatedEvent = {
      id: `paid-${payload}`,
      isNamed: true,
      workflowId: 'workflow-1',
      topic: 'paid',
      correlationKey,
      outcome: 'succeeded',
      payload,
      attributes: { size: this.random.pick('big', 'small') },
      at: this.simulation.time.now,
    };
    this.#events.push(event);
    this.#send(event);
  }

  /** To some process, until one answers; and then now and then again. */
  #send(event: CorrelatedEvent): void {
    const { simulation, random } = this;
    const { fleet, trace, time, events } = simulation;
    const { process } = fleet.any();
    let isAnswered = false;
    process
      .awake()
      .then(() => events.match(process, event))
      .then(
        (match) => {
          isAnswered = true;
          trace.add('sender', `${event.id}: ${match.kind}`);
          for (const id of match.kind === 'signalled' ? match.activities : [])
            if (random.chance(0.7)) simulation.sender.notify(id);
        },
        () => undefined,
      );
    time.after(REPEATS_MS, () => {
      if (!isAnswered || (!simulation.isCalm && random.chance(0.2))) this.#send(event);
    });
  }

  /** Says it when somebody waits for an event that is on record. */
  async #judgeQuiet(): Promise<void> {
    const { activities, records, trace, events } = this.simulation;
    for (const { id } of activities) {
      const { status = 'queued', state, inbox = [] } = records.peek(id) ?? {};
      if (isFinal(status) || inbox.length > 0) continue;
      for (const [name, task] of Object.entries(state?.tasks ?? {})) {
        if (task.status !== 'waiting' || task.on.kind !== 'event') continue;
        const { correlationKey: key } = task.on;
        for (const event of this.#events.filter((one) => one.correlationKey === key)) {
          const found = await events.get(event.id);
          if (found?.status === 'kept' || found?.status === 'given')
            trace.violation(
              `${id.slice(0, 6)}:${name} waits, and event ${event.id} is ${found.status}`,
            );
        }
      }
    }
  }

  /** Sends all that is waited for, until nobody waits. */
  #endRest(): void {
    const { activities, records, time } = this.simulation;
    const open = activities.filter(({ id }) => !isFinal(records.peek(id)?.status ?? 'queued'));
    if (open.length === 0) return;
    for (const key of ['order', 'other-order']) this.#sendByKey(key);
    for (const { id } of open) this.#sendTo(id, 'note', false);
    time.after(5_000, () => {
      this.#endRest();
    });
  }
}
