import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { CloudEvent, HTTP } from 'cloudevents';
import { parse } from 'yaml';
import { type Answer, ask } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { itWith } from './support/program.js';

jest.setTimeout(300_000);

const ROOT = path.resolve(import.meta.dirname, '..');
const run = promisify(execFile);

let system: FlowSystem;
let workflow: CreatedWorkflow;
let folder: string;
let examples: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
  workflow = await system.api.createWorkflow(keepingWorkflow('send-events'));
  // Within the project, so that an example finds its packages as a user's program does.
  folder = await mkdtemp(path.join(ROOT, 'dist', 'examples-'));
  examples = fencesIn(await readFile(path.join(ROOT, 'docs/events.md'), 'utf8'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await system.stop();
});

/** The code in a document, by its language, in its order. */
function fencesIn(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [, language = '', code = ''] of text.matchAll(/^```(\w+)\n(.*?)^```$/gms))
    found.set(language, [...(found.get(language) ?? []), code]);
  return found;
}

function example(language: string, at = 0): string {
  const code = examples.get(language)?.[at];
  if (code === undefined) throw new Error(`docs/events.md has no example ${at} in ${language}`);
  return code;
}

async function runExample(command: string, ...parts: readonly string[]): Promise<void> {
  await run(command, parts, {
    cwd: folder,
    env: {
      ...env,
      LISTENER: system.listenerUrl,
      WORKFLOW: workflow.id,
      TOKEN: workflow.token,
      GITHUB_RUN_ID: '9',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_REPOSITORY: 'a/b',
      GITHUB_SHA: 'abc',
    },
  });
}

async function inFile(name: string, code: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, code);
  return file;
}

/** Ids of events that runs are on record of. */
async function eventIds(): Promise<readonly string[]> {
  const activities = await system.api.activities(workflow.id);
  const found = await Promise.all(activities.map(({ id }) => system.api.activity(id)));
  return found.flatMap((one) => one?.event?.id ?? []);
}

describe('the examples of docs/events.md', () => {
  itWith('curl', 'run with curl', async () => {
    await runExample('bash', '-ec', example('sh', 0));
    await runExample('bash', '-ec', example('sh', 1));

    expect(await eventIds()).toEqual(expect.arrayContaining(['curl-7', 'curl-8']));
  });

  itWith('curl', 'run once a day on a schedule', async () => {
    await runExample('bash', '-ec', example('sh', 2));
    await runExample('bash', '-ec', example('sh', 2));

    const nightly = (await eventIds()).filter((id) => /^nightly-\d{4}-\d\d-\d\d$/.test(id));
    expect(nightly).toHaveLength(1);
  });

  it('run in JavaScript', async () => {
    await runExample('node', await inFile('example.mjs', example('js')));

    expect(await eventIds()).toContain('js-7');
  });

  itWith('python3', 'run in Python', async () => {
    await runExample('python3', await inFile('example.py', example('python')));

    expect(await eventIds()).toContain('python-7');
  });

  itWith('go', 'run in Go', async () => {
    await runExample('go', 'run', await inFile('example.go', example('go')));

    expect(await eventIds()).toContain('go-7');
  });

  itWith('curl', 'run in GitHub Actions', async () => {
    const { jobs } = parse(example('yaml')) as {
      readonly jobs: { readonly tell: { readonly steps: readonly { readonly run: string }[] } };
    };
    await runExample('bash', '-ec', jobs.tell.steps[0]?.run ?? 'false');

    expect(await eventIds()).toContain('9-1');
  });
});

describe('the SDK of CloudEvents', () => {
  const event = (id: string): CloudEvent<unknown> =>
    new CloudEvent({
      id,
      source: 'https://sdk.example/a b'.replace(' ', '%20'),
      type: 'com.sdk.sent',
      subject: `/${workflow.id}/topic`,
      comexample: 'Größe, 100 %',
      data: { amount: 12, name: 'Jürgen' },
    });
  const post = (headers: Readonly<Record<string, unknown>>, body: unknown): Promise<Answer> =>
    ask(`${system.listenerUrl}/api/v2/event`, {
      method: 'POST',
      token: workflow.token,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, encoded(String(value))]),
      ),
      body: String(body),
    });
  /** Headers are ASCII; the binding says how others are written (HTTP binding, 3.1.3.2). */
  const encoded = (text: string): string =>
    text.replaceAll(/[^\x20-\x7e]|[%"]/gu, (one) => encodeURIComponent(one));

  it.each(['binary', 'structured'] as const)('sends in %s mode', async (mode) => {
    const { headers, body } = HTTP[mode](event(`sdk-${mode}`));
    const answer = await post(headers, body);

    expect(answer).toMatchObject({
      status: 202,
      body: { id: `sdk-${mode}`, comexample: 'Größe, 100 %', type: 'com.sdk.sent' },
    });
  });

  it('sends in batch mode, and reads our answers as events', async () => {
    const events = ['sdk-1', 'sdk-2'].map((id) => event(id));
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const answer = await post(headers, JSON.stringify(events));
    const body = JSON.stringify(answer.body);
    const read = HTTP.toEvent({ headers: Object.fromEntries(answer.headers), body });

    expect(answer.status).toBe(202);
    expect([read].flat().map(({ id }) => id)).toEqual(['sdk-1', 'sdk-2']);
  });
});
