import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { env } from 'node:process';
import { findServerBinary, type ServerBinary } from '../../tools/servers/server-binary.mjs';

let folder: string;
const before = { ...env };

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flow-eventing-binary-'));
  env['SERVERS_CACHE_DIR'] = path.join(folder, 'cache');
  env['PATH'] = [path.join(folder, 'path'), before['PATH']].join(path.delimiter);
});

afterEach(() => {
  delete env['SERVERS_CACHE_DIR'];
  delete env['TEST_SERVER_BINARY'];
  Object.assign(env, before);
  rmSync(folder, { recursive: true });
});

describe(findServerBinary.name, () => {
  it('uses the program that the setting names', async () => {
    env['TEST_SERVER_BINARY'] = program('named', '2.0.0');
    program('path', '2.0.0');

    expect(await findServerBinary(server())).toBe(env['TEST_SERVER_BINARY']);
  });

  it('does not replace a named program of the wrong version', async () => {
    env['TEST_SERVER_BINARY'] = program('named', '1.9.9');
    program('path', '2.0.0');

    await expect(findServerBinary(server())).rejects.toThrow(/1\.9\.9, older than 2\.0\.0/);
  });

  it('uses a program of the right version on the PATH', async () => {
    const onPath = program('path', '2.1.0');

    expect(await findServerBinary(server())).toBe(onPath);
  });

  it('downloads once when the program on the PATH is too old', async () => {
    program('path', '1.9.0');
    const downloads: string[] = [];
    const binary = server({
      how: 'the only way',
      fetch: (into) => {
        downloads.push(into);
        return Promise.resolve(program('download', '2.0.0', into));
      },
    });

    const found = await findServerBinary(binary);

    expect(found).toBe(path.join(folder, 'cache', 'test-server'));
    expect(await findServerBinary(binary)).toBe(found);
    expect(downloads).toHaveLength(1);
  });

  it('downloads once when several ask at the same time', async () => {
    let downloads = 0;
    const binary = server({
      how: 'a slow way',
      fetch: async (into) => {
        downloads += 1;
        await new Promise(setImmediate);
        return program('download', '2.0.0', into);
      },
    });

    await Promise.all([findServerBinary(binary), findServerBinary(binary)]);

    expect(downloads).toBe(1);
  });

  it('reports what it tried and what to do when nothing works, and leaves no files', async () => {
    const binary = server(
      { how: 'the first way', fetch: () => Promise.reject(new Error('no network')) },
      {
        how: 'the second way',
        fetch: (into) => Promise.resolve(program('download', '1.0.0', into)),
      },
    );

    const failure = findServerBinary(binary);

    await expect(failure).rejects.toThrow(/the first way: no network/);
    await expect(failure).rejects.toThrow(/the second way: .*1\.0\.0, older than 2\.0\.0/);
    await expect(failure).rejects.toThrow(/solves it:\n {2}- buy one/);
    expect(readdirSync(path.join(folder, 'cache'))).toEqual([]);
  });
});

function server(...downloads: ServerBinary['downloads']): ServerBinary {
  return {
    name: 'test-server',
    versionMin: '2.0.0',
    setting: 'TEST_SERVER_BINARY',
    downloads,
    remedies: ['buy one'],
  };
}

/** A program that says a version, in a folder of its own. */
function program(where: string, version: string, below = folder): string {
  const file = path.join(below, where, 'test-server');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "test-server v${version}"\n`, { mode: 0o755 });
  return file;
}
