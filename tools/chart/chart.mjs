import path from 'node:path';
import { projectRoot } from '../project/project-root.mjs';

export const CHART = path.join(projectRoot, 'deploy/helm/flow-eventing');

/** The oldest and the newest supported Kubernetes; Chart.yaml names the oldest as well. */
export const KUBERNETES_VERSIONS = ['1.29', '1.37'];

/** The smallest set of values for stores outside of the chart. */
export const OWN_STORES = [
  'mongodb.url=mongodb://mongodb.example/flow',
  'nats.url=nats://nats.example:4222',
];

/**
 * Sets of values that together use every part of the chart.
 *
 * @type {Readonly<Record<string, readonly string[]>>} `--set` arguments by what they show
 */
export const VALUES_MATRIX = {
  'stores of one’s own': OWN_STORES,
  'trial servers': ['mongodb.trial.enabled=true', 'nats.trial.enabled=true'],
  'trial servers with a storage class': [
    'mongodb.trial.enabled=true',
    'mongodb.trial.storageClassName=fast',
    'nats.trial.enabled=true',
    'nats.trial.storageClassName=fast',
  ],
  'no NATS': ['eventingDriver=http', 'mongodb.trial.enabled=true'],
  'an existing Secret': ['secrets.existing=flow-secrets'],
  'an existing Secret, no NATS': ['secrets.existing=flow-secrets', 'eventingDriver=http'],
  'secrets given': [
    ...OWN_STORES,
    'secrets.internalSecret=0123456789012345678901234567890123456789',
    'secrets.internalSecretPrevious=9876543210987654321098765432109876543210',
    'secrets.secretsKey=0123456789012345678901234567890123456789',
    'secrets.secretsKeyPrevious=9876543210987654321098765432109876543210',
    'secrets.adminToken=0123456789012345678901234567890123456789',
  ],
  'encrypted connections': [
    'mongodb.url=mongodb://mongodb.example/flow?tls=true&tlsCAFile=/etc/flow-eventing/tls/ca.crt',
    'nats.url=tls://nats.example:4222',
    'tls.secret=flow-tls',
    'tls.natsClientCertificate=true',
  ],
  'every way in': [
    ...OWN_STORES,
    'publicApiUrl=https://flow.example.org',
    'ingress.enabled=true',
    'ingress.className=nginx',
    'ingress.host=flow.example.org',
    'ingress.tlsSecret=flow-tls',
    'ingress.exposeApi=true',
    'ingress.annotations.kind=test',
    'gateway.enabled=true',
    'gateway.parentRefs[0].name=public',
    'gateway.hostnames[0]=flow.example.org',
    'gateway.exposeApi=true',
    'listener.service.type=LoadBalancer',
    'listener.service.annotations.kind=test',
  ],
  'an Ingress without a host': [...OWN_STORES, 'ingress.enabled=true'],
  monitoring: [
    ...OWN_STORES,
    'monitoring.serviceMonitor.enabled=true',
    'monitoring.serviceMonitor.labels.release=prometheus',
    'monitoring.prometheusRule.enabled=true',
    'monitoring.prometheusRule.labels.release=prometheus',
    'monitoring.dashboard.enabled=true',
  ],
  'scaling by CPU': [
    ...OWN_STORES,
    'listener.autoscaling.enabled=true',
    'executor.autoscaling.enabled=true',
  ],
  'scaling by backlog': [
    ...OWN_STORES,
    'executor.keda.enabled=true',
    'executor.keda.prometheusUrl=http://prometheus:9090',
  ],
  'images and placement': [
    ...OWN_STORES,
    'fullnameOverride=events',
    'image.registry=registry.example.org/flow/',
    'image.tag=1.2.3',
    'image.pullPolicy=Always',
    'image.pullSecrets[0].name=registry',
    `listener.digest=sha256:${'0'.repeat(64)}`,
    'listener.nodeSelector.disk=ssd',
    'listener.tolerations[0].key=dedicated',
    'listener.tolerations[0].operator=Exists',
    'executor.podLabels.team=flow',
    'executor.podAnnotations.note=test',
    'executor.replicas=5',
    'executor.preStopSeconds=0',
  ],
  'open network': [
    ...OWN_STORES,
    'networkPolicy.enabled=false',
    'podDisruptionBudget.enabled=false',
  ],
  'a closed network': [
    ...OWN_STORES,
    'networkPolicy.senders[0].namespaceSelector.matchLabels.name=ingress',
    'networkPolicy.apiClients[0].podSelector.matchLabels.app=admin',
    'networkPolicy.monitoring[0].namespaceSelector.matchLabels.name=monitoring',
  ],
  settings: [
    ...OWN_STORES,
    'settings.LOG_LEVEL=debug',
    'listener.settings.RATE_LIMIT_PER_SECOND=50',
  ],
};

/**
 * Sets of values that must be refused, each with a part of the expected message.
 *
 * @type {readonly { readonly values: readonly string[], readonly says: string }[]}
 */
export const REFUSED_VALUES = [
  { values: [], says: 'Where is MongoDB?' },
  { values: ['mongodb.trial.enabled=true'], says: 'Where is NATS?' },
  {
    values: ['secrets.existing=x', 'nats.trial.enabled=true'],
    says: 'leave secrets.existing empty',
  },
  {
    values: [...OWN_STORES, 'executor.keda.enabled=true', 'executor.autoscaling.enabled=true'],
    says: 'enable one of them',
  },
  { values: [...OWN_STORES, 'executor.keda.enabled=true'], says: 'executor.keda.prometheusUrl' },
  { values: [...OWN_STORES, 'tls.natsClientCertificate=true'], says: 'tls.secret' },
  { values: [...OWN_STORES, 'gateway.enabled=true'], says: 'gateway.parentRefs' },
  { values: [...OWN_STORES, 'listener.replicas=-1'], says: '/listener/replicas' },
  { values: [...OWN_STORES, 'listner.replicas=1'], says: 'listner' },
  { values: [...OWN_STORES, 'eventingDriver=kafka'], says: '/eventingDriver' },
  { values: [...OWN_STORES, 'secrets.adminToken=short'], says: '/secrets/adminToken' },
  { values: [...OWN_STORES, 'mongodb.url=http://mongodb'], says: '/mongodb/url' },
  {
    values: [...OWN_STORES, 'settings.INTERNAL_SECRET=x'],
    says: "invalid propertyName 'INTERNAL_SECRET'",
  },
];
