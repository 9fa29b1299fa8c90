import { describeConfig } from '@app/config';
import { type ErrorKind, FlowError } from '@app/errors';
import { statusOf } from '@app/http';
import { flowTopology } from '@app/messaging';
import { ListenerConfig } from '../apps/listener/src/listener.config.js';
import { WorkflowExecutorConfig } from '../apps/workflow-executor/src/workflow-executor.config.js';
import { ProjectTexts } from './support/project-texts.js';

/** Routes of Boomerang Flow that are told of and not answered. */
const ROUTES_ELSEWHERE = /^\/api\/v2\/(team\/|integration\/slack\/)/;

const UNITS: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1_000, min: 60_000, minutes: 60_000, h: 3_600_000 },
  ...{ KiB: 1_024, MiB: 1_048_576, '': 1 },
};

class AnyError extends FlowError {
  readonly code = 'ANY';

  constructor(readonly kind: ErrorKind) {
    super('any');
  }
}

let project: ProjectTexts;

beforeAll(async () => {
  project = await ProjectTexts.read();
});

describe('the documents', () => {
  it('name only existing routes, and docs/api.md names all', () => {
    const routes = routesInCode();
    const patterns = routes.flatMap(patternsOf);
    const unknown = project.inDocuments((text) =>
      (text.match(/(?<![\w/])\/(?:api\/v2|listener)\/[\w/:.<>{}*-]+/g) ?? [])
        .map((route) => route.replace(/[.:]$/, ''))
        .filter((route) => !ROUTES_ELSEWHERE.test(route))
        .filter((route) => !patterns.some((pattern) => pattern.test(route))),
    );
    const api = project.document('docs/api.md');
    const told =
      api.match(/(?<=`)(?:GET|POST|PUT|PATCH|DELETE) \/(?:api|listener)[^`]*(?=`)/g) ?? [];

    expect(routes.length).toBeGreaterThan(50);
    expect(unknown).toEqual([]);
    expect(told.toSorted()).toEqual(routes.toSorted());
  });

  it('have each member of a task in the README of the package for workers', () => {
    const readme = project.document('packages/worker-sdk/README.md');
    const source = project.sources.find(({ name }) => name === 'packages/worker-sdk/src/task.ts');
    const [, body = ''] = /^export interface Task<.*?\{\n(.*?)^\}/ms.exec(source?.text ?? '') ?? [];
    const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?:(]/gm)].map(([, name]) => name);

    expect(members).toContain('attempt');
    expect(members.filter((name) => !readme.includes(`\`task.${name}`))).toEqual([]);
  });

  it('give each code in docs/errors.md the status of its error kind', () => {
    const classes = project.sources
      .filter(({ name }) => /^(apps|libs)\//.test(name))
      .flatMap(({ text }) => text.split(/^export class /m).slice(1));
    const kinds = classes.flatMap((text) => {
      const [, code = ''] = /\bcode(?:: \w+)? = '([A-Z_]+)'/.exec(text) ?? [];
      const [, kind = ''] = /\bkind(?:: \w+)? = '([a-z-]+)'/.exec(text) ?? [];
      return code === '' || kind === ''
        ? []
        : [[code, statusOf(new AnyError(kind as ErrorKind))] as const];
    });
    const told = project.statusesTold;

    expect(kinds.length).toBeGreaterThan(80);
    expect(
      kinds.filter(([code, status]) => ![undefined, String(status)].includes(told.get(code))),
    ).toEqual([]);
  });

  it('name every stream, and the disk that all streams may use', () => {
    // As an executor has it that tells of statuses; whatever more a stream may depend on has to be here.
    const settings: Required<Parameters<typeof flowTopology>[0]> = {
      ...{ namespace: 'flow', replicas: 1, maxBytes: 1_000_000 },
      ...{ duplicateWindowMs: 1, ackWaitMs: 1, messagesInFlightMax: 1 },
      ...{ statusMsMax: 1, workers: true, batches: true },
    };
    const { statusMsMax: _, ...untold } = settings;
    const all = flowTopology(settings);
    const timesOf = (topology: ReturnType<typeof flowTopology>): string => {
      const bytes = topology.reduce((sum, { config }) => sum + (config.max_bytes ?? NaN), 0);
      return (bytes / settings.maxBytes).toFixed(1);
    };
    const design = project.document('docs/design.md');
    const [, without, withStatus] =
      /hold ([\d.]+) times `NATS_STREAM_MEBIBYTES_MAX` at most,\s+and ([\d.]+) times/.exec(
        project.document('docs/operations.md'),
      ) ?? [];

    expect(all.filter(({ config }) => !design.includes(`| \`${config.name}\``))).toEqual([]);
    expect([without, withStatus]).toEqual([timesOf(flowTopology(untold)), timesOf(all)]);
  });

  it('give the right defaults of settings and statuses of codes', () => {
    const settings = [...describeConfig(ListenerConfig), ...describeConfig(WorkflowExecutorConfig)];
    const defaults = new Map(settings.map((setting) => [setting.name, setting.default]));
    const statuses = project.statusesTold;
    const wrong = project.inDocuments((text) => {
      const values = text.matchAll(/`([A-Z_]+)`\s+\(([\d,.]+) ?([A-Za-z]*)[);,]/g);
      const codes = text.matchAll(/\b([45]\d\d) \(?`([A-Z_]+)`/g);
      return [
        ...[...values].flatMap(([all, name = '', number = '', unit = '']) => {
          const fallback = defaults.get(name);
          const told = Number(number.replaceAll(',', '')) * (UNITS[unit] ?? Number.NaN);
          return fallback === undefined || String(told) === fallback
            ? []
            : [`${all} is ${fallback}`];
        }),
        ...[...codes].flatMap(([all, status = '', code = '']) =>
          [undefined, status].includes(statuses.get(code)) ? [] : [all],
        ),
      ];
    });

    expect(statuses.size).toBeGreaterThan(60);
    expect(wrong).toEqual([]);
  });
});

/** Method and path of each route of both apps, but those that our own services ask each other. */
function routesInCode(): readonly string[] {
  return project.sources
    .filter(({ name }) => /^apps\/.*\.controller\.ts$/.test(name))
    .flatMap(({ text }) => {
      const [, prefix = ''] = /@Controller\('([^']*)'\)/.exec(text) ?? [];
      const [paths = ''] = text.match(/(?<=^const PATHS = )[^;]+/m) ?? [];
      const all = pathsIn(paths).flatMap((route) =>
        paths.includes('/:provider') ? [route, `${route}/:provider`] : [route],
      );
      return [...text.matchAll(/@(Get|Post|Put|Patch|Delete)\(([^)]*)\)/g)].flatMap(
        ([, method = '', argument = '']) =>
          (argument === 'PATHS' ? all : pathsIn(argument)).map((route) => {
            const parts = [prefix, route].filter((part) => part !== '');
            return `${method.toUpperCase()} /${parts.join('/')}`;
          }),
      );
    })
    .filter((route) => !route.includes(' /internal/'));
}

/** The texts in an argument of a decorator; without one, the path of the controller itself. */
function pathsIn(argument: string): readonly string[] {
  return [...argument.matchAll(/'([^']*)'/g)]
    .map(([, route = '']) => route)
    .concat(argument === '' ? [''] : []);
}

/** Of a route as documents write it, and of the beginning of several, with a slash at its end. */
function patternsOf(route: string): readonly RegExp[] {
  const [, first = ''] = route.split(' ');
  const parts = first.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part));
  return [new RegExp(`^${parts.join('/')}$`), new RegExp(`^${parts.slice(0, -1).join('/')}/$`)];
}
