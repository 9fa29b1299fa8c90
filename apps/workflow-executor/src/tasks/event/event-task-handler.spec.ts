import { hopsOf, SignedRoots } from '@app/events';
import { anEvent, jsonData } from '@app/events/testing';
import { type HttpCallParams, type EventCallParams } from '@app/workflow-engine';
import { aCall } from '../http/testing/a-call.js';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../task-handler.js';
import { SigningKeys } from '@app/signing';
import { aNewActivity, MemoryActivityStore } from '@app/persistence/testing';
import { EventRoots } from './event-roots.js';
import { EventTaskHandler } from './event-task-handler.js';
import { NatsEvents } from './nats-events.js';

const HOPS_MAX = 3;
const URL = 'https://example.org/events';
const EVENT: EventCallParams['event'] = {
  id: 'activity:call:1',
  type: 'com.example.paid',
  time: Date.UTC(2026, 0, 1),
  extensions: { tenant: 'a' },
  data: { order: '4711' },
};

const SENT = { id: EVENT.id, source: '/workflows/workflow-1' };

/** What an `http` task would be asked. */
class Asked extends TaskHandler<'http'> {
  readonly calls: HttpCallParams[] = [];
  outcome: TaskOutcome = { kind: 'succeeded', results: { statusCode: 202 } };

  override async run({ effect }: TaskCall<'http'>): Promise<TaskOutcome> {
    this.calls.push(effect.params);
    return this.outcome;
  }
}

