import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import { operationsUrl } from '../tools/start/app-process.mjs';
import { parse } from 'yaml';
import { readJson } from '../tools/project/read-json.mjs';
import { waitFor } from '../tools/project/wait-for.mjs';
import { natsUrl } from '../tools/servers/nats-server.mjs';
import { activityIdIn, ask } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { runWorkflow, taskOf } from './support/run-workflow.js';
import { NatsPublisher } from './support/nats-publisher.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

jest.setTimeout(300_000);

const ROOT = path.resolve(import.meta.dirname, '..');

/** Prometheus puts these on what it scrapes. */
const OF_PROMETHEUS = ['job', 'instance'];

interface Rule {
  readonly alert: string;
  readonly expression: string;
  readonly runbook: string;
}

/** A test of promtool, as far as it is read here. */
interface RuleTest {
  readonly alert_rule_test: readonly {
    readonly alertname: string;
    readonly exp_alerts: readonly unknown[];
  }[];
}

/** A metric as a rule asks for it. */
interface Selector {
  readonly name: string;
  readonly labels: readonly string[];
  /** Labels with the one value that they must have. */
  readonly values: readonly string[];
}

/** A panel of the dashboard; one that only groups others asks for nothing. */
interface Panel {
  readonly targets?: readonly { readonly expr: string }[];
}

/** What both apps report, once there was something to report. */
let reported: string;
let rules: readonly Rule[];
let operations: string;

beforeAll(async () => {
  const file = 'deploy/prometheus/flow-eventing.rules.yml';
  rules = rulesIn(await readFile(path.join(ROOT, file), 'utf8'));
  operations = await readFile(path.join(ROOT, 'docs/operations.md'), 'utf8');
  const system = await FlowSystem.start();
  try {
    const workflow = await system.api.createWorkflow(keepingWorkflow('alerts'));
    await makeEachLabelAppear(system, workflow);
    reported = await reportedBy(system);
  } finally {
    await system.stop();
  }
});

