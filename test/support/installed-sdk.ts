import { transformSync } from '@swc/core';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { env as inherited } from 'node:process';
import { promisify } from 'node:util';
import { projectRoot } from '../../tools/project/project-root.mjs';
import { waitFor } from '../../tools/project/wait-for.mjs';

const run = promisify(execFile);
const PACKAGE = 'packages/worker-sdk';
/** What an application of Nest has besides. */
const NEST = ['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs'];

/** The worker SDK as an application installs it: from its archive, in a folder outside of the repository. */
export class InstalledSdk {
  private constructor(private readonly folder: string) {}

  static async install(): Promise<InstalledSdk> {
    const folder = await mkdtemp(path.join(tmpdir(), 'flow-worker-sdk-'));
    await run('npm', ['pack', '-w', PACKAGE, '--pack-destination', folder], { cwd: projectRoot });
    const [archive = ''] = await readdir(folder);
    await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
    const quietly = ['--prefer-offline', '--no-audit', '--no-fund'];
    const nest = await Promise.all(NEST.map(asHere));
    await run('npm', ['install', ...quietly, archive, ...nest], { cwd: folder });
    return new InstalledSdk(folder);
  }

  files(): Promise<string[]> {
    const installed = path.join(this.folder, 'node_modules/@flow-eventing/worker-sdk');
    return readdir(installed, { recursive: true });
  }

  /** The first example of that language in the package's README. */
  static async example(language: 'js' | 'ts'): Promise<string> {
    const readme = await readFile(path.join(projectRoot, PACKAGE, 'README.md'), 'utf8');
    const [, code = ''] = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(readme) ?? [];
    return code;
  }

  /** A program that may be in TypeScript, begun with what the test gives it. */
  async start(code: string, env: Readonly<Record<string, string>>): Promise<SdkWorker> {
    const name = `worker-${Math.random().toString(36).slice(2)}.js`;
    await writeFile(path.join(this.folder, name), plain(code));
    const child = spawn(process.execPath, [name], {
      cwd: this.folder,
      env: { ...inherited, ...env },
    });
    return new SdkWorker(child);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A process that is a worker. */
export class SdkWorker {
  #output = '';

  constructor(private readonly process: ChildProcess) {
    const hear = (chunk: Buffer): void => void (this.#output += chunk.toString());
    process.stdout?.on('data', hear);
    process.stderr?.on('data', hear);
  }

  async said(words: string, times = 1): Promise<void> {
    await waitFor(`the worker to say "${words}"`, () => {
      if (this.timesSaid(words) >= times) return true;
      if (this.process.exitCode !== null) throw new Error(`It ended: ${this.#output}`);
      return undefined;
    });
  }

  timesSaid(words: string): number {
    return this.#output.split(words).length - 1;
  }

  /** Its exit and its output. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; said: string }> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once('exit', resolve));
      this.process.kill(signal);
      await ended;
    }
    return { code: this.process.exitCode, said: this.#output };
  }
}

async function asHere(name: string): Promise<string> {
  const file = path.join(projectRoot, 'node_modules', name, 'package.json');
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { readonly version: string };
  return `${name}@${version}`;
}

function plain(code: string): string {
  return transformSync(code, {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'es6' },
  }).code;
}
