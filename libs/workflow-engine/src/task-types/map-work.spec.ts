import { toJsonText } from '@app/json';
import { type Input } from '../state/activity-state.js';
import { aPlan, aScope, aTask, NOW } from '../testing/builders.js';
import { advance } from '../run/advance.js';
import { begin } from '../run/begin.js';
import { type MapRequest } from './map-steps.js';

const OF = { at: NOW, task: 'each', attempt: 1 } as const;
const PARALLEL = 80;
/** The items of a request once the first have ended: an eighth of those at a time. */
const PORTION = PARALLEL / 8;
const FEW = 400;
const MANY = 1_600;

interface Work {
  /** How often the list was looked up. */
  readonly lookups: number;
  /** The state of the task and the new entries of the outbox, of all steps, as JSON. */
  readonly charsWritten: number;
}

function made(upTo: number): Input {
  return { kind: 'signal', signal: { ...OF, id: `made-${upTo}`, kind: 'children-made', upTo } };
}

function ended(index: number, status: 'succeeded' | 'failed'): Input {
  const id = `ended-${index}`;
  const end = { kind: 'child-ended', child: `c${index}`, index, status, results: {} } as const;
  return { kind: 'signal', signal: { ...OF, id, ...end } };
}

/** Runs a map to the end of its last item: each request is answered, and each end comes in a step of its own. */
function workOf(count: number, status: 'succeeded' | 'failed'): Work {
  let lookups = 0;
  const list = Array.from({ length: count }, (_, at) => at % 10);
  const params = Object.defineProperty({}, 'all', {
    enumerable: true,
    get: () => {
      lookups += 1;
      return list;
    },
  });
  const scope = aScope(params);
  const each = { over: '$(params.all)', workflow: 'other', maxParallel: PARALLEL, failFast: false };
  const plan = aPlan([aTask('each', 'map', ['start'], each)]);
  const open: number[] = [];
  const inputs: Input[] = [];
  let state = begin(plan, scope, NOW);
  let charsWritten = 0;
  let hasAllEnded = false;
  while (!hasAllEnded) {
    const step = advance(plan, state, scope, inputs.splice(0, 1), NOW);
    state = step.state;
    charsWritten += toJsonText({ task: state.tasks['each'], outbox: step.outbox }).length;
    for (const { kind, payload } of step.outbox) {
      hasAllEnded ||= kind === 'map-collect';
      if (kind !== 'map-request') continue;
      const { from, items } = payload as unknown as MapRequest;
      open.push(...items.map((_, at) => from + at));
      inputs.push(made(from + items.length));
    }
    const next = inputs.length === 0 ? open.shift() : undefined;
    if (next !== undefined) inputs.push(ended(next, status));
  }
  return { lookups, charsWritten };
}

describe('a map over a list of four times as many items', () => {
  it.each(['succeeded', 'failed'] as const)(
    'looks the list up once for each request, and writes four times as much (%s)',
    (status) => {
      const few = workOf(FEW, status);
      const many = workOf(MANY, status);

      expect(few.lookups).toBeLessThanOrEqual(FEW / PORTION);
      expect(many.lookups).toBeLessThanOrEqual(MANY / PORTION);
      expect(many.charsWritten).toBeLessThan(4.5 * few.charsWritten);
    },
  );
});
