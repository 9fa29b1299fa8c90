import { isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import { CLIENT_ID_CHARS_MAX, OAUTH2_SCOPE_CHARS_MAX } from '../../bounds.js';
import { CLIENT_AUTHENTICATIONS, type ClientCredentials } from '../../state/http-call.js';
import { objectRule, textRule, wordProblem } from '../param-rules.js';
import { type ParamRule } from '../task-behaviour.js';
import { pairsIn } from './headers.js';
import { PLAIN_URL } from './http-params.js';

const MEMBERS: ReadonlyMap<string, ParamRule> = new Map<string, ParamRule>([
  ['tokenUrl', { ...PLAIN_URL, required: true, about: 'Where access tokens are requested.' }],
  ['clientId', textRule('The id of the client.', CLIENT_ID_CHARS_MAX, { required: true })],
  [
    'clientSecret',
    textRule('The secret of the client: $(secrets.name).', CLIENT_ID_CHARS_MAX, {
      required: true,
      secrets: 'only',
    }),
  ],
  ['scope', textRule('The scopes, with blanks between them.', OAUTH2_SCOPE_CHARS_MAX)],
  ['audience', textRule('The service that the token is for.', OAUTH2_SCOPE_CHARS_MAX)],
  [
    'authentication',
    {
      required: false,
      problem: (value) =>
        authenticationIn(value) === undefined
          ? wordProblem(value, CLIENT_AUTHENTICATIONS)
          : undefined,
      about: 'Whether id and secret are sent by HTTP Basic (basic) or in the body (body).',
      schema: { enum: [...CLIENT_AUTHENTICATIONS] },
    },
  ],
]);

export const OAUTH2: ParamRule = objectRule(
  'OAuth 2.0 client credentials, for an access token that the call bears.',
  MEMBERS,
);

/** Of a value that its rule has found to be fine. */
export function readOAuth2(value: JsonValue | undefined): ClientCredentials | undefined {
  if (!isJsonObject(value)) return undefined;
  const text = (name: string): string => textIn(value[name]) ?? '';
  const scope = textIn(value['scope']);
  const audience = textIn(value['audience']);
  return {
    tokenUrl: text('tokenUrl'),
    clientId: text('clientId'),
    clientSecret: text('clientSecret'),
    authentication: authenticationIn(value['authentication'] ?? null) ?? 'basic',
    ...(scope !== undefined && { scope }),
    ...(audience !== undefined && { audience }),
  };
}

/** The problem of parameters in which another credential would take the place of the token; undefined for none. */
export function twoCredentials({ oauth2, headers = {}, url = '' }: JsonObject): string | undefined {
  if (oauth2 === undefined) return undefined;
  const names = (pairsIn(headers) ?? []).map(([name]) => name.toLowerCase());
  if (names.includes('authorization'))
    return `"oauth2" sends an "Authorization" header, so "headers" can't have one`;
  return typeof url === 'string' && /^https?:\/\/[^/?#]*@/i.test(url)
    ? `"oauth2" sends an "Authorization" header, so "url" can't have credentials`
    : undefined;
}

function authenticationIn(value: JsonValue): ClientCredentials['authentication'] | undefined {
  return CLIENT_AUTHENTICATIONS.find((known) => known === value);
}

function textIn(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
