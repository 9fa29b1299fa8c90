import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CHART, VALUES_MATRIX } from './chart/chart.mjs';
import { helmBinary, kubectlBinary } from './chart/kubernetes-clients.mjs';
import { Tally } from './project/tally.mjs';
import { startApiServer } from './kubernetes/api-server.mjs';
import { checkRelease } from './kubernetes/check-release.mjs';
import { ClusterClient, NAMESPACE } from './kubernetes/cluster-client.mjs';
import { foreignKinds } from './kubernetes/foreign-kinds.mjs';
import { projectRoot } from './project/project-root.mjs';
import { findServerBinary } from './servers/server-binary.mjs';

/**
 * `npm run check:kubernetes` applies the chart and the plain manifests to a real kube-apiserver, in a namespace that admits
 * only pods of PodSecurity `restricted`. It needs a kube-apiserver and an etcd (docs/deploy.md). No pod runs, because
 * there are no nodes.
 * Exits as `Tally` says; skipped if a program is missing.
 */

const RESTRICTED = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: NAMESPACE,
    labels: {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    },
  },
};

const tally = new Tally();
const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-kubernetes-'));
try {
  await checkAll();
} catch (error) {
  if (!(error instanceof Error) || error.name !== 'ServerBinaryMissingError') throw error;
  tally.skip(`nothing was checked against a Kubernetes: ${error.message}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
tally.close();

async function checkAll() {
  const programs = {
    kubectl: await findServerBinary(kubectlBinary),
    helm: await findServerBinary(helmBinary),
  };
  const server = await startApiServer(folder);
  try {
    const cluster = new ClusterClient(programs, server.kubeconfig);
    await tally.check('a namespace for restricted pods', async () => {
      await cluster.kubectl(['apply', '--filename', '-'], JSON.stringify(RESTRICTED));
      await cluster.kubectl(['apply', '--filename', '-'], foreignKinds());
      await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
    });
    for (const [name, values] of Object.entries(VALUES_MATRIX)) {
      const sets = values.flatMap((value) => ['--set', value]);
      const manifests = await cluster.helm('template', 'flow', CHART, ...sets);
      await tally.check(`accepted: ${name}`, async () => {
        await cluster.dryRun(manifests);
        return `${await dryRunPods(cluster, manifests)} kinds of pods are admitted`;
      });
    }
    await tally.check('accepted: the plain manifests', async () => {
      const file = path.join(projectRoot, 'deploy/kustomize/flow-eventing.yaml');
      await cluster.dryRun(await readFile(file, 'utf8'));
    });
    await checkRelease(cluster, tally);
  } finally {
    await server.stop();
  }
}

/**
 * PodSecurity checks pods when a controller creates them, and there is no controller. So each template is submitted as a
 * pod, with the volumes that the controller of a StatefulSet would add for its claims.
 *
 * @param {ClusterClient} cluster
 * @param {string} manifests
 * @returns {Promise<number>} how many templates there are
 */
async function dryRunPods(cluster, manifests) {
  const pods = parseAllDocuments(manifests)
    .map(workloadIn)
    .filter((object) => object?.spec?.template !== undefined)
    .map((object) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...object?.spec?.template?.metadata, name: object?.metadata.name },
      spec: {
        ...object?.spec?.template?.spec,
        volumes: [
          ...(object?.spec?.template?.spec.volumes ?? []),
          ...(object?.spec?.volumeClaimTemplates ?? []).map(volumeOfClaim),
        ],
      },
    }));
  for (const pod of pods) await cluster.dryRun(JSON.stringify(pod));
  return pods.length;
}

/** @param {{ metadata: { name: string } }} claim */
function volumeOfClaim({ metadata }) {
  return { name: metadata.name, persistentVolumeClaim: { claimName: metadata.name } };
}

/**
 * @param {import('yaml').Document} document
 * @returns {Workload | null}
 */
function workloadIn(document) {
  /** @type {unknown} */
  const object = document.toJS();
  return /** @type {Workload | null} */ (object);
}

/**
 * @typedef {object} Workload
 * @property {{ name: string }} metadata
 * @property {{ template?: PodTemplate, volumeClaimTemplates?: { metadata: { name: string } }[] }} [spec]
 */

/**
 * @typedef {object} PodTemplate
 * @property {object} metadata
 * @property {{ volumes?: object[] }} spec
 */
