import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** A service as an engine gets it; only what these tests look at. */
export interface ComposeService {
  readonly image: string;
  readonly user?: string;
  readonly restart?: string;
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly profiles?: readonly string[];
  readonly container_name?: string;
  readonly ports?: readonly string[];
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly string[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly logging?: {
    readonly driver: string;
    readonly options: Readonly<Record<string, string>>;
  };
  readonly healthcheck?: { readonly test: readonly string[]; readonly start_interval?: string };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly resources: { readonly limits: Readonly<Record<string, string>> } };
}

export interface ComposeFile {
  readonly name: string;
  readonly text: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

interface Extending extends Partial<ComposeService> {
  readonly extends?: { readonly file: string; readonly service: string };
}

type Written = Omit<ComposeFile, 'text' | 'services'> & {
  readonly services: Readonly<Record<string, Extending>>;
};

/** Reads a compose file of the repository, with what its services extend. */
export async function composeFile(name: string): Promise<ComposeFile> {
  const text = await readFile(path.join(ROOT, name), 'utf8');
  // A tag such as `!override` is told apart below; the parser only warns of it.
  const written = parse(text, { merge: true, logLevel: 'error' }) as Written;
  const services = await Promise.all(
    Object.entries(written.services).map(
      async ([service, own]) => [service, await extended(own, text, service)] as const,
    ),
  );
  return { ...written, text, services: Object.fromEntries(services) };
}

/** As Compose merges: maps by key, anything else by what is written here. */
async function extended(own: Extending, text: string, name: string): Promise<ComposeService> {
  const { extends: from, ...rest } = own;
  if (!from) return rest as ComposeService;
  const base = (await composeFile(from.file)).services[from.service];
  if (!base) throw new Error(`${from.file} has no service ${from.service}`);
  const overrides = new RegExp(`^  ${name}:\\n(?:   .*\\n)*?    environment: !override`, 'm').test(
    text,
  );
  return {
    ...base,
    ...rest,
    environment: { ...(overrides ? {} : base.environment), ...rest.environment },
  };
}
