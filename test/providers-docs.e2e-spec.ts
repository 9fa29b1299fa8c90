import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { WEBHOOK_PROVIDERS } from '../apps/listener/src/providers/webhook-providers.js';
import { ask } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { itWith } from './support/program.js';

jest.setTimeout(300_000);

const run = promisify(execFile);
const DOC = readFileSync(path.resolve(import.meta.dirname, '../docs/providers.md'), 'utf8');
const SECRETS_KEY = 'a key of at least thirty-two characters';

/** What the section of a provider says that the workflow needs, and how to try it. */
interface Section {
  readonly needs: {
    readonly triggers: Readonly<Record<string, unknown>>;
    readonly secret?: Readonly<Record<string, unknown>>;
  };
  readonly example: string;
}

function sectionOf(provider: string): Section {
  const [, section = ''] = DOC.split(`\n### ${provider}\n`);
  const [text = ''] = section.split(/\n##/);
  const [, json = '{}'] = /```json\n(.*?)```/s.exec(text) ?? [];
  const [, example = 'false'] = /```sh\n(.*?)```/s.exec(text) ?? [];
  return { needs: JSON.parse(json) as Section['needs'], example };
}

/** The type and the source that the table promises; what is in angle brackets may be anything. */
function promisedType(provider: string): RegExp {
  const row = DOC.split('\n').find((line) => line.startsWith(`| \`${provider}\``)) ?? '';
  const type = row.split('|').map((cell) => cell.trim())[5] ?? '';
  const [, pattern] = /^`(.+)`$/.exec(type) ?? [];
  if (pattern === undefined) return /./;
  const parts = pattern.split(/<[^>]+>/).map((part) => part.replaceAll('.', '\\.'));
  return new RegExp(`^${parts.join('.+').replace(/\\\.\.\+$/, '(\\..+)?')}$`);
}

let system: FlowSystem;

beforeAll(async () => {
  const settings = { SECRETS_KEY };
  system = await FlowSystem.start({
    servers: 'shared',
    listenerEnv: settings,
    executorEnv: settings,
  });
});
afterAll(() => system.stop());

async function addSecret(workflowId: string, secret: Section['needs']['secret']): Promise<string> {
  if (secret === undefined) return '';
  const url = `${system.executorUrl}/api/v2/workflows/${workflowId}/secrets`;
  const answer = await ask(url, { method: 'POST', token: system.adminToken, body: secret });
  expect(answer.status).toBe(201);
  const { secret: made = secret['secret'] } = answer.body as { readonly secret?: string };
  return String(made);
}

describe('docs/providers.md', () => {
  it.each(WEBHOOK_PROVIDERS.map(({ name }) => name))('has a row and a section of %s', (name) => {
    expect(DOC).toMatch(new RegExp(`^\\| \`${name}\` `, 'm'));
    expect(Object.keys(sectionOf(name).needs.triggers)).toHaveLength(1);
  });

  for (const { name } of WEBHOOK_PROVIDERS)
    itWith('openssl', `has an example of ${name} that is accepted and starts a run`, async () => {
      const { needs, example } = sectionOf(name);
      const workflow = await system.api.createWorkflow(
        keepingWorkflow(`docs-${name}`, { triggers: needs.triggers }),
      );
      const secret = await addSecret(workflow.id, needs.secret);
      await run('bash', ['-ec', example], {
        env: {
          ...env,
          LISTENER: system.listenerUrl,
          WORKFLOW: workflow.id,
          TOKEN: needs.secret ? '' : workflow.token,
          SECRET: secret,
        },
      });

      const activities = await system.api.activities(workflow.id);
      expect(activities).toHaveLength(1);
      const [{ id } = { id: '' }] = activities;
      const ended = await system.api.untilFinal(id);
      expect(ended).toMatchObject({ status: 'succeeded', trigger: Object.keys(needs.triggers)[0] });
      expect(ended.event?.type).toMatch(promisedType(name));
    });
});
