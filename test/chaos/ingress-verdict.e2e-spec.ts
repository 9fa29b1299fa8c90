import { type ActivityView } from '../support/flow-api.js';
import { type IngressEvidence, ingressProblems, exchangesIn } from './ingress-verdict.js';
import { INTRUSIONS, type Intrusion } from './intrusion.js';
import { type Exchange } from './request-log.js';

const ACCEPTED: Exchange = {
  who: 'sender',
  workflowId: 'w',
  sentAt: 20,
  endedAt: 30,
  status: 202,
  retryAfter: false,
  replayed: false,
};
const REFUSED_FOR_NOW: Exchange = { ...ACCEPTED, status: 503, retryAfter: true };

const TURNED_AWAY: readonly Exchange[] = Object.entries(INTRUSIONS).map(([who, status]) => ({
  ...ACCEPTED,
  who: who as Intrusion,
  status,
}));

const REJECTED_REQUEST: ActivityView = {
  id: 'r',
  workflowId: 'w',
  status: 'failed',
  createdAt: '2020-04-05T17:31:00.000Z',
  tasks: [],
  results: {},
  failure: { level: 'workflow', code: 'TOKEN_INVALID', message: '' },
  refusal: { count: 3 },
};

function broken(changes: Partial<IngressEvidence>): readonly string[] {
  return ingressProblems({
    exchanges: TURNED_AWAY,
    outages: [],
    activities: [REJECTED_REQUEST],
    ...changes,
  });
}

/** With more answers to a sender, and to intruders. */
function answered(...more: readonly Partial<Exchange>[]): Partial<IngressEvidence> {
  return { exchanges: [...TURNED_AWAY, ...more.map((change) => ({ ...ACCEPTED, ...change }))] };
}

function without(
  of: IngressEvidence['outages'][number]['of'],
  ...more: readonly Exchange[]
): Partial<IngressEvidence> {
  return { ...answered(...more), outages: [{ of, from: 10, to: 40 }] };
}

function rejectedRequestWith(changes: Partial<ActivityView>): Partial<IngressEvidence> {
  return { activities: [REJECTED_REQUEST, { ...REJECTED_REQUEST, ...changes }] };
}

describe(ingressProblems.name, () => {
  it.each<[string, Partial<IngressEvidence>]>([
    ['intruders are rejected', {}],
    ['intruders are told to come again', answered({ who: 'a wrong token', ...later(503) })],
    ['nobody answers an intruder', answered({ who: 'no token', status: undefined })],
    ['senders are told when to come again', answered(later(503), later(429))],
    ['events are accepted without MongoDB', without('mongodb', ACCEPTED, REFUSED_FOR_NOW)],
    ['events are accepted without NATS', without('nats', ACCEPTED)],
    ['none is accepted without both', without('both', REFUSED_FOR_NOW)],
    [
      'an event was accepted just before both were gone',
      without('both', REFUSED_FOR_NOW, { ...ACCEPTED, sentAt: 9 }),
    ],
  ])('finds nothing where %s', (_what, changes) => {
    expect(broken(changes)).toEqual([]);
  });

  it.each<[string, Partial<IngressEvidence>, string]>([
    [
      'a 503 that does not say when to come again',
      answered({ status: 503 }),
      'sender was answered 503 without Retry-After',
    ],
    [
      'a 429 to an intruder that does not say so',
      answered({ who: 'no token', status: 429 }),
      'no token was answered 429 without Retry-After',
    ],
    ['a server that broke', answered({ status: 500 }), 'sender was answered 500'],
    [
      'an ingress that shuts without MongoDB',
      without('mongodb', REFUSED_FOR_NOW),
      'no event was acc',
    ],
    ['an ingress that shuts without NATS', without('nats'), 'nats was down for 0.03 s'],
    ['a receipt for nothing', without('both', REFUSED_FOR_NOW, ACCEPTED), '1 events were accepted'],
    ['silence without both', without('both'), 'nobody was told'],
    [
      'an intruder that got in',
      answered({ who: 'a wrong token' }),
      'a wrong token was answered 202',
    ],
    [
      'an intruder that is told more than it should',
      answered({ who: 'an unknown workflow', status: 404 }),
      'an unknown workflow was answered 404',
    ],
    [
      'a missing token that is taken for a wrong one',
      answered({ who: 'no token', status: 403 }),
      'no token was answered 403',
    ],
    [
      'a way that nobody tried',
      { exchanges: TURNED_AWAY.filter(({ who }) => who !== "another workflow's token") },
      "another workflow's token was never rejected",
    ],
    [
      'a rejected request that is not on record',
      { activities: [] },
      'no rejected request of workflow w',
    ],
    [
      'a rejected request that ran',
      rejectedRequestWith({ status: 'succeeded' }),
      'rejected request r is succeeded',
    ],
    [
      'a rejected request with a task',
      rejectedRequestWith({ tasks: [{ name: 'call', status: 'succeeded' }] }),
      'more than a rejected request',
    ],
    [
      'a rejected request that failed of something else',
      rejectedRequestWith({ failure: { level: 'task', code: 'HTTP_STATUS', message: '' } }),
      'more than a rejected request',
    ],
  ])('finds %s', (_what, changes, problem) => {
    const problems = broken(changes);
    expect(problems.some((text) => text.includes(problem))).toBe(true);
  });
});

describe(exchangesIn.name, () => {
  it('leaves out requests that began before, ended after, or came from an attacker', () => {
    const exchanges: readonly Exchange[] = [
      ACCEPTED,
      { ...ACCEPTED, sentAt: 9 },
      { ...ACCEPTED, endedAt: 41 },
      { ...ACCEPTED, who: 'no token' },
    ];

    expect(exchangesIn({ from: 10, to: 40 }, exchanges)).toEqual([ACCEPTED]);
  });
});

function later(status: number): Partial<Exchange> {
  return { status, retryAfter: true };
}
