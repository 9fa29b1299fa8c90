import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { ProjectTexts } from './support/project-texts.js';
import { runWorkflow } from './support/run-workflow.js';

jest.setTimeout(300_000);

const OF_EVENTS = /\/events?$/;
const OF_CALLBACKS = /\/(?:wfe|callback)$/;
/** Here the token alone selects the workflows, so there is no other one. */
const FOR_ALL = '/api/v2/events';

interface Route {
  readonly method: string;
  readonly path: string;
}

/** What a request names: things that exist, or unknown ones. */
interface Named {
  readonly workflow: string;
  readonly activity: string;
}

const UNKNOWN: Named = { workflow: 'nobody', activity: 'f'.repeat(64) };

let system: FlowSystem;
let workflow: CreatedWorkflow;
let other: CreatedWorkflow;
let existing: Named;
let senderRoutes: readonly Route[];
let apiRoutes: readonly Route[];

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
  workflow = await system.api.createWorkflow(keepingWorkflow('every-route'));
  other = await system.api.createWorkflow(keepingWorkflow('every-route-other'));
  existing = { workflow: workflow.id, activity: (await runWorkflow(system, workflow)).id };
  // Another test compares these tables with the code.
  const api = (await ProjectTexts.read()).document('docs/api.md');
  const [, senders = '', administrators = ''] = api.split(/^## For /m);
  senderRoutes = routesIn(senders);
  apiRoutes = routesIn(administrators).filter(({ path }) => !path.includes('/schemas/'));
});

afterAll(() => system.stop());

describe('every route of the API', () => {
  it('tells nothing to whom has no valid token of a person', async () => {
    const expired = await expiredToken('/api/v2/tokens', { label: 'gone', role: 'administrator' });

    expect(apiRoutes.length).toBeGreaterThan(40);
    for (const named of [existing, UNKNOWN]) {
      expect(await answersOfApi(named)).toEqual(each(apiRoutes, '401 TOKEN_MISSING'));
      for (const token of [expired, workflow.token])
        expect(await answersOfApi(named, token)).toEqual(
          each(apiRoutes, '403 ADMIN_TOKEN_INVALID'),
        );
    }
  });

  it('answers a scope alike, whether there is what is outside of it', async () => {
    const scope = { workflows: [other.id] };
    const scoped = await newToken('/api/v2/tokens', { label: 'ann', role: 'administrator', scope });

    for (const named of [existing, UNKNOWN])
      expect(await answersOfApi(named, scoped)).toEqual(each(apiRoutes, '403 PERMISSION_DENIED'));
  });
});

describe('every route for senders', () => {
  it('tells nothing to whom has no valid token', async () => {
    const expired = await expiredToken(`/api/v2/workflows/${workflow.id}/tokens`, {
      label: 'gone',
    });

    expect(senderRoutes.length).toBeGreaterThan(20);
    for (const named of [existing, UNKNOWN]) {
      expect(await answersOfListener(named)).toEqual(each(senderRoutes, '401 TOKEN_MISSING'));
      for (const token of [expired, 'wrong'])
        expect(await answersOfListener(named, token)).toEqual(
          each(senderRoutes, '403 TOKEN_INVALID'),
        );
    }
  });

  it('answers a token of another workflow alike, whether there is what is named', async () => {
    const expected = senderRoutes.map((route) =>
      OF_CALLBACKS.test(route.path)
        ? of(route, '404 ACTIVITY_NOT_FOUND')
        : of(route, '403 TOKEN_INVALID'),
    );
    const forAll = of({ method: 'POST', path: FOR_ALL }, '');
    const others = (all: readonly string[]) => all.filter((one) => !one.startsWith(forAll));

    for (const named of [existing, UNKNOWN])
      expect(others(await answersOfListener(named, other.token))).toEqual(others(expected));
  });
});

/** Fastify answers HEAD wherever there is a GET. */
function routesIn(table: string): readonly Route[] {
  const routes = table.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/[^`?]*)`/g);
  return [...routes].flatMap(([, method = '', path = '']) =>
    (method === 'GET' ? ['GET', 'HEAD'] : [method]).map((one) => ({ method: one, path })),
  );
}

/** An answer to a HEAD has no body, so no code. */
function of({ method, path }: Route, answer: string): string {
  return `${method} ${path}: ${method === 'HEAD' ? answer.slice(0, 3) : answer}`;
}

function each(routes: readonly Route[], answer: string): readonly string[] {
  return routes.map((route) => of(route, answer));
}

function answersOfApi(named: Named, token?: string): Promise<readonly string[]> {
  return answersTo(apiRoutes, token, ({ path }) => {
    const id = path.startsWith('/api/v2/activities/') ? named.activity : named.workflow;
    return system.executorUrl + path.replace(':id', id).replaceAll(/:\w+/g, 'any');
  });
}

function answersOfListener(named: Named, token?: string): Promise<readonly string[]> {
  return answersTo(senderRoutes, token, ({ path }) => {
    const query = OF_CALLBACKS.test(path)
      ? `ref=${named.activity}&topic=any`
      : `ref=${named.workflow}`;
    const url = system.listenerUrl + path.replace(':provider', 'github');
    return path === FOR_ALL ? url : `${url}?${query}`;
  });
}

function answersTo(
  routes: readonly Route[],
  token: string | undefined,
  urlOf: (route: Route) => string,
): Promise<readonly string[]> {
  return Promise.all(
    routes.map(async (route) => {
      const { method, path } = route;
      const hasBody = !['GET', 'HEAD', 'DELETE'].includes(method);
      const type = OF_EVENTS.test(path) ? 'application/cloudevents+json' : 'application/json';
      const { status, body } = await ask(urlOf(route), {
        method,
        ...(token !== undefined && { token }),
        ...(hasBody && { body: '{}', headers: { 'content-type': type } }),
      });
      const { code = '' } = body as { readonly code?: string };
      return of(route, `${status} ${code}`);
    }),
  );
}

async function newToken(path: string, body: object): Promise<string> {
  const made = await system.asAdmin(path, { method: 'POST', body });
  return (made.body as { readonly token: string }).token;
}

/** A token that was valid and has expired. */
async function expiredToken(path: string, body: object): Promise<string> {
  const expiresAt = Date.now() + 1_000;
  const at = new Date(expiresAt).toISOString();
  const token = await newToken(path, { ...body, expiresAt: at });
  await waitFor('the end of the token', async () => (Date.now() > expiresAt ? true : undefined));
  return token;
}
