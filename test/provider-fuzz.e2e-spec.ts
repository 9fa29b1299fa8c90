import { jest } from '@jest/globals';
import fc from 'fast-check';
import { anyText } from '@app/errors/testing';
import { SAMPLES } from '../apps/listener/src/providers/testing/samples.js';
import { WEBHOOK_PROVIDERS } from '../apps/listener/src/providers/webhook-providers.js';
import { ask } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { rawRequest, requestHead } from './support/raw-request.js';

jest.setTimeout(300_000);

/** Of one provider, whichever comes first. */
const REQUESTS = 120;
const MS_MAX = 6_000;

const ALL_ON = { event: { enabled: true }, webhook: { enabled: true }, github: { enabled: true } };
const TRIGGERS = { ...ALL_ON, slack: { enabled: true }, dockerhub: { enabled: true } };
const HEADERS = [...new Set(SAMPLES.flatMap(({ headers }) => Object.keys(headers('x'))))];
const ODD_VALUES = ['', 'ping', 'v0=', 'sha256=', 't=1,v1=', 'v1,', '\xff', 'a, b', '"', '%00'];

let system: FlowSystem;
/** One whose senders have a token, and one whose senders sign. */
let open: CreatedWorkflow;
let signed: CreatedWorkflow;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
  const definition = (name: string): Record<string, unknown> => ({
    ...keepingWorkflow(name),
    triggers: TRIGGERS,
  });
  open = await system.api.createWorkflow(definition('fuzz-open'));
  signed = await system.api.createWorkflow(definition('fuzz-signed'));
  for (const { provider, secret } of firstOfEach()) {
    await ask(`${system.executorUrl}/api/v2/workflows/${signed.id}/secrets`, {
      method: 'POST',
      token: system.adminToken,
      body: { label: provider, provider, secret },
    });
  }
});

afterAll(() => system.stop());

function firstOfEach(): readonly (typeof SAMPLES)[number][] {
  return SAMPLES.filter(
    ({ provider }, at) => SAMPLES.findIndex((one) => one.provider === provider) === at,
  );
}

interface Fuzzed {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  readonly isSigned: boolean;
  readonly hasToken: boolean;
}

const text = anyText({ maxLength: 40 });
const others = fc.array(
  fc.tuple(fc.constantFrom(...HEADERS), fc.oneof(text, fc.constantFrom(...ODD_VALUES))),
  { maxLength: 3 },
);

/** A sample of the provider with a part of it changed, or bytes with some of the headers that providers look at. */
function requestsOf(provider: string): fc.Arbitrary<Fuzzed> {
  const samples = SAMPLES.filter((sample) => sample.provider === provider);
  const bytes = fc.record({
    headers: others,
    body: fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  });
  const flags = { isSigned: fc.boolean(), hasToken: fc.boolean() };
  const any = samples.length === 0 ? bytes : fc.oneof(nearlyValid(samples), bytes);
  return fc.tuple(any, fc.record(flags)).map(([request, how]) => ({ ...request, ...how }));
}

function nearlyValid(samples: typeof SAMPLES): fc.Arbitrary<Pick<Fuzzed, 'headers' | 'body'>> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.nat(), text, others, fc.nat(3))
    .map(([sample, at, inserted, more, cut]) => {
      const place = at % (sample.body.length + 1);
      const changed = sample.body.slice(0, place) + inserted + sample.body.slice(place + cut);
      const own = Object.entries(sample.headers(sample.signature));
      const headers = own.map(([name, value]) => [name, String(value)] as const);
      return { headers: [...headers, ...more], body: Buffer.from(changed) };
    });
}

async function send(provider: string, { headers, body, isSigned, hasToken }: Fuzzed) {
  const { id, token } = isSigned ? signed : open;
  // First, so that the connection ends whatever the values do to the lines after it.
  const head = requestHead('POST', `/api/v2/webhook/${provider}?ref=${id}`, [
    'Connection: close',
    `Content-Length: ${body.length}`,
    ...(hasToken ? [`Authorization: Bearer ${token}`] : []),
    ...headers.map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, ' ')}`),
  ]);
  return rawRequest(system.listenerUrl, [Buffer.concat([Buffer.from(head, 'latin1'), body])]);
}

describe.each(WEBHOOK_PROVIDERS.map(({ name }) => name))('%s over HTTP', (provider) => {
  it('answers any input, and never with 500', async () => {
    const statuses = new Map<number, number>();
    // What fails prints the seed and the path that repeat it.
    await fc.assert(
      fc.asyncProperty(requestsOf(provider), async (request) => {
        const { status } = await send(provider, request);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        // 503 is a store that is busy with other tests.
        if (status !== 503) expect(status).toBeLessThan(500);
        expect(status).toBeGreaterThanOrEqual(200);
      }),
      { numRuns: REQUESTS, interruptAfterTimeLimit: MS_MAX },
    );

    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  });
});
