import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describeConfig } from '@app/config';
import { type ErrorKind, FlowError } from '@app/errors';
import { statusOf } from '@app/http';
import { ListenerConfig } from '../apps/listener/src/listener.config.js';
import { WorkflowExecutorConfig } from '../apps/workflow-executor/src/workflow-executor.config.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const FOLDERS = [
  'apps',
  'libs',
  'packages',
  'docs',
  'deploy',
  'test',
  'tools',
  'bench',
  'examples',
];
const SOURCE = /\.(ts|mjs|cjs|json|ya?ml|conf|cfg|tpl|py)$|Dockerfile$|^\.env\.example$/;

/** Of other programs, of tests, in examples, and what is not there any more. */
const FOREIGN =
  /^(GITHUB_|FLOW_(LISTENER|WORKFLOW|TOKEN)$|NODE_(OPTIONS|EXTRA_CA_CERTS)$|COMPOSE_PROFILES$|HISTORIES_ACCEPT$|ORDER_MISSING$|WORKER_PASSWORD$)/;
const FORMER = new Set(['DISPATCH_SEAL_INVALID', 'INTERNAL_SECRET_INVALID', 'FlowTokensRefused']);
/** Routes of Boomerang Flow that are told of and not answered. */
const ROUTES_ELSEWHERE = /^\/api\/v2\/(team\/|integration\/slack\/)/;

const UNITS: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1_000, min: 60_000, minutes: 60_000, h: 3_600_000 },
  ...{ KiB: 1_024, MiB: 1_048_576, '': 1 },
};

interface Text {
  readonly name: string;
  readonly text: string;
}

class AnyError extends FlowError {
  readonly code = 'ANY';

  constructor(readonly kind: ErrorKind) {
    super('any');
  }
}

let documents: readonly Text[];
let sources: readonly Text[];

beforeAll(async () => {
  const nested = await Promise.all(FOLDERS.map(filesIn));
  const names = [...(await filesOf('.')), ...nested.flat()];
  const texts = await Promise.all(
    names
      .filter((name) => SOURCE.test(name) || name.endsWith('.md'))
      .map(async (name) => ({ name, text: await readFile(path.join(ROOT, name), 'utf8') })),
  );
  documents = texts.filter(({ name }) => name.endsWith('.md'));
  sources = texts.filter(({ name }) => !name.endsWith('.md') && !/spec\.ts$/.test(name));
});

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(path.join(ROOT, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => path.join(folder, name));
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(path.join(ROOT, folder), { withFileTypes: true });
  const below = entries
    .filter((entry) => entry.isDirectory() && !/^(node_modules|dist)$/.test(entry.name))
    .map(({ name }) => filesIn(path.join(folder, name)));
  return [...(await filesOf(folder)), ...(await Promise.all(below)).flat()];
}

/** What `found` gives for each document, with its name before it. */
function inDocuments(found: (text: string, name: string) => Iterable<string>): readonly string[] {
  return documents.flatMap(({ name, text }) =>
    [...new Set(found(text, name))].map((what) => `${name}: ${what}`),
  );
}

