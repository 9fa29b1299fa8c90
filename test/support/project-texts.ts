import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export const PROJECT = path.resolve(import.meta.dirname, '../..');

export const FOLDERS = [
  ...['apps', 'libs', 'packages', 'docs', 'deploy'],
  ...['test', 'tools', 'bench', 'examples'],
] as const;
const SOURCE = /\.(ts|mjs|cjs|json|ya?ml|conf|cfg|tpl|py)$|Dockerfile$|^\.env\.example$/;

export interface ProjectText {
  /** From the root of the project. */
  readonly name: string;
  readonly text: string;
}

/** The texts of the project: its Markdown documents, and its code and other files without specs. */
export class ProjectTexts {
  private constructor(
    readonly documents: readonly ProjectText[],
    readonly sources: readonly ProjectText[],
  ) {}

  static async read(): Promise<ProjectTexts> {
    const nested = await Promise.all(FOLDERS.map(filesIn));
    const names = [...(await filesOf('.')), ...nested.flat()];
    const texts = await Promise.all(
      names
        .filter((name) => SOURCE.test(name) || name.endsWith('.md'))
        // Other tests may have files of their own here for a while.
        .map(async (name) => ({
          name,
          text: await readFile(path.join(PROJECT, name), 'utf8').catch(() => ''),
        })),
    );
    return new ProjectTexts(
      texts.filter(({ name }) => name.endsWith('.md')),
      texts.filter(({ name }) => !name.endsWith('.md') && !/spec\.ts$/.test(name)),
    );
  }

  document(wanted: string): string {
    return this.documents.find(({ name }) => name === wanted)?.text ?? '';
  }

  /** What `found` gives for each document, once, with the document's name before it. */
  inDocuments(found: (text: string, name: string) => Iterable<string>): readonly string[] {
    return this.documents.flatMap(({ name, text }) =>
      [...new Set(found(text, name))].map((what) => `${name}: ${what}`),
    );
  }

  /** The status of each code that docs/errors.md gives one. */
  get statusesTold(): ReadonlyMap<string, string> {
    const rows = this.document('docs/errors.md').matchAll(/^\| `([A-Z_]+)` +\| (\d{3}) +\|/gm);
    return new Map([...rows].map(([, code = '', status = '']) => [code, status]));
  }
}

async function entriesOf(folder: string) {
  return readdir(path.join(PROJECT, folder), { withFileTypes: true }).catch(() => []);
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await entriesOf(folder);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => path.join(folder, name));
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await entriesOf(folder);
  const below = entries
    .filter((entry) => entry.isDirectory() && !/^(node_modules|dist)$/.test(entry.name))
    .map(({ name }) => filesIn(path.join(folder, name)));
  return [...(await filesOf(folder)), ...(await Promise.all(below)).flat()];
}

/** The anchors that GitHub makes of headings. */
export function anchorsIn(text: string): ReadonlySet<string> {
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

/** The prose of a document alone. */
export function withoutBlocks(text: string): string {
  return text.replaceAll(/^ *```.*?^ *```/gms, '');
}
