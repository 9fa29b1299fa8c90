import { jest } from '@jest/globals';
import { chain, httpTask } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { runWorkflow, taskOf } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

/** A retry that does not keep a test waiting. */
const RETRY = { attemptsMax: 3, backoff: 'exponential', delayMs: 20, delayMsMax: 200 };

let system: FlowSystem;
let target: TargetServer;

beforeAll(async () => {
  target = await TargetServer.start();
  system = await FlowSystem.start({ servers: 'shared' });
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

describe('an http task', () => {
  it('calls with an idempotency key of its own and the trace of the request', async () => {
    const workflow = await created('called', [
      httpTask('one', { url: `${target.url}/called` }),
      httpTask('two', { url: `${target.url}/called` }),
    ]);
    target.replyWith(() => ({ status: 200 }));
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

    const activity = await runWorkflow(system, workflow, {}, { traceparent });

    const calls = target.callsTo('/called');
    expect(calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      `${activity.id}:one:1`,
      `${activity.id}:two:1`,
    ]);
    const spans = calls.map(({ headers }) => String(headers['traceparent']).split('-'));
    expect(spans.map(([, trace]) => trace)).toEqual([traceId, traceId]);
    expect(new Set(['b7ad6b7169203331', ...spans.map(([, , span]) => span)]).size).toBe(3);
  });

  it('gets a secret parameter, which is shown nowhere, and keeps what it needs of the answer', async () => {
    const card = '4111-"1111"/1111';
    const workflow = await system.api.createWorkflow({
      name: 'with-a-card',
      params: { card: { type: 'string', secret: true, required: true } },
      tasks: {
        pay: {
          http: {
            method: 'POST',
            url: `${target.url}/pay`,
            body: { card: '$(params.card)' },
            results: { paid: '$.payments[?@.sum > 9].id', with: '$.card' },
          },
        },
        paid: {
          'set-property': { output: 'paid', value: '$(tasks.pay.results.paid[0])' },
          needs: 'pay',
        },
        all: { 'set-property': { output: 'all', value: '$(params.data)' }, needs: 'pay' },
      },
    });
    const payments = [
      { id: 'a', sum: 9 },
      { id: 'b', sum: 10 },
    ];
    target.replyWith(({ body }) => ({ status: 200, body: { ...JSON.parse(body), payments } }));

    const activity = await runWorkflow(system, workflow, { data: { card, note: `with ${card}` } });

    expect(JSON.parse(target.callsTo('/pay')[0]?.body ?? '')).toEqual({ card });
    expect(activity).toMatchObject({
      status: 'succeeded',
      event: { data: { card: '***', note: 'with ***' } },
      results: { paid: 'b', all: { card: '***', note: 'with ***' } },
    });
    expect(taskOf(activity, 'pay')).toMatchObject({ results: { paid: ['b'], with: '***' } });
    expect(JSON.stringify(activity)).not.toContain('1111');
  });

  it('passes files on that the event brought', async () => {
    const workflow = await system.api.createWorkflow({
      name: 'with-files',
      tasks: {
        send: {
          http: {
            url: `${target.url}/files`,
            form: { order: '$(params.order)' },
            files: {
              doc: '$(params.doc)',
              note: { filename: 'note.txt', text: 'of $(params.order)' },
            },
          },
        },
      },
    });
    target.replyWith(() => ({ status: 200 }));
    const doc = {
      filename: 'a.pdf',
      contentType: 'application/pdf',
      sizeBytes: 4,
      base64: 'JVBERg==',
    };

    const activity = await runWorkflow(system, workflow, { data: { order: 'A-7', doc } });

    expect(activity.status).toBe('succeeded');
    const [{ headers, body } = { headers: {}, body: '' }] = target.callsTo('/files');
    const type = String(headers['content-type']);
    const form = await new Response(body, { headers: { 'content-type': type } }).formData();
    expect(form.get('order')).toBe('A-7');
    expect(await (form.get('doc') as File).text()).toBe('%PDF');
    expect(await (form.get('note') as File).text()).toBe('of A-7');
  });

  it('sends the headers of the workflow, each once, whatever their case', async () => {
    const headers = { 'Content-Type': 'application/vnd.test+json', 'X-Of-Author': 'yes' };
    const workflow = await created('headers', [
      httpTask('call', { url: `${target.url}/headers`, method: 'PUT', body: { a: 1 }, headers }),
    ]);
    target.replyWith(() => ({ status: 204 }));

    await runWorkflow(system, workflow);

    const [call] = target.callsTo('/headers');
    expect(call?.headers).toMatchObject({
      'content-type': 'application/vnd.test+json',
      'x-of-author': 'yes',
    });
    expect(call?.headerNames.filter((name) => name === 'content-type')).toHaveLength(1);
  });

  it('sends its own idempotency key, whatever headers the workflow has', async () => {
    const workflow = await created('own-key', [
      httpTask('call', { url: `${target.url}/own-key`, headers: { 'Idempotency-Key': 'mine' } }),
    ]);
    target.replyWith(() => ({ status: 200 }));

    const activity = await runWorkflow(system, workflow);

    const [call] = target.callsTo('/own-key');
    expect(call?.idempotencyKey).toBe(`${activity.id}:call:1`);
  });

  it('is retried with back-off after a transient failure', async () => {
    const workflow = await created('retry', [
      httpTask('call', { url: `${target.url}/retry` }, { retry: RETRY }),
    ]);
    const statuses = [503, 500, 200];
    target.replyWith(() => ({ status: statuses.shift() ?? 200, body: {} }));

    const activity = await runWorkflow(system, workflow);

    expect(activity).toMatchObject({ status: 'succeeded' });
    expect(taskOf(activity, 'call')).toMatchObject({ status: 'succeeded', attempt: 3 });
    expect(target.callsTo('/retry').map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      `${activity.id}:call:1`,
      `${activity.id}:call:2`,
      `${activity.id}:call:3`,
    ]);
  });

  it('fails the run when its attempts are used up', async () => {
    const workflow = await created('used-up', [
      httpTask('call', { url: `${target.url}/used-up` }, { retry: RETRY }),
    ]);
    target.replyWith(() => ({ status: 500, body: { why: 'no reason' } }));

    const activity = await runWorkflow(system, workflow);

    expect(activity).toMatchObject({
      status: 'failed',
      failure: { level: 'task', task: 'call', code: 'HTTP_STATUS' },
    });
    expect(taskOf(activity, 'call')).toMatchObject({ results: { body: { why: 'no reason' } } });
    expect(taskOf(activity, 'end')).toMatchObject({ status: 'skipped' });
    expect(target.callsTo('/used-up')).toHaveLength(3);
  });

  it('is not retried after a definite answer', async () => {
    const workflow = await created('says-no', [
      httpTask('call', { url: `${target.url}/says-no` }, { retry: RETRY }),
    ]);
    target.replyWith(() => ({ status: 404 }));

    const activity = await runWorkflow(system, workflow);

    expect(activity.failure).toMatchObject({ code: 'HTTP_STATUS' });
    expect(target.callsTo('/says-no')).toHaveLength(1);
  });

  it('that takes too long fails its attempt, and keeps its key', async () => {
    const retry = { ...RETRY, attemptsMax: 2 };
    const workflow = await created('timeout', [
      httpTask('call', { url: `${target.url}/timeout` }, { retry, timeoutMs: 2_000 }),
    ]);
    const held = target.hold();

    const activity = await runWorkflow(system, workflow);
    held.release();

    expect(activity).toMatchObject({
      status: 'failed',
      failure: { level: 'task', code: 'TASK_TIMEOUT' },
    });
    expect(taskOf(activity, 'call')).toMatchObject({ status: 'timedout', attempt: 2 });
    const keys = target.callsTo('/timeout').map(({ idempotencyKey }) => idempotencyKey);
    expect(keys).toEqual([`${activity.id}:call:1`, `${activity.id}:call:1`]);
  });

  it('does not call an address that is not public', async () => {
    const workflow = await created('guarded', [
      httpTask('call', { url: 'http://169.254.169.254/latest/meta-data' }),
    ]);

    const activity = await runWorkflow(system, workflow);

    expect(activity.failure).toMatchObject({ level: 'task', code: 'HTTP_ADDRESS_REFUSED' });
  });

  it('with an invalid URL fails', async () => {
    const workflow = await created('no-url', [httpTask('call', { url: '$(params.url)' })]);

    const activity = await runWorkflow(system, workflow, {
      data: { url: 'http://127.0.0.1:99999/' },
    });

    expect(activity.failure).toMatchObject({ level: 'task', code: 'PARAM_INVALID' });
  });
});

function created(
  name: string,
  tasks: readonly Readonly<Record<string, unknown>>[],
): Promise<CreatedWorkflow> {
  return system.api.createWorkflow(chain(name, tasks));
}
