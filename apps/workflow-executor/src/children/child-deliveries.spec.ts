import { childActivityIdOf } from '@app/events';
import { type JsonObject } from '@app/json';
import { aNewActivity, anEvent, aRevision, aWorkflow, NOW } from '@app/persistence/testing';
import { type OutboxEntry } from '@app/workflow-engine';
import { cancelledRequests } from '../outbox/cancelled-requests.js';
import { childDeliveries } from './child-deliveries.js';
import { ChildFixture } from './testing/child-fixture.js';

const PARENT = aNewActivity({ id: 'parent', workflowId: 'calling', event: anEvent() });
const REQUESTS = {
  'child-request': { workflow: 'called', params: {}, waits: true },
  'child-schedule': { workflow: 'called', params: {}, waits: false, notBefore: NOW + 300_000 },
  'map-request': { workflow: 'called', params: {}, from: 0, items: ['a'] },
} as const;
const CHILDREN = {
  'child-request': childActivityIdOf('parent', 'call', 1),
  'child-schedule': childActivityIdOf('parent', 'call', 1),
  'map-request': childActivityIdOf('parent', 'call', 1, 0),
} as const;
const LATER = NOW + 600_000;

let fixture: ChildFixture;

beforeEach(async () => {
  fixture = new ChildFixture();
  await fixture.activities.record({ ...PARENT, wakeAt: NOW + 86_400_000 });
  const triggers = { task: { enabled: true } };
  await fixture.workflows.create(aWorkflow({ name: 'called', triggers }), aRevision());
});

function entry(kind: string, attempt: number, more: JsonObject = {}): OutboxEntry {
  const payload = { task: 'call', attempt, ...more };
  return { id: `${kind}-${attempt}`, kind, key: 'child:call', payload, createdAt: NOW };
}

async function deliver(one: OutboxEntry, behind: readonly OutboxEntry[] = []): Promise<void> {
  const delivery = childDeliveries(fixture.service).get(one.kind);
  const isCancelled = cancelledRequests([one, ...behind]).has(one.id);
  const outcome = await delivery?.deliver(one, PARENT, new AbortController().signal, isCancelled);
  expect(outcome).toEqual({ kind: 'delivered' });
}

async function due(): Promise<readonly string[]> {
  const claimed = await fixture.activities.claimDue({
    ...{ now: LATER, limit: 10, leaseMs: 1, owner: 'me' },
    features: ['task:run-workflow', 'task:map', 'start:later'],
  });
  return claimed.map(({ id }) => id);
}

describe.each([
  ['child-request', 'child-cancel'],
  ['child-schedule', 'child-cancel'],
  ['map-request', 'map-cancel'],
] as const)('a %s', (kind, cancel) => {
  const request = entry(kind, 1, REQUESTS[kind]);
  const takes = entry(cancel, 1, { open: [0] });
  const child = CHILDREN[kind];

  it('that is cancelled creates a run that begins only after a signal', async () => {
    await deliver(request, [takes]);

    expect(fixture.notified).not.toContain(child);
    expect(await due()).not.toContain(child);
    await deliver(takes);
    expect(await fixture.inboxOf(child)).toMatchObject([{ kind: 'cancel' }]);
    expect(fixture.notified).toContain(child);
    expect(await due()).toContain(child);
  });

  it('makes no run if it is delivered after its cancel', async () => {
    await deliver(request, [takes]);
    await deliver(takes);
    await deliver(request);

    expect(await fixture.inboxOf(child)).toMatchObject([{ kind: 'cancel' }]);
  });

  it('begins a run, whatever the outcome of another attempt', async () => {
    await deliver(request, [entry(cancel, 2, { open: [0] }), entry('child-look', 1)]);

    // Nobody needs to be told of what begins later.
    expect(fixture.notified.includes(child)).toBe(kind !== 'child-schedule');
    expect(await due()).toContain(child);
  });
});
