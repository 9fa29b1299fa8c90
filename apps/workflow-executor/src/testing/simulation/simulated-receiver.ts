import { type OutboxEntry, WORKER_CANCEL_ENTRY, WORKER_TASK_ENTRY } from '@app/workflow-engine';
import { type SeededRandom } from '@app/workflow-engine/testing';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  OutboxDelivery,
} from '../../outbox/outbox-delivery.js';
import { type FaultMode } from './faults.js';
import { type SimulatedProcess } from './simulated-process.js';
import { type Trace } from './trace.js';
import { type VirtualTime } from './virtual-time.js';

const OLDER_KINDS = ['status'];
const KINDS = [
  ...OLDER_KINDS,
  'task-status',
  'webhook',
  'lock-request',
  'lock-release',
  WORKER_TASK_ENTRY,
  WORKER_CANCEL_ENTRY,
];

/** `lost`: it arrives, and whoever sent it hears nothing of that. */
type Outcome = 'arrives' | 'lost' | 'not-now' | 'refused' | 'breaks';

export interface Arrival {
  readonly activityId: string;
  readonly entry: OutboxEntry;
  readonly isRefused: boolean;
}

/** Where entries of outboxes go, and what goes wrong there. */
export class SimulatedReceiver {
  /** While it is, nobody tries. */
  isDown = false;

  constructor(
    private readonly time: VirtualTime,
    private readonly random: SeededRandom,
    private readonly trace: Trace,
    private readonly onArrival: (arrival: Arrival) => void,
    private readonly faultMode: () => FaultMode,
  ) {}

  /** As one process reaches it, which may be of a build that knows of nothing but statuses of runs. */
  deliveriesOf(
    by: SimulatedProcess,
    isOlder: boolean,
  ): readonly (readonly [string, OutboxDelivery])[] {
    const delivery = new SimulatedDelivery(
      () => !this.isDown,
      (entry, origin) => this.#take(entry, origin, by),
    );
    const kinds = isOlder ? OLDER_KINDS : KINDS;
    return kinds.map((kind) => [kind, delivery] as const);
  }

  async #take(
    entry: OutboxEntry,
    { id: activityId }: EntryOrigin,
    by: SimulatedProcess,
  ): Promise<DeliveryOutcome> {
    await by.awake();
    const outcome = this.#outcome();
    const name = `${activityId.slice(0, 6)} entry ${entry.id} ${entry.kind}`;
    await this.time.wait(this.#takesMs());
    this.trace.add(by.name, `${name}: ${outcome}`);
    if (outcome !== 'not-now' && outcome !== 'breaks') {
      this.onArrival({ activityId, entry, isRefused: outcome === 'refused' });
    }
    await this.time.wait(this.#takesMs());
    await by.awake();
    switch (outcome) {
      case 'arrives':
        return { kind: 'delivered' };
      case 'lost':
        return new Promise(() => undefined);
      case 'not-now':
        return { kind: 'again', reason: 'not now' };
      case 'refused':
        return { kind: 'refused', code: 'NOBODY', message: 'never' };
      case 'breaks':
        throw new Error('It breaks');
    }
  }

  #outcome(): Outcome {
    if (this.faultMode() === 'calm') return 'arrives';
    if (this.faultMode() === 'slow') return this.random.pick('arrives', 'arrives', 'not-now');
    if (this.random.chance(0.02)) return 'refused';
    return this.random.pick('arrives', 'arrives', 'arrives', 'lost', 'not-now', 'breaks');
  }

  #takesMs(): number {
    return this.faultMode() === 'calm' ? 5 : this.random.below(this.random.pick(20, 20, 3_000));
  }
}

class SimulatedDelivery extends OutboxDelivery {
  constructor(
    private readonly isAvailable: () => boolean,
    override readonly deliver: OutboxDelivery['deliver'],
  ) {
    super();
  }

  override get available(): boolean {
    return this.isAvailable();
  }
}
