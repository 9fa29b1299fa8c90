import { type JsonObject, type JsonValue } from '@app/json';
import { validateForm } from '../../definition-forms/validate-forms.js';
import { requirementsOf } from '../../requirements.js';
import { resolveParams } from '../../parameters/resolve.js';
import { aScope, aTaskContext } from '../../testing/builders.js';
import { fakePatterns } from '../../testing/fake-patterns.js';
import { paramTemplates } from '../param-templates.js';
import { BUILT_IN_TASKS } from '../task-behaviours.js';
import { http } from './http.js';

const NONCE = 'ab'.repeat(16);
const OAUTH2 = {
  tokenUrl: 'https://login.example/token',
  clientId: 'shop',
  clientSecret: '$(secrets.shop)',
};

function validated(oauth2: JsonValue, more: JsonObject = {}): ReturnType<typeof validateForm> {
  const params = { url: 'https://api.example/', ...more, oauth2 };
  return validateForm({ tasks: { call: { http: params } } }, fakePatterns, BUILT_IN_TASKS);
}

function problemsOf(oauth2: JsonValue, more?: JsonObject): readonly string[] {
  const validation = validated(oauth2, more);
  const problems = validation.kind === 'valid' ? [] : validation.problems;
  return problems.map(({ path, detail }) => `${path ?? ''}: ${detail}`);
}

/** The call of a task that is written so, in a run with these parameters. */
function callOf(oauth2: JsonObject, params: JsonObject = {}): unknown {
  const written = { url: 'https://api.example/', oauth2 };
  const list = Object.entries(written).map(([name, value]) => ({ name, value }));
  const { ordered } = paramTemplates(list, '', () => undefined, http);
  const scope = { ...aScope(params), secretNonce: NONCE };
  const resolution = resolveParams(ordered, {
    scope,
    given: params,
    defaults: {},
    tasks: {},
    secretParams: new Set(),
    pathStepsMax: 1_000,
  });
  if (resolution.kind !== 'resolved') return resolution;
  const reached = http.reach(resolution.params, aTaskContext());
  return reached.kind === 'effect' ? reached.effect.params : reached;
}

describe('oauth2 of an http task', () => {
  it('has the secret as a mark, and authenticates with Basic unless it says otherwise', () => {
    const mark = `${NONCE}.shop.`;

    expect(callOf(OAUTH2)).toMatchObject({
      oauth2: { ...OAUTH2, clientSecret: mark, authentication: 'basic' },
    });
    const more = { scope: 'a b', audience: 'https://api.example/', authentication: 'body' };
    expect(callOf({ ...OAUTH2, ...more })).toMatchObject({
      oauth2: { ...OAUTH2, ...more, clientSecret: mark },
    });
  });

  it('encodes what a reference brings into the URL of tokens', () => {
    const oauth2 = { ...OAUTH2, tokenUrl: 'https://login.example/$(params.tenant)/token' };

    expect(problemsOf(oauth2)).toEqual([]);
    expect(callOf(oauth2, { tenant: 'a/../b?c' })).toMatchObject({
      oauth2: { tokenUrl: 'https://login.example/a%2F..%2Fb%3Fc/token' },
    });
    expect(callOf(oauth2, { tenant: '..' })).toMatchObject({ code: 'PARAM_INVALID' });
  });

  it('is checked again with the values of the run', () => {
    expect(callOf({ ...OAUTH2, authentication: '$(params.how)' }, { how: 'mtls' })).toEqual({
      kind: 'invalid',
      param: 'oauth2',
      detail: 'must have a valid "authentication", which must be one of basic, body',
    });
  });

  it.each<readonly [string, JsonValue, string]>([
    [
      'a secret in plain text',
      { ...OAUTH2, clientSecret: 'abc' },
      '.clientSecret: must be a secret',
    ],
    ['a secret of the event', { ...OAUTH2, clientSecret: '$(params.s)' }, '.clientSecret: must be'],
    ['a secret in a text', { ...OAUTH2, clientSecret: 'a$(secrets.s)' }, '.clientSecret: must be'],
    ['a secret elsewhere', { ...OAUTH2, clientId: '$(secrets.s)' }, '.clientId: $(secrets.s): a'],
    ['a secret in its URL', { ...OAUTH2, tokenUrl: 'https://x/$(secrets.s)' }, '.tokenUrl: $('],
    [
      'no client',
      { tokenUrl: 'https://x/', clientSecret: '$(secrets.s)' },
      'needs a member "clientId"',
    ],
    ['a misspelt member', { ...OAUTH2, scpoe: 'a' }, 'scope'],
    ['a URL that is none', { ...OAUTH2, tokenUrl: 'login' }, '.tokenUrl: must be an http'],
    ['an unknown way', { ...OAUTH2, authentication: 'boddy' }, 'body'],
    ['a reference', '$(params.oauth2)', 'must be written out as an object'],
    ['a text', 'shop', 'must be written out as an object'],
  ])('is refused with %s', (_what, oauth2, problem) => {
    expect(problemsOf(oauth2)).toEqual([expect.stringContaining(problem)]);
    expect(problemsOf(oauth2)[0]).toMatch(/^tasks\.call\.http\.oauth2/);
  });

  it.each<readonly [string, JsonObject]>([
    ['a header', { headers: { authorization: '$(params.x)' } }],
    ['a listed header', { headers: [{ name: 'Authorization', value: 'Bearer x' }] }],
    ['the URL', { url: 'https://me:$(secrets.x)@api.example/' }],
  ])('is refused beside the credentials of %s', (_where, more) => {
    expect(problemsOf(OAUTH2, more)).toEqual([expect.stringContaining('"Authorization"')]);
    const given = { url: 'https://api.example/', ...more, oauth2: OAUTH2 };
    expect(http.reach(given, aTaskContext())).toMatchObject({ kind: 'invalid', param: 'oauth2' });
  });

  it('is left alone by executors that do not know it', () => {
    const validation = validated(OAUTH2);

    const definition = validation.kind === 'valid' ? validation.definition : { tasks: [] };
    expect(requirementsOf(definition)).toContain('language:4');
  });
});
