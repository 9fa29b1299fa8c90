import { SigningKeys } from '@app/signing';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { natsUrl } from '../tools/servers/nats-server.mjs';
import { type Answer } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { NatsPublisher } from './support/nats-publisher.js';
import { type DeadLetterRecord, Records } from './support/records.js';
import { newEvent } from './support/sample-event.js';

jest.setTimeout(300_000);

const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
const STREAM = 'FLOW_EVENTS';

let system: FlowSystem;
let workflow: CreatedWorkflow;
let publisher: NatsPublisher;
let records: Records;

beforeAll(async () => {
  system = await FlowSystem.start();
  publisher = await NatsPublisher.connect(natsUrl(system.nats.port));
  records = new Records(system.mongodbUrl);
});

afterAll(async () => {
  await records.close();
  await publisher.close();
  await system.stop();
});

let created = 0;

beforeEach(async () => {
  created += 1;
  workflow = await system.api.createWorkflow(keepingWorkflow(`published-${created}`));
});

describe('an event that a service publishes past the ingress', () => {
  it.each(['structured', 'binary'] as const)(
    'runs with a token of its workflow (%s), which is not stored',
    async (mode) => {
      await publish(mode, { token: workflow.token });

      const [activity] = await untilActivities(1);
      expect(await system.api.untilFinal(activity?.id ?? '')).toMatchObject({
        status: 'succeeded',
        results: { kept: 'value' },
      });
      await untilStreamIsEmpty();
      expect(await records.collectionsWith(workflow.token)).toEqual([]);
      expect((await system.logs()).includes(workflow.token)).toBe(false);
    },
  );

  it('starts its workflow once, however often it is published', async () => {
    const event = newEvent(workflow.id, { token: workflow.token });
    await Promise.all(Array.from({ length: 20 }, () => publishEvent(event)));
    await untilStreamIsEmpty();

    expect(await system.api.activities(workflow.id)).toHaveLength(1);
  });

  it('is authorized when an executor takes it: a token that was deleted meanwhile is refused', async () => {
    const { tokens } = (await asAdmin('')).body as { tokens: readonly { readonly id: string }[] };
    await asAdmin(`/tokens/${tokens[0]?.id ?? ''}`, 'DELETE');

    await publish('structured', { token: workflow.token });

    expect(await untilRefused()).toMatchObject({ failure: { code: 'TOKEN_INVALID' } });
    expect(await untilDeadLetterOf(workflow.id)).toMatchObject({ code: 'TOKEN_INVALID' });
    expect(await system.api.activities(workflow.id)).toEqual([]);
    expect(await records.collectionsWith(workflow.token)).toEqual([]);
  });

  it.each([
    ['a wrong token', 'bfw_wrong'],
    ['no token', undefined],
  ])('is rejected with %s, which is recorded, and starts nothing', async (_what, token) => {
    await publish('structured', { token });

    const rejected = await untilRefused();
    expect(rejected).toMatchObject({
      status: 'failed',
      failure: { level: 'workflow', code: token === undefined ? 'TOKEN_MISSING' : 'TOKEN_INVALID' },
    });
    await untilStreamIsEmpty();
    expect(await records.collectionsWith('bfw_wrong')).toEqual([]);
  });

  it.each(['structured', 'binary'] as const)(
    'is recorded without its token when its trigger is off (%s)',
    async (mode) => {
      workflow = await system.api.createWorkflow(
        keepingWorkflow(`switched-off-${mode}`, { triggers: { event: { enabled: false } } }),
      );
      await publish(mode, { token: workflow.token });

      const rejected = await untilRefused();
      expect(rejected).toMatchObject({ status: 'failed', failure: { code: 'TRIGGER_OFF' } });
      await untilStreamIsEmpty();
      expect(await records.collectionsWith(workflow.token)).toEqual([]);
    },
  );

  it('becomes a dead letter without its token when it is no valid event', async () => {
    await publish('structured', { token: workflow.token, source: '' });
    const letter = await untilDeadLetterOf(workflow.id);

    expect(letter).toMatchObject({ code: 'EVENT_INVALID' });
    expect(letter.payload).toContain(`"subject":"/${workflow.id}"`);
    expect(await records.collectionsWith(workflow.token)).toEqual([]);
  });
});