describe(EventTaskHandler.name, () => {
  let activities: MemoryActivityStore;
  let roots: EventRoots;
  let http: Asked;
  let handler: EventTaskHandler;

  beforeEach(() => {
    http = new Asked();
    activities = new MemoryActivityStore();
    const signed = new SignedRoots(new SigningKeys('k'.repeat(32)));
    roots = new EventRoots(signed, activities, 2);
    handler = new EventTaskHandler(http, new NatsEvents(undefined), HOPS_MAX, roots);
  });

  function run(
    params: Partial<EventCallParams> = {},
    scope: TaskCall['scope'] = {},
    handedOut: Partial<Pick<TaskCall['effect'], 'attempt' | 'repeats'>> = {},
  ): Promise<TaskOutcome> {
    const call = aCall({ url: URL });
    const to = { kind: 'url', url: URL, headers: [['X-Key', 'k']] } as const;
    const all: EventCallParams = { event: EVENT, mode: 'binary', to, ...params };
    const effect = {
      ...call.effect,
      attempt: 1,
      ...handedOut,
      type: 'event',
      params: all,
    } as const;
    return handler.run({ ...call, scope, effect });
  }

  it('sends the attributes as headers and the data as the body, as CloudEvents say', async () => {
    expect(await run()).toEqual({
      kind: 'succeeded',
      results: { id: EVENT.id, statusCode: 202 },
    });
    const [call] = http.calls;
    expect(call).toMatchObject({
      url: URL,
      method: 'POST',
      body: '{"order":"4711"}',
      staysThere: true,
    });
    expect(Object.fromEntries(call?.headers ?? [])).toEqual({
      'X-Key': 'k',
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': EVENT.id,
      'ce-source': '/workflows/workflow-1',
      'ce-type': EVENT.type,
      'ce-time': '2026-01-01T00:00:00.000Z',
      'ce-traceparent': aCall({ url: URL }).traceparent,
      'ce-tenant': 'a',
      'ce-flowhops': '1',
      'ce-flowroot': roots.textOf('', SENT),
    });
  });

  it('sends one JSON in structured mode, signed as the message of its id', async () => {
    const to = { kind: 'url', url: URL, headers: [], sign: 'mark' } as const;
    await run({ mode: 'structured', to });

    const [{ body, headers, sign } = {} as HttpCallParams] = http.calls;
    expect(headers).toEqual([['content-type', 'application/cloudevents+json; charset=utf-8']]);
    const sent = typeof body === 'string' ? body : '';
    expect(JSON.parse(sent)).toMatchObject({ id: EVENT.id, data: EVENT.data, flowhops: 1 });
    expect(sign).toEqual({ id: EVENT.id, secret: 'mark' });
  });

  it('sends a text of another type as it is', async () => {
    await run({ event: { ...EVENT, datacontenttype: 'text/csv', data: 'a,b' } });

    expect(http.calls[0]).toMatchObject({ body: 'a,b' });
    expect(http.calls[0]?.headers).toContainEqual(['content-type', 'text/csv']);
  });

  it.each([
    ['a source that is no URI', { source: 'a b' }, '"source" must be a URI-reference'],
    ['a type that is no media type', { datacontenttype: 'json' }, '"datacontenttype" must be'],
    ['control characters', { subject: 'a\u0000' }, '"subject" must not contain'],
    ['data that is not a text', { datacontenttype: 'text/csv', data: [1] }, 'is not a text'],
  ])('does not send %s', async (_what, wrong, message) => {
    expect(await run({ event: { ...EVENT, ...wrong } })).toMatchObject({
      kind: 'failed',
      code: 'PARAM_INVALID',
      outcomeKnown: true,
      message: expect.stringContaining(message) as string,
    });
    expect(http.calls).toEqual([]);
  });

  it('does not send a secret that came into the data by way of another parameter', async () => {
    const secretNonce = 'ab'.repeat(16);
    const data = { key: `${secretNonce}.key.` };

    expect(await run({ event: { ...EVENT, data } }, { secretNonce })).toMatchObject({
      code: 'PARAM_INVALID',
    });
    expect(http.calls).toEqual([]);
  });

  it('counts workflows that start one another, and ends a circle', async () => {
    await run({}, { hops: HOPS_MAX - 1 });
    expect(http.calls[0]?.headers).toContainEqual(['ce-flowhops', String(HOPS_MAX)]);

    expect(await run({}, { hops: HOPS_MAX })).toMatchObject({
      code: 'EVENT_HOPS_EXCEEDED',
      retryable: false,
    });
    expect(http.calls).toHaveLength(1);
  });

  it('names the first run, and counts the events that descend from it', async () => {
    await activities.record(aNewActivity({ id: 'first' }));
    const context = { 'workflowrun-ref': 'self' };
    await run({}, { context });
    expect(http.calls[0]?.headers).toContainEqual(['ce-flowroot', roots.textOf('self', SENT)]);

    const outcomes: TaskOutcome[] = [];
    for (let n = 0; n < 3; n += 1) outcomes.push(await run({}, { context, root: 'first' }));
    expect(outcomes).toMatchObject([
      { kind: 'succeeded' },
      { kind: 'succeeded' },
      { code: 'EVENT_TOO_MANY', retryable: false },
    ]);
    expect(http.calls[1]?.headers).toContainEqual(['ce-flowroot', roots.textOf('first', SENT)]);
    expect(http.calls).toHaveLength(3);
  });

  it('counts an event once, however often it is sent until it is accepted', async () => {
    await activities.record(aNewActivity({ id: 'first' }));
    const scope = { context: { 'workflowrun-ref': 'self' }, root: 'first' };
    http.outcome = { kind: 'postponed', delayMs: 5 };
    for (let repeats = 0; repeats < 5; repeats += 1) await run({}, scope, { repeats });
    await run({}, scope, { attempt: 2 });
    expect(http.calls).toHaveLength(6);

    expect(await run({}, scope)).toMatchObject({ kind: 'postponed' });
    expect(await run({}, scope)).toMatchObject({ code: 'EVENT_TOO_MANY' });
  });

  it('waits on record while the count is not available', async () => {
    activities.outage.begin();

    expect(await run({}, { root: 'first' })).toMatchObject({ kind: 'postponed' });
    expect(http.calls).toEqual([]);
  });

  it('has the outcome of an answer as an http task has', async () => {
    http.outcome = { kind: 'postponed', delayMs: 5 };

    expect(await run()).toBe(http.outcome);
  });
});

describe(hopsOf.name, () => {
  it.each([
    [undefined, 0],
    [3, 3],
    ['3', 3],
    [-1, 0],
    ['many', 0],
    ['1e400', 0],
  ])('reads %j as %j', (flowhops, hops) => {
    const extensions = flowhops === undefined ? {} : { flowhops };

    expect(hopsOf(anEvent({ extensions }))).toBe(hops);
  });

  it('finds it in the event of a webhook whose headers are not passed on', () => {
    const event = anEvent({ extensions: { flowhops: 2 }, data: jsonData({}) });

    expect(hopsOf(event, { query: {}, headers: {} })).toBe(2);
  });

  it.each([
    ['a header', { 'ce-flowhops': '2' }, {}],
    ['a member', {}, { flowhops: 2 }],
  ])('finds it as %s of a webhook', (_what, headers, sent) => {
    const event = anEvent({ data: jsonData(sent) });

    expect(hopsOf(event, { query: {}, headers })).toBe(2);
  });
});
