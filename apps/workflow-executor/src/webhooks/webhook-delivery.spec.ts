import { aNewActivity, NOW } from '@app/persistence/testing';
import { type OutboxEntry } from '@app/workflow-engine';
import { type DeliveryOutcome } from '../outbox/outbox-delivery.js';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../tasks/task-handler.js';
import { WebhookDelivery } from './webhook-delivery.js';

const HOUR_MS = 3_600_000;
const URL = 'https://a.example/ends';
const END = { url: URL, status: 'failed', previous: 'running', code: 'HTTP_STATUS' };

function answered(statusCode: number): TaskOutcome {
  if (statusCode < 300) return { kind: 'succeeded', results: { statusCode } };
  const known = { retryable: false, outcomeKnown: true, results: { statusCode } };
  return { kind: 'failed', code: 'HTTP_STATUS', message: `status ${statusCode}`, ...known };
}

/** The receiver, as an `http` task reaches it. */
class Receiver extends TaskHandler<'http'> {
  readonly calls: TaskCall<'http'>[] = [];
  next: TaskOutcome[] = [];

  override async run(call: TaskCall<'http'>): Promise<TaskOutcome> {
    this.calls.push(call);
    return this.next.shift() ?? answered(204);
  }
}

const settings = { attemptMsMax: 10_000, triedMsMax: HOUR_MS, attempted: () => undefined };

describe(WebhookDelivery.name, () => {
  let receiver: Receiver;
  let now: number;
  let told: string[];

  beforeEach(() => {
    receiver = new Receiver();
    now = NOW;
    told = [];
  });

  function deliver(payload: OutboxEntry['payload'] = END): Promise<DeliveryOutcome> {
    const attempted = (outcome: string): void => void told.push(outcome);
    const delivery = new WebhookDelivery(receiver, () => now, { ...settings, attempted });
    const entry = { id: '7', kind: 'webhook', key: 'webhook:1', payload, createdAt: NOW };
    return delivery.deliver(entry, aNewActivity(), new AbortController().signal);
  }

  it('posts the status event, marked for its secret', async () => {
    expect(await deliver({ ...END, secret: 'hook', versions: { workflow: 3 } })).toEqual({
      kind: 'delivered',
    });

    const [call] = receiver.calls;
    const { params } = call?.effect ?? {};
    expect(params).toMatchObject({
      url: URL,
      method: 'POST',
      staysThere: true,
      statusOnly: true,
    });
    const body = params?.body;
    expect(JSON.parse(typeof body === 'string' ? body : '')).toMatchObject({
      id: `${aNewActivity().id}:7`,
      type: 'io.boomerang.event.status.workflowrun',
      data: { status: 'failed', failure: { code: 'HTTP_STATUS' } },
    });
    expect(params?.sign).toEqual({
      id: `${aNewActivity().id}:7`,
      secret: `${call?.scope.secretNonce}.hook.`,
    });
    expect(call?.scope.versions).toEqual({ workflow: 3 });
    expect(told).toEqual(['delivered']);
  });

  it('sends no webhook for an end that notify does not name', async () => {
    expect(await deliver({ ...END, on: ['succeeded'] })).toEqual({ kind: 'delivered' });
    expect([receiver.calls, told]).toEqual([[], []]);
  });

  it.each([401, 404, 500, 302])('is retried after %d', async (status) => {
    receiver.next.push(answered(status));

    expect(await deliver()).toMatchObject({ kind: 'again' });
    expect(told).toEqual(['failed']);
  });

  it('gives up when its time is over, or the receiver answers 410', async () => {
    receiver.next.push(answered(410), answered(500), answered(500));
    const gone = await deliver();
    now = NOW + HOUR_MS - 1;
    const almost = await deliver();
    now = NOW + HOUR_MS;
    const late = await deliver();

    expect([gone, almost, late]).toMatchObject([
      { kind: 'refused', code: 'WEBHOOK_GIVEN_UP' },
      { kind: 'again' },
      { kind: 'refused', code: 'WEBHOOK_GIVEN_UP' },
    ]);
    expect(told).toEqual(['given-up', 'failed', 'given-up']);
  });

  it('has the same id at each delivery, and does not count a lost answer as delivered', async () => {
    receiver.next.push(answered(502));
    const kinds = [await deliver(), await deliver()].map(({ kind }) => kind);

    expect(kinds).toEqual(['again', 'delivered']);
    const [first, second] = receiver.calls.map(({ idempotencyKey }) => idempotencyKey);
    expect(second).toBe(first);
  });

  it('waits for a permit without counting an attempt', async () => {
    receiver.next.push({ kind: 'postponed', delayMs: 5 });

    expect(await deliver()).toMatchObject({ kind: 'again' });
    expect(told).toEqual([]);
  });
});
