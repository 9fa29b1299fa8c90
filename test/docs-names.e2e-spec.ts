import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  anchorsIn,
  FOLDERS,
  PROJECT,
  ProjectTexts,
  withoutBlocks,
} from './support/project-texts.js';

/** Of other programs, of tests, in examples, and what is not there any more. */
const FOREIGN =
  /^(GITHUB_|FLOW_(LISTENER|WORKFLOW|TOKEN)$|NODE_(OPTIONS|EXTRA_CA_CERTS)$|COMPOSE_PROFILES$|HISTORIES_ACCEPT$|ORDER_MISSING$|WORKER_PASSWORD$)/;
const FORMER = new Set(['DISPATCH_SEAL_INVALID', 'INTERNAL_SECRET_INVALID', 'FlowTokensRefused']);
/** Of the driver of MongoDB, of exports of Boomerang Flow, of Argo Workflows and of Inngest. */
const ELSEWHERE = new Set([
  'timeoutMS',
  ...['helperText', 'minValueLength', 'maxValueLength'],
  ...['withItems', 'retryStrategy', 'onFailure'],
]);

let project: ProjectTexts;

beforeAll(async () => {
  project = await ProjectTexts.read();
});

describe('the documents', () => {
  it('link only to existing files and headings', () => {
    const broken = project.inDocuments((text, name) => {
      const prose = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '');
      const links = [...prose.matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)/g)];
      return links.flatMap(([link, file = '', anchor = '']) => {
        const target = file === '' ? name : path.join(path.dirname(name), file);
        if (!existsSync(path.join(PROJECT, target))) return [link];
        const found = project.documents.find((document) => document.name === target);
        const isThere = anchor === '' || found === undefined || anchorsIn(found.text).has(anchor);
        return isThere ? [] : [link];
      });
    });

    expect(project.documents.length).toBeGreaterThan(70);
    expect(broken).toEqual([]);
  });

  it('name only existing files and folders', () => {
    const folders = [...FOLDERS, 'schemas'].join('|');
    const missing = project.inDocuments((text, name) =>
      [...text.matchAll(new RegExp(`\`((?:${folders})/[\\w./@-]*)\``, 'g'))]
        .map(([, file = '']) => file)
        .filter((file) =>
          // Of a lib, its README means its own folder.
          [PROJECT, path.join(PROJECT, path.dirname(name))].every(
            (at) => !existsSync(path.join(at, file)),
          ),
        ),
    );

    expect(missing).toEqual([]);
  });

  it('name only existing npm scripts', async () => {
    const { scripts } = JSON.parse(await readFile(path.join(PROJECT, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const missing = project.inDocuments((text) =>
      [...text.matchAll(/npm run (?:-s )?([a-z:-]+)/g)]
        .map(([, script = '']) => script)
        .filter((script) => scripts[script] === undefined),
    );

    expect(missing).toEqual([]);
  });

  it('name only existing settings, codes and constants', () => {
    const known = new Set(
      project.sources.flatMap(({ text }) => text.match(/\b[A-Z][A-Z\d_]+\b/g) ?? []),
    );
    const unknown = project.inDocuments((text) =>
      (text.match(/\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)+\b/g) ?? []).filter(
        (name) => !known.has(name) && !FOREIGN.test(name) && !FORMER.has(name),
      ),
    );

    expect(unknown).toEqual([]);
  });

  it('name only existing metrics, and docs/operations.md names all', () => {
    const inCode = new Set(
      project.sources
        .filter(({ name }) => /^(apps|libs)\//.test(name))
        .flatMap(({ text }) => text.match(/(?<=')flow_[a-z_]+(?=')/g) ?? []),
    );
    const unknown = project.inDocuments((text) =>
      (text.match(/\bflow_[a-z_]+/g) ?? []).filter(
        (name) => !inCode.has(name) && !inCode.has(name.replace(/_(bucket|count|sum)$/, '')),
      ),
    );
    const operations = project.document('docs/operations.md');

    expect(inCode.size).toBeGreaterThan(30);
    expect(unknown).toEqual([]);
    expect([...inCode].filter((name) => !operations.includes(`| \`${name}\``))).toEqual([]);
  });

  it('name only existing alerts', () => {
    const rules = project.sources.filter(({ name }) => name.endsWith('flow-eventing.rules.yml'));
    const alerts = new Set(rules.flatMap(({ text }) => text.match(/(?<=alert: )\w+/g) ?? []));
    const unknown = project.inDocuments((text) =>
      (text.match(/(?<=`)Flow[A-Z]\w+(?=`)/g) ?? []).filter(
        (name) =>
          !alerts.has(name) &&
          !FORMER.has(name) &&
          !project.sources.some((source) => source.text.includes(name)),
      ),
    );

    expect(alerts.size).toBeGreaterThan(10);
    expect(unknown).toEqual([]);
  });

  it('name only existing members, classes and functions', () => {
    const known = new Set(
      project.sources.flatMap(({ text }) => text.match(/[A-Za-z_$][\w$]*/g) ?? []),
    );
    const unknown = project.inDocuments((text) =>
      [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)]
        .flatMap(([, code = '']) => code.match(/(?<![\w./-])[A-Za-z_$][\w$]*/g) ?? [])
        .filter(
          (name) =>
            /[a-z][A-Z]/.test(name) &&
            !(name in globalThis) &&
            ![known, ELSEWHERE, FORMER].some((all) => all.has(name)),
        ),
    );

    expect(unknown).toEqual([]);
  });

  it('list every decision', () => {
    const decisions = project.documents.filter(({ name }) => /^docs\/adr\/\d/.test(name));
    const list = project.document('docs/adr/README.md');

    expect(decisions.length).toBeGreaterThan(35);
    expect(decisions.filter(({ name }) => !list.includes(`(${path.basename(name)})`))).toEqual([]);
  });
});
