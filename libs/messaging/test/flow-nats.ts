import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { randomBytes } from 'node:crypto';
import { env } from 'node:process';
import { connectNats } from '../src/link/connect-nats.js';
import { type NatsLink } from '../src/link/nats-link.js';
import { flowTopology, type FlowTopologySettings } from '../src/topology/flow-topology.js';
import { TopologyProvisioner } from '../src/topology/topology-provisioner.js';
import { until } from '@app/errors/testing';

export const ACK_WAIT_MS = 1_500;

/** So that test files can share one server. */
function freshNamespace(): string {
  return `t${randomBytes(5).toString('hex')}`;
}

/** The server that the test run shares. */
function sharedNatsUrl(): string {
  const url = env['TEST_NATS_URL'];
  if (url === undefined) throw new Error('TEST_NATS_URL is not set; run the tests with npm test');
  return url;
}

export function topologySettings(
  namespace: string,
  rest: Partial<FlowTopologySettings> = {},
): FlowTopologySettings {
  return {
    namespace,
    replicas: 1,
    maxBytes: 16 * 1024 * 1024,
    duplicateWindowMs: 60_000,
    ackWaitMs: ACK_WAIT_MS,
    messagesInFlightMax: 1_000,
    ...rest,
  };
}

/** A link with the streams and consumers of a namespace of its own, as an application has them. */
export class FlowNats {
  readonly link: NatsLink;
  readonly topology: TopologyProvisioner;
  readonly failures: unknown[] = [];

  constructor(
    url = sharedNatsUrl(),
    settings: Partial<FlowTopologySettings> = {},
    readonly namespace = freshNamespace(),
  ) {
    this.link = connectNats({ urls: [url], name: this.namespace });
    const topology = flowTopology(topologySettings(this.namespace, settings));
    this.topology = new TopologyProvisioner(this.link, topology, {
      onReconciled: () => undefined,
      onFailed: (error) => this.failures.push(error),
    });
  }

  async ready(): Promise<this> {
    await until(() => this.link.available);
    await this.topology.reconcile();
    return this;
  }

  async gone(): Promise<void> {
    await until(() => !this.link.available);
  }

  manager(): Promise<JetStreamManager> {
    return jetstreamManager(this.link.connection, { checkAPI: false });
  }

  /** All messages of a stream, as text. */
  async stored(stream: string): Promise<readonly { subject: string; payload: string }[]> {
    const { streams } = await this.manager();
    const { state } = await streams.info(stream);
    const messages: { subject: string; payload: string }[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
      const message = await streams.getMessage(stream, { seq });
      if (message !== null) messages.push({ subject: message.subject, payload: message.string() });
    }
    return messages;
  }

  async close(): Promise<void> {
    this.topology.close();
    await this.link.close();
  }
}
