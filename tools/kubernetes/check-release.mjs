import { CHART } from '../chart/chart.mjs';

const RELEASE = 'flow';
const SECRET = 'flow-flow-eventing';
const TRIAL = ['--set', 'mongodb.trial.enabled=true', '--set', 'nats.trial.enabled=true'];

/**
 * Checks the life of a Helm release: install, upgrade, rollback, uninstall, and a new install with the secrets of the
 * first one.
 *
 * @param {import('./cluster-client.mjs').ClusterClient} cluster
 * @param {import('../project/tally.mjs').Tally} tally
 */
export async function checkRelease(cluster, tally) {
  const secret = () => cluster.kubectl(['get', 'secret', SECRET, '-o', 'jsonpath={.data}']);
  const image = () =>
    cluster.kubectl([
      ...['get', 'deployment', `${SECRET}-listener`],
      ...['-o', 'jsonpath={.spec.template.spec.containers[0].image}'],
    ]);
  let made = '';
  await tally.check('helm install', async () => {
    const notes = await cluster.helm('install', RELEASE, CHART, ...TRIAL);
    if (!notes.includes('curl')) throw new Error('It does not say how to send the first event');
    made = await secret();
    return image();
  });
  await tally.check('helm upgrade keeps the secrets', async () => {
    await cluster.helm('upgrade', RELEASE, CHART, ...TRIAL, '--set', 'image.tag=next');
    same(made, await secret());
    return ends(await image(), ':next');
  });
  await tally.check('helm rollback', async () => {
    await cluster.helm('rollback', RELEASE, '1');
    same(made, await secret());
    const now = await image();
    if (now.endsWith(':next')) throw new Error(now);
    return now;
  });
  await tally.check('helm uninstall leaves the secrets, and nothing else', async () => {
    await cluster.helm('uninstall', RELEASE);
    same(made, await secret());
    const left = await cluster.kubectl([
      ...['get', 'all,configmap,ingress,networkpolicy,poddisruptionbudget,serviceaccount'],
      ...['-l', `app.kubernetes.io/instance=${RELEASE}`, '-o', 'name'],
    ]);
    if (left.trim() !== '') throw new Error(`There are still ${left}`);
  });
  await tally.check('helm install again takes them up', async () => {
    await cluster.helm('install', RELEASE, CHART, ...TRIAL);
    same(made, await secret());
    await cluster.helm('uninstall', RELEASE);
  });
}

/**
 * @param {string} before
 * @param {string} after
 */
function same(before, after) {
  if (before !== after) throw new Error('The secrets are others than before');
}

/**
 * @param {string} text
 * @param {string} end
 */
function ends(text, end) {
  if (!text.endsWith(end)) throw new Error(text);
  return text;
}
