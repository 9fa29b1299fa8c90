import { jest } from '@jest/globals';
import { keepingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { problemIn, RawSender } from './support/raw-sender.js';
import { newEvent } from './support/sample-event.js';
import { sendBatch, sendStructured, sendWebhook } from './support/send.js';

jest.setTimeout(120_000);

const BODY_BYTES_MAX = 4_194_304;

interface Sent {
  workflow: 'on' | 'off';
  token: 'right' | 'wrong' | 'none';
  contentType: string;
  path: string;
  length: number | undefined;
  isJson: boolean;
  isValid: boolean;
}

interface Fault {
  readonly name: string;
  /** How it is answered, if nothing that is checked before it is wrong. */
  readonly status: number;
  readonly code: string;
  readonly make: (sent: Sent) => void;
  /** Faults that one request can't have together with it. */
  readonly not?: readonly string[];
}

const NO_PATH: Fault = {
  name: 'a path that there is not',
  status: 404,
  code: 'ROUTE_NOT_FOUND',
  make: (sent) => (sent.path = '/listener/nothing'),
};
const NO_TOKEN: Fault = {
  name: 'no token',
  status: 401,
  code: 'TOKEN_MISSING',
  make: (sent) => (sent.token = 'none'),
};
const CONTENT_TYPE: Fault = {
  name: 'a content type that is not taken',
  status: 415,
  code: 'CONTENT_TYPE_UNSUPPORTED',
  make: (sent) => (sent.contentType = 'application/xml'),
};
const LENGTH: Fault = {
  name: 'a declared length that is too large',
  status: 413,
  code: 'BODY_TOO_LARGE',
  make: (sent) => (sent.length = BODY_BYTES_MAX + 1),
};
const WRONG_TOKEN: Fault = {
  name: 'a wrong token',
  status: 403,
  code: 'TOKEN_INVALID',
  make: (sent) => (sent.token = 'wrong'),
  not: [NO_TOKEN.name],
};
const NO_JSON: Fault = {
  name: 'a body that is no JSON',
  status: 400,
  code: 'BODY_NOT_JSON',
  make: (sent) => (sent.isJson = false),
};
const INVALID: Fault = {
  name: 'an event without a type',
  status: 400,
  code: 'EVENT_INVALID',
  make: (sent) => (sent.isValid = false),
  not: [NO_JSON.name],
};
const TRIGGER_OFF: Fault = {
  name: 'a trigger that is off',
  status: 403,
  code: 'TRIGGER_OFF',
  make: (sent) => (sent.workflow = 'off'),
};

/** As in docs/design.md: the first of them that is wrong decides. */
const NAMED_IN_URL = [
  NO_PATH,
  NO_TOKEN,
  CONTENT_TYPE,
  WRONG_TOKEN,
  LENGTH,
  NO_JSON,
  INVALID,
  TRIGGER_OFF,
];
const NAMED_IN_SUBJECT = [
  NO_PATH,
  NO_TOKEN,
  CONTENT_TYPE,
  LENGTH,
  NO_JSON,
  WRONG_TOKEN,
  INVALID,
  TRIGGER_OFF,
];

let system: FlowSystem;
const tokens: Record<Sent['workflow'], string> = { on: '', off: '' };

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
  tokens.on = (await system.api.createWorkflow(keepingWorkflow('on', { id: 'on' }))).token;
  const triggers = { event: { enabled: false }, webhook: { enabled: false } };
  tokens.off = (
    await system.api.createWorkflow(keepingWorkflow('off', { id: 'off', triggers }))
  ).token;
});

afterAll(() => system.stop());

/** Each fault alone, and with each that is checked after it. */
function pairsOf(faults: readonly Fault[]): readonly (readonly [string, Fault, Fault])[] {
  return faults.flatMap((first, at) =>
    faults
      .slice(at)
      .filter(({ not = [] }) => !not.includes(first.name))
      .filter(({ name }) => !(first.not ?? []).includes(name))
      .map((second) => [`${first.name}, before ${second.name}`, first, second] as const),
  );
}

async function answerTo(faults: readonly Fault[], isInUrl: boolean): Promise<unknown> {
  const sent: Sent = {
    workflow: 'on',
    token: 'right',
    contentType: 'application/cloudevents+json',
    path: '/listener/event',
    length: undefined,
    isJson: true,
    isValid: true,
  };
  for (const { make } of faults) make(sent);
  const token = { right: tokens[sent.workflow], wrong: 'bfw_wrong', none: '' }[sent.token];
  const event = newEvent(sent.workflow, sent.isValid ? {} : { type: undefined });
  const body = sent.isJson ? JSON.stringify(event) : `${JSON.stringify(event)} }`;
  const path = isInUrl ? `${sent.path}?ref=${sent.workflow}` : sent.path;
  const sender = new RawSender(system.listenerUrl, token);
  const length = `Content-Length: ${sent.length ?? Buffer.byteLength(body)}`;
  const { contentType } = sent;
  return problemIn(await sender.send([sender.head([length], { path, contentType }), body]));
}

describe('of two faults in one event, the answer names the first in the order of checks', () => {
  it.each(pairsOf(NAMED_IN_URL))('if the URL names the workflow: %s', async (_, first, second) => {
    const { status, code } = first;
    expect(await answerTo([first, second], true)).toMatchObject({ status, code });
  });

  it.each(pairsOf(NAMED_IN_SUBJECT))(
    'if the subject names the workflow: %s',
    async (_, first, second) => {
      const { status, code } = first;
      expect(await answerTo([first, second], false)).toMatchObject({ status, code });
    },
  );
});

it('what names no workflow is told so, also with a wrong token, and the rest of its batch is 403', async () => {
  const { listenerUrl } = system;
  const wrong = { token: 'wrong' };
  const unnamed = newEvent('on', { subject: undefined });

  const alone = await sendStructured(listenerUrl, unnamed, wrong);
  const batch = await sendBatch(listenerUrl, [unnamed, newEvent('on')], wrong);
  const hook = await sendWebhook(listenerUrl, 'on', {}, { ...wrong, path: '/api/v2/webhook' });

  const named = { code: 'EVENT_INVALID', errors: [{ attribute: 'subject' }] };
  expect(alone).toMatchObject({ status: 400, body: named });
  expect(batch).toMatchObject({ status: 400, body: [named, { code: 'TOKEN_INVALID' }] });
  expect(hook).toMatchObject({ status: 400, body: { code: 'WORKFLOW_NOT_NAMED' } });
});
