import { FlowError } from '@app/errors';
import { eventsStream, eventSubject } from '../src/topology/names.js';
import { type ConsumerInfo } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { EXECUTOR_CONSUMER } from '../src/topology/flow-topology.js';
import { ConsumingApp, type Handle } from './consuming-app.js';
import { FlowNats } from './flow-nats.js';
import { until } from '@app/errors/testing';

export class RefusedError extends FlowError {
  readonly code = 'REFUSED_FOR_A_TEST';
  readonly kind = 'invalid';
}

const opened: { close(): unknown }[] = [];

/** Closes what the test opened, the newest first. */
export async function closeAll(): Promise<void> {
  for (const one of opened.splice(0).reverse()) await one.close();
}

/** To be closed after the test. */
export function opening<One extends { close(): unknown }>(one: One): One {
  opened.push(one);
  return one;
}

/** A link, connected, with a namespace that has the stream of batches. */
export function batchesLink(): Promise<FlowNats> {
  return opening(new FlowNats(undefined, { batches: true })).ready();
}

/** A link with a namespace of its own, not waiting for the connection. */
export function link(url?: string, namespace?: string): FlowNats {
  const flow = new FlowNats(url, {}, namespace);
  opened.push(flow);
  return flow;
}

export async function start(
  flow: FlowNats,
  handle: Handle,
  options: ConstructorParameters<typeof ConsumingApp>[2] = {},
): Promise<ConsumingApp> {
  const app = await new ConsumingApp(flow, handle, options).start();
  opened.push(app);
  return app;
}

/** Stores one message after the other for a workflow. */
export async function publish(flow: FlowNats, ...texts: string[]): Promise<void> {
  const sent = headers();
  sent.set('traceparent', 'a-trace');
  for (const text of texts) {
    const subject = eventSubject(flow.namespace, 'wf1');
    await flow.link.connection.request(subject, text, { timeout: 5_000, headers: sent });
  }
}

export async function consumerInfo(flow: FlowNats): Promise<ConsumerInfo> {
  const { consumers } = await flow.manager();
  return consumers.info(eventsStream(flow.namespace), EXECUTOR_CONSUMER);
}

/**
 * All that the stream has was delivered, and nothing of it is unanswered. What a consumer counts as pending is not
 * enough: it may not know yet of what is stored.
 */
export async function settled(flow: FlowNats): Promise<void> {
  const { streams } = await flow.manager();
  await until(async () => {
    const { state } = await streams.info(eventsStream(flow.namespace));
    const { num_ack_pending, delivered } = await consumerInfo(flow);
    const isDelivered = state.messages === 0 || delivered.stream_seq >= state.last_seq;
    return isDelivered && num_ack_pending === 0;
  });
}

/** A promise that the test ends. */
export function gate(): { open: () => void; opened: Promise<void> } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    open: () => {
      open();
    },
    opened,
  };
}