describe('the rules for Prometheus', () => {
  it('have alerts', () => {
    expect(rules.length).toBeGreaterThan(10);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it('ask only for metrics and labels that the apps report', () => {
    const unknown = rules.flatMap(({ alert, expression }) =>
      selectorsIn(expression)
        .filter((selector) => !isReported(selector))
        .map(({ name, labels }) => `${alert}: ${name}{${labels.join()}}`),
    );

    expect(unknown).toEqual([]);
  });

  it('group only by labels that the grouped metrics have', () => {
    const unknown = rules.flatMap(({ alert, expression }) => {
      const names = selectorsIn(expression).map(({ name }) => name);
      const has = (label: string): boolean =>
        OF_PROMETHEUS.includes(label) ||
        names.every((name) => isReported({ name, labels: [label], values: [] }));
      return groupingsIn(expression)
        .filter((label) => !has(label))
        .map((label) => `${alert}: ${label}`);
    });

    expect(unknown).toEqual([]);
  });

  it('have promtool tests in which they fire and in which they do not', async () => {
    const file = await readFile(path.join(ROOT, 'deploy/prometheus/flow-eventing.rules.test.yml'));
    const { tests } = parse(file.toString()) as { readonly tests: readonly RuleTest[] };
    const tried = tests.flatMap(({ alert_rule_test: each }) => each);
    const having = (fires: boolean): ReadonlySet<string> =>
      new Set(
        tried
          .filter(({ exp_alerts: alerts }) => alerts.length > 0 === fires)
          .map(({ alertname }) => alertname),
      );
    const names = rules.map(({ alert }) => alert);

    expect(names.filter((name) => !having(true).has(name))).toEqual([]);
    expect(names.filter((name) => !having(false).has(name))).toEqual([]);
  });

  it('link to headings of docs/operations.md', () => {
    const headings = operations.match(/(?<=^#+ ).+$/gm) ?? [];
    const places = headings.map((heading) => `docs/operations.md#${anchorOf(heading)}`);

    expect(rules.filter(({ runbook }) => !places.includes(runbook))).toEqual([]);
  });
});

describe('the dashboard for Grafana', () => {
  it('asks only for metrics and labels that the apps report', () => {
    const file = 'deploy/grafana/flow-eventing.dashboard.json';
    const { panels } = readJson(path.join(ROOT, file)) as { readonly panels: readonly Panel[] };
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const unknown = expressions.flatMap((expression) =>
      selectorsIn(expression)
        .filter((selector) => !isReported(selector))
        .map(({ name, labels }) => `${name}{${labels.join()}}`),
    );

    expect(expressions.length).toBeGreaterThan(20);
    expect(unknown).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  it('lists every metric of the apps with its labels, and no other', () => {
    const families = reported.match(/(?<=^# TYPE )flow_\w+/gm) ?? [];
    const rows = [...operations.matchAll(/^\| `(flow_\w+)` +\| (.*?) \|/gm)];
    const labelled = rows.map(([, name = '', labels = '']) => ({
      name,
      labels: labels.match(/\w+/g) ?? [],
      values: [],
    }));

    expect(labelled.map(({ name }) => name).toSorted()).toEqual([...new Set(families)].sort());
    const found = (label: { readonly name: string; readonly labels: readonly string[] }): boolean =>
      ['', '_count'].some((end) => isReported({ ...label, name: label.name + end, values: [] }));
    expect(labelled.filter((row) => !found(row))).toEqual([]);
  });

  it('names only metrics that the apps report', () => {
    const named = operations.match(/\b(flow|nodejs|process)_[a-z0-9_]+/g) ?? [];

    expect(named.filter((name) => !reported.includes(`# TYPE ${name} `))).toEqual([]);
  });
});

/** Labels are reported with their first value. */
async function makeEachLabelAppear(system: FlowSystem, workflow: CreatedWorkflow): Promise<void> {
  const event = newEvent(workflow.id);
  const accepted = await sendStructured(system.listenerUrl, event, workflow);
  await sendStructured(system.listenerUrl, event, { token: 'wrong' });
  const activityid = activityIdIn(accepted);
  await system.api.untilFinal(activityid);
  const tasks = { double: { script: { source: 'return { n: input * 2 }', input: 21 } } };
  const scripted = await runWorkflow(
    system,
    await system.api.createWorkflow({ name: 'scripted', tasks }),
  );
  expect(taskOf(scripted, 'double')).toMatchObject({ results: { n: 42 } });
  const publisher = await NatsPublisher.connect(natsUrl(system.nats.port));
  try {
    await publisher.publish(`flow.event.${workflow.id}`, 'not an event');
  } finally {
    await publisher.close();
  }
  await waitFor('the dead letter', async () =>
    (await reportedBy(system)).includes('flow_dead_letters_total{') ? true : undefined,
  );
}

async function reportedBy({ listenerUrl, executorUrl }: FlowSystem): Promise<string> {
  const answers = await Promise.all([
    ask(`${operationsUrl(listenerUrl)}/metrics`),
    ask(`${operationsUrl(executorUrl)}/metrics`),
  ]);
  return answers.map(({ body }) => String(body)).join('');
}

/** As far as the file goes: `expr` is one line or folded, and stands before the other members. */
function rulesIn(file: string): readonly Rule[] {
  return file
    .split('- alert: ')
    .slice(1)
    .map((text) => ({
      alert: /^\w+/.exec(text)?.[0] ?? '',
      expression: /expr: (?:>-)?([\s\S]+?)\n {8}(?:for|labels):/.exec(text)?.[1] ?? '',
      runbook: /runbook: (\S+)/.exec(text)?.[1] ?? '',
    }));
}

function selectorsIn(expression: string): readonly Selector[] {
  const found = expression.matchAll(/\b((?:flow|nodejs|process)_\w+)(?:\{([^}]*)\})?/g);
  return [...found].map(([, name = '', matchers = '']) => {
    const each = [...matchers.matchAll(/(\w+)(=~|=)("[^"]*")/g)].filter(
      ([, label = '']) => !OF_PROMETHEUS.includes(label),
    );
    return {
      name,
      labels: each.map(([, label = '']) => label),
      values: each.flatMap(([, label = '', operator, value = '']) =>
        operator === '=' ? [`${label}=${value}`] : [],
      ),
    };
  });
}

function groupingsIn(expression: string): readonly string[] {
  return [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = '']) =>
    labels.split(/, */),
  );
}

/** Whether there is a line of this name that has all the labels. */
function isReported({ name, labels, values }: Selector): boolean {
  return reported.split('\n').some((line) => {
    const [, found, pairs = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    return (
      found === name &&
      labels.every((label) => `,${pairs}`.includes(`,${label}="`)) &&
      values.every((value) => `,${pairs},`.includes(`,${value},`))
    );
  });
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}
