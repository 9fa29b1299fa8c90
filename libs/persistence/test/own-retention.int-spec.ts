import fc from 'fast-check';
import { ACTIVITIES } from '../src/activities/stored/activity.schema.js';
import { META } from '../src/due/store-lease.js';
import { OwnRetention } from '../src/retention/own-retention.js';
import { RETENTION_CLASSES, type RetentionClass } from '../src/retention/retention-classes.js';
import { RetentionJob, type RetentionSettings } from '../src/retention/retention-job.js';
import { aRevision, aWorkflow } from '../src/testing/builders.js';
import { type WorkflowRetention } from '../src/workflows/workflow.js';
import { WORKFLOWS } from '../src/workflows/workflow.schema.js';
import { MongoStores } from './mongo-stores.js';
import { expectFrugal, profiled } from './profiler.js';

type Days = RetentionSettings['days'];

interface StoredActivity {
  readonly _id: string;
  readonly [field: string]: unknown;
}

const DAY_MS = 86_400_000;
const DAYS: Days = { succeeded: 10, failed: 20, refused: 5 };

let stores: MongoStores;
let removed: [RetentionClass, number][];
let now: number;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
beforeEach(empty);
afterAll(() => stores.drop());

async function empty(): Promise<void> {
  await stores.empty();
  await stores.db.collection(META).deleteMany({});
  removed = [];
  now = stores.link.clock.now();
}

function pass(days = DAYS): Promise<unknown> {
  const job = new RetentionJob(
    stores.link,
    'executor-1',
    { days, intervalMs: 10, batchItemsMax: 3, pauseMs: 0 },
    (of, activities) => removed.push([of, activities]),
    () => undefined,
  );
  return job.pass();
}

/** An ended activity of a class, whose time is over if it is kept for as many days. */
function endedOf(workflowId: string, of: RetentionClass, daysAgo: number): StoredActivity {
  const at = now - daysAgo * DAY_MS - 1_000;
  return {
    ...{ _id: `${workflowId} ${of} ${daysAgo}`, workflowId, createdAt: new Date(at) },
    ...(of === 'succeeded' ? { status: of } : { status: 'failed', failure: {} }),
    ...(of === 'refused'
      ? { refused: true, refusal: { lastAt: new Date(at) } }
      : { run: { endedAt: at } }),
  };
}

async function store(...activities: readonly StoredActivity[]): Promise<void> {
  await stores.db.collection<StoredActivity>(ACTIVITIES).insertMany([...activities]);
}

async function aWorkflowThatKeeps(id: string, retention?: WorkflowRetention): Promise<void> {
  const workflow = aWorkflow({ id, name: id, ...(retention && { retention }) });
  await stores.workflows.create(workflow, aRevision({ workflowId: id }));
}

describe('the retention that a workflow has of its own', () => {
  const days = fc.integer({ min: 1, max: 40 });
  const own = fc.option(
    fc.record({ succeeded: days, failed: days, refused: days }, { requiredKeys: [] }),
    { nil: undefined },
  );
  const workflows = fc.array(own, { minLength: 1, maxLength: 6 });
  const installation = fc.record(
    Object.fromEntries(RETENTION_CLASSES.map((of) => [of, fc.option(days)])),
  ) as fc.Arbitrary<Days>;

  it("holds instead of the installation's, for each class that it names", async () => {
    await fc.assert(
      fc.asyncProperty(workflows, installation, async (retentions, ofAll) => {
        await empty();
        const expected: string[] = [];
        for (const [n, retention] of retentions.entries()) {
          const entries = Object.entries(retention ?? {});
          const kept = Object.fromEntries(entries.map(([of, count]) => [of, count * DAY_MS]));
          await aWorkflowThatKeeps(`workflow-${n}`, retention && kept);
          for (const of of RETENTION_CLASSES) {
            const last = retention?.[of] ?? ofAll[of] ?? Infinity;
            const ages = [0, 5, 10, 15, 20, 30, 50];
            const activities = ages.map((age) => endedOf(`workflow-${n}`, of, age));
            await store(...activities);
            expected.push(
              ...activities.filter((_, at) => (ages[at] ?? 0) < last).map(({ _id }) => _id),
            );
          }
        }

        await pass(ofAll);

        const ids = await stores.activityModel.distinct('_id');
        expect(ids.toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: 15 },
    );
  });

  it('holds for what is on record within a day, also shorter than before', async () => {
    await aWorkflowThatKeeps('changed');
    await store(endedOf('changed', 'succeeded', 9), endedOf('other', 'succeeded', 9));
    await pass();
    expect(removed).toEqual([]);

    await stores.workflows.switch('changed', { retention: { succeeded: DAY_MS } }, undefined);
    const fullAt = { 'notes.fullAt': now - 2 * DAY_MS };
    await stores.db.collection(META).updateOne({ _id: 'retention' as never }, { $set: fullAt });
    await pass();

    expect(await stores.activityModel.distinct('workflowId')).toEqual(['other']);
    expect(removed).toEqual([['succeeded', 1]]);
  });

  it('holds on when the workflow is deleted', async () => {
    await aWorkflowThatKeeps('deleted', { failed: 3_000 * DAY_MS });
    await store(endedOf('deleted', 'failed', 2_000));
    await stores.workflows.remove('deleted', undefined);

    await pass();

    expect(removed).toEqual([]);
  });

  it('is read by their ids, for many of them together', async () => {
    const ids = Array.from({ length: 1_000 }, (_, n) => `workflow-${n}`);
    for (const id of ids.slice(0, 20)) {
      await aWorkflowThatKeeps(id, { failed: 1 });
    }
    const own = new OwnRetention(stores.link, ids);

    const commands = await profiled(
      stores.db,
      async () => {
        for (let at = 0; at < 100; at += 1) await own.of(at);
      },
      WORKFLOWS,
    );

    expectFrugal(commands);
    expect(commands).toHaveLength(1);
  });
});
