import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Agent, get } from 'node:https';
import { freePort } from '../servers/free-port.mjs';
import { findServerBinary } from '../servers/server-binary.mjs';
import { ServerProcess } from '../servers/server-process.mjs';
import { untilReady } from '../servers/until-ready.mjs';

/** @type {import('../servers/server-binary.mjs').ServerBinary} */
const apiServerBinary = {
  name: 'kube-apiserver',
  versionMin: '1.29.0',
  setting: 'KUBE_APISERVER_BINARY',
  downloads: [],
  remedies: [
    'build it from the Go module k8s.io/kubernetes, so that it is on the PATH',
    'KUBE_APISERVER_BINARY=/path/to/kube-apiserver names one',
  ],
};

/** @type {import('../servers/server-binary.mjs').ServerBinary} */
const etcdBinary = {
  name: 'etcd',
  versionMin: '3.4.0',
  setting: 'ETCD_BINARY',
  downloads: [],
  remedies: ['install etcd (Debian: etcd-server)', 'ETCD_BINARY=/path/to/etcd names one'],
};

/**
 * A Kubernetes API without nodes and controllers: it validates and stores objects, and runs no pods.
 *
 * @typedef {object} ApiServer
 * @property {string} kubeconfig the file by which kubectl and Helm find it, as an administrator
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string} folder
 * @returns {Promise<ApiServer>} when it is ready
 * @throws {import('../servers/errors.mjs').ServerBinaryMissingError}
 */
export async function startApiServer(folder) {
  const programs = {
    etcd: await findServerBinary(etcdBinary),
    apiServer: await findServerBinary(apiServerBinary),
  };
  const etcd = await startEtcd(programs.etcd, path.join(folder, 'etcd'));
  const token = randomBytes(32).toString('hex');
  const port = await freePort();
  const server = new ServerProcess({
    name: 'kube-apiserver',
    command: programs.apiServer,
    args: await apiServerArgs(folder, etcd.url, port, token),
    logFile: path.join(folder, 'kube-apiserver.log'),
  });
  await untilReady(server, () => isReady(port, token));
  const kubeconfig = path.join(folder, 'kubeconfig.json');
  await writeFile(kubeconfig, JSON.stringify(configOf(port, token)));
  return {
    kubeconfig,
    stop: async () => {
      await server.stop();
      await etcd.process.stop();
    },
  };
}

/**
 * @param {string} binary
 * @param {string} folder
 */
async function startEtcd(binary, folder) {
  const url = `http://127.0.0.1:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  await mkdir(folder, { recursive: true });
  const server = new ServerProcess({
    name: 'etcd',
    command: binary,
    args: [
      ...['--data-dir', path.join(folder, 'data')],
      ...['--listen-client-urls', url, '--advertise-client-urls', url],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', `default=${peer}`],
    ],
    logFile: path.join(folder, 'etcd.log'),
  });
  await untilReady(server, async () => {
    const answer = await fetch(`${url}/health`);
    return answer.ok || undefined;
  });
  return { url, process: server };
}

/**
 * @param {string} folder
 * @param {string} etcdUrl
 * @param {number} port
 * @param {string} token
 */
async function apiServerArgs(folder, etcdUrl, port, token) {
  const keyFile = path.join(folder, 'service-account.pem');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const tokenFile = path.join(folder, 'tokens.csv');
  await writeFile(tokenFile, `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    // The address must not be loopback. It is only stored, and nothing connects to it.
    '--advertise-address=192.0.2.2',
    `--secure-port=${port}`,
    `--cert-dir=${path.join(folder, 'certificates')}`,
    `--token-auth-file=${tokenFile}`,
    '--authorization-mode=RBAC',
    `--service-account-key-file=${keyFile}`,
    `--service-account-signing-key-file=${keyFile}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.125.0.0/24',
    // A controller would create the service accounts, and there is none.
    '--disable-admission-plugins=ServiceAccount',
  ];
}

/**
 * @param {number} port
 * @param {string} token
 * @returns {Promise<true | undefined>}
 */
function isReady(port, token) {
  const agent = new Agent({ rejectUnauthorized: false });
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/readyz', agent, headers }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? true : undefined);
    }).once('error', reject);
  });
}

/**
 * @param {number} port
 * @param {string} token
 */
function configOf(port, token) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'check',
        cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true },
      },
    ],
    users: [{ name: 'check', user: { token } }],
    contexts: [{ name: 'check', context: { cluster: 'check', user: 'check' } }],
    'current-context': 'check',
  };
}
