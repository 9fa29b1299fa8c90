import { type DispatchedActivity, type NewActivity } from '@app/persistence';
import {
  aNewActivity,
  anEvent,
  jsonData,
  type MemoryActivityStore,
} from '@app/persistence/testing';
import { type Signal } from '@app/workflow-engine';
import { type SeededRandom } from '@app/workflow-engine/testing';
import { type SimulatedFleet } from './simulated-fleet.js';
import { type SimulatedReceiver } from './simulated-receiver.js';
import { type Trace } from './trace.js';
import { type VirtualTime } from './virtual-time.js';

/** What each event has under a name that some workflows keep secret. */
export const SECRET = 'card-4111-1111';

interface World {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly records: MemoryActivityStore;
  readonly receiver: SimulatedReceiver;
  readonly fleet: SimulatedFleet;
  readonly activities: NewActivity[];
}

/** Whoever sends events, cancels runs and tells them something, and the messages of that. */
export class SimulatedSender {
  readonly #accepted: DispatchedActivity[] = [];

  /** @param onSignal told of each signal that is on record */
  constructor(
    private readonly world: World,
    private readonly onSignal: (id: string, signal: Signal) => void,
  ) {}

  /** An event of one of two customers is accepted, and a message tells of it; once more if that goes wrong; its id. */
  accept(): string {
    const { activities, records, time, trace } = this.world;
    const customer = ['ada', 'bob'][activities.length % 2] ?? '';
    const event = anEvent({
      id: `event-${activities.length}`,
      data: jsonData({ customer, card: SECRET }),
    });
    const { now } = time;
    const origin = aNewActivity({ event, createdAt: now, wakeAt: now + 5_000 });
    activities.push(origin);
    this.#accepted.push(origin);
    void records.record(origin);
    trace.add('sender', `event ${origin.id.slice(0, 6)}`);
    this.#deliver(origin, 3);
    return origin.id;
  }

  /** A message comes a second time. Only events have one, and not what tasks begin or somebody retries. */
  redeliver(): void {
    const [first, ...rest] = this.#accepted;
    if (first) this.#deliver(this.world.random.pick(first, ...rest), 1);
  }

  /** Somebody cancels an activity, and mostly who drives it is told. */
  cancel(id = this.anyActivity().id): void {
    const { time, random } = this.world;
    const signal = `signal-${time.now}-${random.below(1_000)}`;
    this.signal(id, { id: signal, kind: 'cancel', reason: 'enough', at: time.now });
  }

  /** Several who want the same at the same time. */
  cancelOften(): void {
    const { time, random } = this.world;
    const { id } = this.anyActivity();
    for (let times = random.pick(1, 2, 4); times > 0; times -= 1) {
      time.after(random.below(40), () => {
        this.cancel(id);
      });
    }
  }

  /** Somebody tells an activity something, and mostly who drives it is told. */
  signal(id: string, signal: Signal): void {
    const { records, random, trace } = this.world;
    void records.signal(id, signal).then((outcome) => {
      if (outcome === 'appended') this.onSignal(id, signal);
      trace.add('sender', `${signal.kind} ${id.slice(0, 6)} ${signal.id}: ${outcome}`);
      if (random.chance(0.7)) this.notify(id);
    });
  }

  notify(id = this.anyActivity().id): void {
    this.world.fleet.notify(id);
  }

  /** Nobody takes what runs have to tell. */
  turnAway(ms: number): void {
    const { receiver, time, trace } = this.world;
    trace.add('sender', `nothing is taken for ${ms} ms`);
    receiver.isDown = true;
    time.after(ms, () => {
      receiver.isDown = false;
    });
  }

  anyActivity(): NewActivity {
    const [first, ...rest] = this.world.activities;
    if (!first) throw new Error('There is always one');
    return this.world.random.pick(first, ...rest);
  }

  #deliver(origin: DispatchedActivity, deliveries: number): void {
    const { process, executor } = this.world.fleet.any();
    void process
      .awake()
      .then(() => executor.take(origin))
      .catch(() => {
        if (deliveries > 1)
          this.world.time.after(1_000, () => {
            this.#deliver(origin, deliveries - 1);
          });
      });
  }
}
