import { FlowError } from '@app/errors';
import { type Headers } from '@app/events';
import fc from 'fast-check';
import { anyText } from '@app/errors/testing';
import { readFormBody } from '../ingress/webhooks/form-body.js';
import { readWebhookBody } from '../ingress/webhooks/webhook-body.js';
import { SAMPLES } from './testing/samples.js';
import { WEBHOOK_PROVIDERS } from './webhook-providers.js';

const LIMITS = { nestingMax: 64, membersMax: 10_000, batchEventsMax: 1 };
const NAMES = [...new Set(SAMPLES.flatMap(({ headers }) => Object.keys(headers('x'))))];

const text = anyText({ maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const headers: fc.Arbitrary<Headers> = fc.dictionary(
  fc.constantFrom(...NAMES),
  fc.oneof(
    text,
    fc.constantFrom('', 'ping', 'v0=', 'sha256=', 't=1,v1=', 'v1,', 'diagnostics:ping'),
  ),
  { noNullPrototype: true },
);
/** A sample of which one part is changed. */
const nearlyValid = fc
  .tuple(fc.constantFrom(...SAMPLES), fc.nat(), text, headers, fc.boolean())
  .map(([sample, at, inserted, others, isWhole]) => {
    const place = at % (sample.body.length + 1);
    const rest = sample.body.slice(isWhole ? place : place + 1);
    const body = Buffer.from(sample.body.slice(0, place) + inserted + rest);
    return { body, headers: { ...sample.headers(sample.signature), ...others } };
  });
const anyRequest = fc.oneof(nearlyValid, fc.record({ body: bytes, headers }));

describe.each(WEBHOOK_PROVIDERS.map((provider) => [provider.name, provider] as const))(
  '%s',
  (_name, provider) => {
    it('accepts or rejects any request, and never fails with a defect', () => {
      let read = 0;
      fc.assert(
        fc.property(anyRequest, text, (request, secret) => {
          const signed = { bytes: request.body, headers: request.headers };
          const options = { header: 'x-signed', timestampHeader: 'x-time', prefix: 'v0=' };
          const verified = provider.verify?.({
            ...signed,
            secret: { text: secret, options },
            now: 0,
            ageMsMax: 1_000,
          });
          expect([true, false, undefined]).toContain(verified);
          if (expectRead(request.body, request.headers)) read += 1;
        }),
        { numRuns: 1_500 },
      );
      expect(read).toBeGreaterThan(50);
    });

    function expectRead(body: Buffer, sent: Headers): boolean {
      try {
        const data = sent['content-type']?.includes('form')
          ? readFormBody(body, LIMITS).data
          : readWebhookBody({ 'content-type': 'text/plain', ...sent }, body, LIMITS);
        const facts = { workflowId: 'w', options: {}, requestId: 'r', now: 0, eventsMax: 2 };
        const reading = provider.read({ ...facts, data, headers: sent });
        return reading.kind === 'check' || reading.events.every(({ id }) => id !== '');
      } catch (error) {
        if (!(error instanceof FlowError)) throw error;
        expect(error.kind).toBe('invalid');
        return false;
      }
    }
  },
);
