import { DECISION_OUTCOMES, type Decision, recordOf } from '../src/decisions/decision.js';
import { DECISIONS } from '../src/decisions/decision.schema.js';
import { type DecisionQuery } from '../src/decisions/decision-store.js';
import { NOW } from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';
import { expectFrugal, profiled } from './profiler.js';

const LIMIT = 20;
const WORKFLOWS = 10;
/** At once. */
const TRIMMED = 1_000;
const MINUTE_MS = 60_000;
const KEPT_UNTIL = NOW + 60 * MINUTE_MS;

let stores: MongoStores;

beforeAll(async () => {
  stores = await new MongoStores().open();
  const decisions = Array.from({ length: 4_000 }, (_, at) => decisionAt(at));
  await stores.decisions.add(decisions.map(recordOf), KEPT_UNTIL);
});

afterAll(() => stores.drop());

function decisionAt(at: number): Decision {
  return {
    outcome: DECISION_OUTCOMES[at % DECISION_OUTCOMES.length] ?? 'accepted',
    at: NOW + at,
    workflowId: `workflow-${at % WORKFLOWS}`,
    trigger: 'event',
    eventId: `event-${at % 1_000}`,
    source: '/shop',
    type: 'order.placed',
  };
}

describe('a list of decisions', () => {
  it.each<Omit<DecisionQuery, 'limit'>>([
    {},
    { outcome: 'filtered' },
    { workflowId: 'workflow-1' },
    { workflowId: 'workflow-1', outcome: 'accepted' },
    { eventId: 'event-7' },
    { eventId: 'event-7', source: '/shop' },
    { until: NOW + 2_000 },
    { workflowId: 'workflow-1', until: NOW + 2_000 },
  ])('of %j is read along an index, page by page', async (query) => {
    const commands = await profiled(
      stores.db,
      async () => {
        const { nextCursor } = await stores.decisions.list({ ...query, limit: LIMIT });
        if (nextCursor !== undefined)
          await stores.decisions.list({ ...query, limit: LIMIT, cursor: nextCursor });
      },
      DECISIONS,
    );

    expectFrugal(commands);
  });

  it('is cut at its oldest end by an index', async () => {
    const commands = await profiled(stores.db, () => stores.decisions.trim(1), DECISIONS);

    // What the collection counts by itself is read without an index and without a document; a list of ids reads the
    // key behind each.
    expectFrugal(
      commands.filter(({ op, docsExamined = 0 }) => op !== 'command' || docsExamined > 0),
      TRIMMED,
    );
  });
});