/** As GitHub makes them of headings. */
function anchorsIn(text: string): ReadonlySet<string> {
  const headings = withoutBlocks(text).match(/(?<=^#+ ).+$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\d _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^ *```.*?^ *```/gms, '');
}

describe('the documents', () => {
  it('link to files, and to headings in them, that there are', () => {
    const broken = inDocuments((text, name) => {
      const prose = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '');
      const links = [...prose.matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)/g)];
      return links.flatMap(([link, file = '', anchor = '']) => {
        const target = file === '' ? name : path.join(path.dirname(name), file);
        if (!existsSync(path.join(ROOT, target))) return [link];
        const found = documents.find((document) => document.name === target);
        const isThere = anchor === '' || found === undefined || anchorsIn(found.text).has(anchor);
        return isThere ? [] : [link];
      });
    });

    expect(documents.length).toBeGreaterThan(70);
    expect(broken).toEqual([]);
  });

  it('name files and folders that there are', () => {
    const folders = [...FOLDERS, 'schemas'].join('|');
    const missing = inDocuments((text, name) =>
      [...text.matchAll(new RegExp(`\`((?:${folders})/[\\w./@-]*)\``, 'g'))]
        .map(([, file = '']) => file)
        .filter((file) =>
          // Of a lib, its README means its own folder.
          [ROOT, path.join(ROOT, path.dirname(name))].every(
            (at) => !existsSync(path.join(at, file)),
          ),
        ),
    );

    expect(missing).toEqual([]);
  });

  it('name scripts of npm that there are', async () => {
    const { scripts } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const missing = inDocuments((text) =>
      [...text.matchAll(/npm run (?:-s )?([a-z:-]+)/g)]
        .map(([, script = '']) => script)
        .filter((script) => scripts[script] === undefined),
    );

    expect(missing).toEqual([]);
  });

  it('name settings, codes and constants that there are', () => {
    const known = new Set(sources.flatMap(({ text }) => text.match(/\b[A-Z][A-Z\d_]+\b/g) ?? []));
    const unknown = inDocuments((text) =>
      (text.match(/\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)+\b/g) ?? []).filter(
        (name) => !known.has(name) && !FOREIGN.test(name) && !FORMER.has(name),
      ),
    );

    expect(unknown).toEqual([]);
  });

  it('name metrics that there are, and docs/operations.md each of them', () => {
    const inCode = new Set(
      sources
        .filter(({ name }) => /^(apps|libs)\//.test(name))
        .flatMap(({ text }) => text.match(/(?<=')flow_[a-z_]+(?=')/g) ?? []),
    );
    const unknown = inDocuments((text) =>
      (text.match(/\bflow_[a-z_]+/g) ?? []).filter(
        (name) => !inCode.has(name) && !inCode.has(name.replace(/_(bucket|count|sum)$/, '')),
      ),
    );
    const operations = documents.find(({ name }) => name === 'docs/operations.md')?.text ?? '';

    expect(inCode.size).toBeGreaterThan(30);
    expect(unknown).toEqual([]);
    expect([...inCode].filter((name) => !operations.includes(`| \`${name}\``))).toEqual([]);
  });

  it('name alerts that there are', () => {
    const rules = sources.filter(({ name }) => name.endsWith('flow-eventing.rules.yml'));
    const alerts = new Set(rules.flatMap(({ text }) => text.match(/(?<=alert: )\w+/g) ?? []));
    const unknown = inDocuments((text) =>
      (text.match(/(?<=`)Flow[A-Z]\w+(?=`)/g) ?? []).filter(
        (name) =>
          !alerts.has(name) &&
          !FORMER.has(name) &&
          !sources.some((source) => source.text.includes(name)),
      ),
    );

    expect(alerts.size).toBeGreaterThan(10);
    expect(unknown).toEqual([]);
  });

  it('name routes that there are, and docs/api.md each of them', () => {
    const routes = routesInCode();
    const patterns = routes.flatMap(patternsOf);
    const unknown = inDocuments((text) =>
      (text.match(/(?<![\w/])\/(?:api\/v2|listener)\/[\w/:.<>{}*-]+/g) ?? [])
        .map((route) => route.replace(/[.:]$/, ''))
        .filter((route) => !ROUTES_ELSEWHERE.test(route))
        .filter((route) => !patterns.some((pattern) => pattern.test(route))),
    );
    const api = documents.find(({ name }) => name === 'docs/api.md')?.text ?? '';
    const told =
      api.match(/(?<=`)(?:GET|POST|PUT|PATCH|DELETE) \/(?:api|listener)[^`]*(?=`)/g) ?? [];

    expect(routes.length).toBeGreaterThan(50);
    expect(unknown).toEqual([]);
    expect(told.toSorted()).toEqual(routes.toSorted());
  });

  it('give each code in docs/errors.md the status of its kind', () => {
    const classes = sources
      .filter(({ name }) => /^(apps|libs)\//.test(name))
      .flatMap(({ text }) => text.split(/^export class /m).slice(1));
    const kinds = classes.flatMap((text) => {
      const [, code = ''] = /\bcode(?:: \w+)? = '([A-Z_]+)'/.exec(text) ?? [];
      const [, kind = ''] = /\bkind(?:: \w+)? = '([a-z-]+)'/.exec(text) ?? [];
      return code === '' || kind === ''
        ? []
        : [[code, statusOf(new AnyError(kind as ErrorKind))] as const];
    });
    const told = statusesTold();

    expect(kinds.length).toBeGreaterThan(80);
    expect(
      kinds.filter(([code, status]) => ![undefined, String(status)].includes(told.get(code))),
    ).toEqual([]);
  });

  it('give settings the defaults and codes the statuses that they have', () => {
    const settings = [...describeConfig(ListenerConfig), ...describeConfig(WorkflowExecutorConfig)];
    const defaults = new Map(settings.map((setting) => [setting.name, setting.default]));
    const statuses = statusesTold();
    const wrong = inDocuments((text) => {
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

/** The status of each code that docs/errors.md gives one. */
function statusesTold(): ReadonlyMap<string, string> {
  const errors = documents.find(({ name }) => name === 'docs/errors.md')?.text ?? '';
  const rows = errors.matchAll(/^\| `([A-Z_]+)` +\| (\d{3}) +\|/gm);
  return new Map([...rows].map(([, code = '', status = '']) => [code, status]));
}

/** Method and path of each route of both apps, but those that our own services ask each other. */
function routesInCode(): readonly string[] {
  return sources
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
