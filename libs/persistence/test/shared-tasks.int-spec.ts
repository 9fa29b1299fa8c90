import { jest } from '@jest/globals';
import {
  type ActivityState,
  advance,
  begin,
  type Input,
  isFinal,
  type Plan,
} from '@app/workflow-engine';
import {
  anHttpTask,
  aPlan,
  aScope,
  aTask,
  SeededRandom,
  succeeded,
} from '@app/workflow-engine/testing';
import { aCommit, aNewActivity, anEvent, NOW } from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';

jest.setTimeout(300_000);

/** What a commit writes of a state. */
const STATE_FIELDS = [
  'status',
  'run',
  'tasks',
  'results',
  'besideBytes',
  'waitingFor',
  'openWaits',
  'failure',
];
/** So that no more large results are written than it takes. */
const LARGE_MAX = 6;

let stores: MongoStores;
let activities = 0;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
afterAll(() => stores.drop());

/** A run on record, which is committed state by state. */
class Stored {
  #before: ActivityState | undefined;
  #lockVersion = 1;

  private constructor(readonly id: string) {}

  static async record(): Promise<Stored> {
    activities += 1;
    const activity = aNewActivity({ event: anEvent({ id: `shared-${activities}` }) });
    await stores.activities.record(activity);
    return new Stored(activity.id);
  }

  async commit(state: ActivityState): Promise<void> {
    const { id } = this;
    const lease = { wakeAt: NOW, leaseOwner: 'me', leaseMs: 1_000 };
    const commit = { id, lockVersion: this.#lockVersion, state, before: this.#before, ...lease };
    expect(await stores.activities.commit(aCommit(commit))).toBe('committed');
    this.#lockVersion += 1;
    this.#before = state;
  }

  /** What its driver goes on from after it was away. */
  async readAgain(): Promise<ActivityState> {
    const state = (await stores.activities.get(this.id))?.state;
    if (state === undefined) throw new Error('There is no state on record');
    this.#before = state;
    return state;
  }

  /** As the bytes that MongoDB has. */
  async bytes(): Promise<string> {
    const projection = { _id: 0, ...Object.fromEntries(STATE_FIELDS.map((name) => [name, 1])) };
    const found = await stores.db
      .collection<{ _id: string }>('activities')
      .findOne({ _id: this.id }, { projection, raw: true });
    return (found as unknown as Uint8Array<ArrayBuffer>).toString();
  }
}

/** Calls, waits and properties beside each other; some names are numbers, which a record lists first. */
function planOf(tasks: number): Plan {
  const width = Math.ceil(tasks / 10);
  const inner = Array.from({ length: tasks - 2 }, (_, at) => {
    const name = nameAt(tasks, at);
    const upstream = at < width ? 'start' : nameAt(tasks, at - width);
    if (at % 7 === 3) return aTask(name, 'set-property', [upstream], { output: name, value: at });
    if (at % 11 === 5) {
      const event = { topic: 'paid', correlation: { value: `order-${at}` } };
      return aTask(name, 'wait-for-event', [upstream], event, { timeoutMs: 1_000 });
    }
    return anHttpTask(name, [upstream]);
  });
  return aPlan(
    inner,
    inner.slice(-width).map(({ name }) => name),
  );
}

function nameAt(tasks: number, at: number): string {
  return at % 9 === 4 ? `${tasks - at}` : `task-${at}`;
}

/** The same state with its tasks in a record of its own. */
function withPlainTasks(plan: Plan, state: ActivityState): ActivityState {
  const tasks = plan.tasks.map(({ name }) => {
    const task = state.tasks[name];
    if (task === undefined) throw new Error(`There is no task ${name}`);
    return [name, task] as const;
  });
  return { ...state, tasks: Object.fromEntries(tasks) };
}

describe('a state whose tasks are shared with the state before', () => {
  it.each([31, 32, 33, 1_000])('of %i tasks is stored as any other, to the byte', async (count) => {
    const plan = planOf(count);
    const scope = aScope();
    const random = new SeededRandom(count);
    const [shared, plain] = [await Stored.record(), await Stored.record()];
    let state = begin(plan, scope, NOW);
    const due: string[] = [];
    let large = 0;
    for (let now = NOW, steps = 0; !isFinal(state.status); now += 10_000, steps += 1) {
      const half = Math.ceil(due.length / 2);
      const answered = due.splice(0, half + random.below(half + 1));
      const inputs = answered.map((task): Input => {
        const isLarge = large < LARGE_MAX && random.chance(0.3);
        large += Number(isLarge);
        return succeeded(task, 1, { text: isLarge ? `${task} ${'x'.repeat(20_000)}` : task });
      });
      const step = advance(plan, state, scope, [...inputs, { kind: 'time' }], now);
      due.push(...step.effects.map(({ task }) => task));
      state = step.state;

      await shared.commit(state);
      await plain.commit(withPlainTasks(plan, state));
      expect({ steps, bytes: await shared.bytes() }).toEqual({ steps, bytes: await plain.bytes() });
      if (steps % 3 !== 2) continue;
      const again = await shared.readAgain();
      expect(again).toEqual(withPlainTasks(plan, state));
      expect(again).toEqual(await plain.readAgain());
      state = again;
    }
    expect(large).toBe(Math.min(large, LARGE_MAX));
    expect((await shared.readAgain()).tasks).toEqual(state.tasks);
  });
});
