import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TlsFiles } from '../../tools/servers/tls-files.mjs';
import { type TestAuthority } from '../../apps/workflow-executor/src/tasks/http/testing/certificates.js';

/** A certificate of `authority` for this machine, as PEM files in `folder`; a second call replaces them. */
export async function writeTlsFiles(folder: string, authority: TestAuthority): Promise<TlsFiles> {
  const { cert, key } = authority.issue({ names: ['127.0.0.1', 'localhost'] });
  const file = (name: string): string => path.join(folder, name);
  const files: TlsFiles = {
    caFile: file('ca.pem'),
    certFile: file('cert.pem'),
    keyFile: file('key.pem'),
    bothFile: file('both.pem'),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(files.caFile, authority.cert);
  await writeFile(files.certFile, cert);
  await writeFile(files.keyFile, key, { mode: 0o600 });
  await writeFile(files.bothFile, key + cert, { mode: 0o600 });
  return files;
}