describe('a message that cannot be parsed', () => {
  it('becomes a dead letter with its bytes and the reason, and does not delay the messages behind it', async () => {
    await publisher.publish(subject(), '{"specversion":"1.0", no json', STRUCTURED);
    await publish('structured', { token: workflow.token });

    const [activity] = await untilActivities(1);
    expect(await system.api.untilFinal(activity?.id ?? '')).toMatchObject({ status: 'succeeded' });
    const letter = await untilDeadLetterOf(workflow.id);
    expect(letter).toMatchObject({
      code: 'BODY_NOT_JSON',
      payload: '{"specversion":"1.0", no json',
    });
    expect(letter.reason).not.toBe('');
  });
});

describe('a dispatch', () => {
  it.each([
    ['signed with another secret', 'x'.repeat(32)],
    ['without a signature', undefined],
  ])('%s becomes a dead letter, and starts nothing', async (_what, secret) => {
    const payload = JSON.stringify(newEvent(workflow.id));
    const facts = JSON.stringify({
      activityId: 'a'.repeat(64),
      workflowId: workflow.id,
      workflowRevision: 1,
      trigger: 'event',
      acceptedAt: Date.now(),
      recorded: false,
    });
    await publisher.publish(subject(), payload, {
      ...STRUCTURED,
      'flow-dispatch': facts,
      ...(secret !== undefined && { 'flow-signature': signatureOf(facts, payload, secret) }),
    });

    expect(await untilDeadLetterOf(workflow.id)).toMatchObject({
      code: 'DISPATCH_SIGNATURE_INVALID',
    });
    expect(await system.api.activities(workflow.id)).toEqual([]);
  });

  it('has no effect when its payload is not the one that was signed', async () => {
    const signed = JSON.stringify(newEvent(workflow.id));
    const facts = JSON.stringify({ workflowId: workflow.id });
    await publisher.publish(subject(), JSON.stringify(newEvent(workflow.id)), {
      ...STRUCTURED,
      'flow-dispatch': facts,
      'flow-signature': signatureOf(facts, signed, system.internalSecret),
    });

    expect(await untilDeadLetterOf(workflow.id)).toMatchObject({
      code: 'DISPATCH_SIGNATURE_INVALID',
    });
    expect(await system.api.activities(workflow.id)).toEqual([]);
  });
});

function asAdmin(path: string, method = 'GET'): Promise<Answer> {
  return system.asAdmin(`/api/v2/workflows/${workflow.id}${path}`, { method });
}

function subject(): string {
  return `flow.event.${workflow.id}`;
}

async function publish(
  mode: 'structured' | 'binary',
  changes: Readonly<Record<string, unknown>>,
): Promise<void> {
  const event = newEvent(workflow.id, changes);
  if (mode === 'structured') await publishEvent(event);
  else await publishBinary(event);
}

async function publishEvent(event: Readonly<Record<string, unknown>>): Promise<void> {
  await publisher.publish(subject(), JSON.stringify(event), STRUCTURED);
}

async function publishBinary({
  data,
  ...attributes
}: Readonly<Record<string, unknown>>): Promise<void> {
  const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]);
  await publisher.publish(
    subject(),
    JSON.stringify(data),
    Object.fromEntries(headers) as Record<string, string>,
  );
}

function signatureOf(facts: string, payload: string, secret: string): string {
  return new SigningKeys(secret).sign('dispatch', [facts, payload]);
}

function untilRefused(): Promise<ActivityView> {
  return waitFor('a rejected request', async () => {
    const [refused] = await system.api.refused(workflow.id);
    return refused;
  });
}

function untilActivities(count: number): Promise<readonly ActivityView[]> {
  return waitFor(`${count} activities`, async () => {
    const activities = await system.api.activities(workflow.id);
    return activities.length === count ? activities : undefined;
  });
}

async function untilStreamIsEmpty(): Promise<void> {
  await waitFor('the stream to be empty', async () =>
    (await publisher.messagesIn(STREAM)) === 0 ? true : undefined,
  );
}

function untilDeadLetterOf(workflowId: string): Promise<DeadLetterRecord> {
  return waitFor('the dead letter', async () => {
    const letters = await records.deadLetters();
    return letters.find((letter) => letter.subject === `flow.event.${workflowId}`);
  });
}
