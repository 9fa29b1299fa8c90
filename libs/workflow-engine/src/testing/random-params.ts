import { type JsonObject } from '@app/json';
import { type ParamSpec, type TaskDefinition } from '../definition/definition.js';
import { type RunScope } from '../parameters/find-value.js';
import { aScope } from './builders.js';
import { type SeededRandom } from './seeded-random.js';

/** What the event of a random run brings, as forms and webhooks do; `token` is masked, as for the engine. */
export const GIVEN: JsonObject = {
  choice: 'a',
  count: '4',
  order: {
    items: [
      { name: 'a', price: 5 },
      { name: 'b', price: 20 },
    ],
  },
  token: '***',
};

export const RANDOM_SCOPE: RunScope = aScope(GIVEN, { secretNonce: 'ab'.repeat(16) });

/** References with the segments of JSONPath, to one value or to a list. */
export const PATHS = [
  '$(params.order.items[-1].name)',
  '$(params.order.items[?@.price > 10].name)',
  '$(params.order..name)',
] as const;

export const VALUES = [
  '$(params.choice)',
  '$(params.count)',
  '$(default(params.absent, 0))',
  ...PATHS,
] as const;

/** Declared parameters: of types, secret, and now and then one whose value in `GIVEN` is not valid. */
export function randomParams(random: SeededRandom): readonly ParamSpec[] {
  const all: readonly ParamSpec[] = [
    { name: 'choice', type: 'string', enum: ['a', 'b'], required: true },
    { name: 'count', type: 'integer', min: 1, max: random.chance(0.1) ? 3 : 9, default: '2' },
    { name: 'order', type: 'object' },
    { name: 'token', type: 'string', secret: true },
    { name: 'absent', type: 'number', default: 1.5 },
  ];
  return all.filter(() => random.chance(0.6));
}

/** What an `http` task sends, gets a token with, and takes of the answer. */
export function randomHttpParams(random: SeededRandom): JsonObject {
  const text = { filename: 'a.txt', text: '$(params.choice)' };
  const oauth2 = {
    tokenUrl: 'https://login.example.org/token',
    clientId: 'shop',
    clientSecret: '$(secrets.shop)',
  };
  return {
    ...(random.chance(0.2) && { files: { note: text, data: { base64: 'AAEC' } } }),
    ...(random.chance(0.2) && { form: { count: '$(params.count)', names: PATHS[2] } }),
    ...(random.chance(0.2) && { results: { total: '$.total', names: '$.items[*].name' } }),
    ...(random.chance(0.2) ? { oauth2 } : { headers: { 'X-Token': '$(params.token)' } }),
  };
}

/** Which events of its topic a wait takes: perhaps others than its own, or none, so it has a timeout. */
export function randomFilter(
  name: string,
  random: SeededRandom,
): readonly [params: JsonObject, extras: Pick<TaskDefinition, 'timeoutMs'>] {
  if (!random.chance(0.4)) return [{}, {}];
  const filter = random.pick<JsonObject>(
    { exact: { status: 'succeeded' } },
    { conditions: [{ field: '$.data', operation: 'equals', value: name }] },
  );
  return [{ filter }, { timeoutMs: 1 + random.below(100_000) }];
}
