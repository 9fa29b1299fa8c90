import { type JsonObject } from '@app/json';
import { aTaskContext } from '../testing/builders.js';
import { waitForEvent } from './wait-for-event.js';
import { invalidParam } from './task-behaviour.js';
import { BUILT_IN_TASKS } from './task-behaviours.js';

/** Parameters with which a task of each type is valid. */
const VALID: Readonly<Record<string, JsonObject>> = {
  start: {},
  end: {},
  decision: { value: 'a' },
  'set-property': { output: 'a', value: 1 },
  'set-status': { status: 'failed' },
  http: { url: 'https://example.org' },
  sleep: { duration: '1s' },
  'wait-for-event': { topic: 'paid' },
  'acquire-lock': { key: 'door' },
  'release-lock': { key: 'door' },
  'run-workflow': { workflow: 'child' },
  'run-scheduled-workflow': { workflow: 'child', in: '1d' },
  map: { over: [1], workflow: 'child' },
  approval: {},
  manual: {},
  script: { source: 'return 1' },
  event: { url: 'https://example.org', type: 'a' },
  template: { queue: 'work' },
  custom: { queue: 'work' },
  generic: { queue: 'work' },
};
const TYPES = [...BUILT_IN_TASKS].map(([type, behaviour]) => {
  const optional = [...behaviour.params].filter(([, rule]) => rule.problem(null) !== undefined);
  return { type, behaviour, noNull: optional.map(([param]) => param) };
});

describe('a parameter that a reference makes null', () => {
  it.each(TYPES)('is not taken for one that is left out ($type)', ({ type, behaviour, noNull }) => {
    const valid = VALID[type] ?? {};
    expect(behaviour.reach(valid, aTaskContext())).not.toHaveProperty('kind', 'invalid');

    const reached = noNull.map((param) =>
      behaviour.reach({ ...valid, [param]: null }, aTaskContext()),
    );

    expect(reached).toMatchObject(noNull.map((param) => ({ kind: 'invalid', param })));
  });

  it('is fine where any value is', () => {
    expect(
      invalidParam(
        { ...VALID['script'], input: null },
        BUILT_IN_TASKS.get('script')?.params ?? new Map(),
      ),
    ).toBeUndefined();
    expect(
      invalidParam(
        { ...VALID['http'], body: null },
        BUILT_IN_TASKS.get('http')?.params ?? new Map(),
      ),
    ).toBeUndefined();
  });
});

describe('a text that a reference makes of half a surrogate pair', () => {
  it.each(['topic', 'correlationKey'])('is no %s, because no event can have it', (param) => {
    const reached = waitForEvent.reach({ topic: 'paid', [param]: 'a\udc00' }, aTaskContext());

    expect(reached).toMatchObject({ kind: 'invalid', param });
  });
});
