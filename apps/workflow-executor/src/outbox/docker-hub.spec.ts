import { anEvent, jsonData } from '@app/events/testing';
import { type JsonValue } from '@app/json';
import { NOW } from '@app/persistence/testing';
import { type Advance } from '@app/workflow-engine';
import { answerDockerHub } from './answer-docker-hub.js';
import { DockerHubDelivery, type Posted } from './docker-hub-delivery.js';
import { type EntryFacts } from './status-entries.js';

const HUB =
  'https://registry.hub.docker.com/u/svendowideit/busybox/hook/2141bc0cdec4hebec411i4c1g40242eg110020/';
const STEP: Advance = {
  state: {
    status: 'running',
    startedAt: NOW,
    tasks: {},
    results: {},
  } as unknown as Advance['state'],
  effects: [],
  outbox: [],
};

function told(url: JsonValue, more: Partial<EntryFacts> = {}, hosts = ['registry.hub.docker.com']) {
  const event = { ...anEvent(), data: jsonData({ callback_url: url }) };
  const origin: EntryFacts = { trigger: 'dockerhub', event, ...more };
  return answerDockerHub(hosts)({ outbox: [] }, STEP, NOW, origin).outbox;
}

describe(answerDockerHub, () => {
  it('answers the callback URL with the first step only', () => {
    expect(told(HUB)).toMatchObject([{ kind: 'docker-hub', payload: { url: HUB } }]);
    const { event } = { event: { ...anEvent(), data: jsonData({ callback_url: HUB }) } };
    const later = { state: STEP.state, outbox: [] };
    const tell = answerDockerHub(['registry.hub.docker.com']);

    expect(tell(later, STEP, NOW, { trigger: 'dockerhub', event })).toBe(STEP);
  });

  it.each<[string, { url: JsonValue; more?: Partial<EntryFacts>; hosts?: string[] }]>([
    ['a host that is not Docker Hub', { url: 'https://evil.example/hook' }],
    ['a host that ends like it', { url: 'https://registry.hub.docker.com.evil.example/hook' }],
    ['credentials in the URL', { url: 'https://a:b@registry.hub.docker.com/hook' }],
    ['another protocol', { url: 'file://registry.hub.docker.com/etc/passwd' }],
    ['no URL', { url: 'hook' }],
    ['no text', { url: 7 }],
    ['a URL that is too long', { url: `${HUB}${'x'.repeat(2_048)}` }],
    ['an event that came by another trigger', { url: HUB, more: { trigger: 'webhook' } }],
    ['an activity without an event', { url: HUB, more: { event: undefined } }],
    ['any host while it is off', { url: HUB, hosts: [] }],
  ])('does not call %s', (_what, { url, more, hosts }) => {
    expect(told(url, more, hosts)).toEqual([]);
  });

  it('calls other hosts that are allowed, in any case', () => {
    expect(told('http://hub.example:8080/h', {}, ['Hub.Example'])).toHaveLength(1);
    expect(told('http://hub.example/h', {}, ['*'])).toHaveLength(1);
  });
});

const DAY_MS = 24 * 3_600_000;

/** Docker Hub as far as a callback sees it. */
function aHub(answers: Posted[], now = NOW) {
  const received: string[] = [];
  const delivery = new DockerHubDelivery(
    (url, json) => {
      received.push(`${url.href} ${json}`);
      return Promise.resolve(answers.shift() ?? { kind: 'answered', status: 200 });
    },
    () => now,
  );
  return { delivery, received };
}

const origin = { id: 'a1' } as Parameters<DockerHubDelivery['deliver']>[1];
const entry = {
  id: '1',
  kind: 'docker-hub',
  key: 'docker-hub',
  payload: { url: HUB },
  createdAt: NOW,
};
const never = new AbortController().signal;
const failed = {
  kind: 'failed',
  code: 'HTTP_UNREACHABLE',
  message: 'gone',
  retryable: true,
} as const;

describe(DockerHubDelivery, () => {
  it('reports that the event is recorded, and its address', async () => {
    const { delivery, received } = aHub([]);

    expect(await delivery.deliver(entry, origin, never)).toEqual({ kind: 'delivered' });
    expect(received).toEqual([
      `${HUB} {"state":"success","description":"Accepted as activity a1","context":"Flow Eventing"}`,
    ]);
  });

  it.each<[Posted, string]>([
    [{ kind: 'answered', status: 503 }, 'again'],
    [{ kind: 'answered', status: 429 }, 'again'],
    [failed, 'again'],
    [{ kind: 'answered', status: 404 }, 'refused'],
    [{ kind: 'answered', status: 302 }, 'refused'],
    [{ ...failed, code: 'HTTP_ADDRESS_REFUSED', retryable: false }, 'refused'],
  ])('after %j is %s', async (posted, expected) => {
    const { kind } = await aHub([posted]).delivery.deliver(entry, origin, never);

    expect(kind).toBe(expected);
  });

  it('gives up after a day', async () => {
    const { delivery } = aHub([failed], NOW + DAY_MS + 1);

    expect(await delivery.deliver(entry, origin, never)).toMatchObject({ kind: 'refused' });
  });
});
