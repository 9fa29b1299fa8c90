import { jest } from '@jest/globals';
import { until } from '@app/errors/testing';
import {
  decodeDispatchBatch,
  type Dispatch,
  encodeDispatch,
  encodeDispatchBatch,
  type Message,
} from '@app/events';
import { aDispatch, anEvent } from '@app/events/testing';
import { SigningKeys } from '@app/signing';
import { type JetStreamContext } from '../src/consume/handlers.js';
import { BatchSplitter } from '../src/dispatch/batch-splitter.js';
import {
  batchesStream,
  batchSubject,
  dispatchesStream,
  dispatchSubject,
} from '../src/topology/names.js';
import { ConsumingApp } from './consuming-app.js';
import { batchesLink, closeAll, opening } from './consuming.js';
import { type FlowNats } from './flow-nats.js';

jest.setTimeout(60_000);

const KEYS = new SigningKeys('a secret of the tests');

afterEach(closeAll);

describe('messages that bring several things', () => {
  /** A message is a text with a word for each thing, each done when the test says so. */
  class Words {
    readonly inHand = new Map<string, () => void>();
    readonly done: string[] = [];
    most = 0;

    async take(text: string, { settled }: JetStreamContext): Promise<void> {
      await Promise.all(
        text.split(' ').map(async (word) => {
          await new Promise<void>((resolve) => this.inHand.set(word, resolve));
          this.done.push(word);
          settled();
        }),
      );
    }

    end(...words: string[]): void {
      for (const word of words) {
        this.inHand.get(word)?.();
        this.inHand.delete(word);
      }
    }
  }

  async function consume(flow: FlowNats, words: Words): Promise<void> {
    const app = new ConsumingApp(flow, (text, context) => words.take(text, context), {
      stream: batchesStream(flow.namespace),
      messagesInFlightMax: 6,
      placesMax: 3,
      placesOf: (text) => (text as string).split(' ').length,
    });
    opening(await app.start());
  }

  async function publish(flow: FlowNats, ...texts: string[]): Promise<void> {
    const subject = batchSubject(flow.namespace);
    for (const text of texts) await flow.link.connection.request(subject, text, { timeout: 5_000 });
  }

  it('are taken by what they bring, and each thing that is done makes room before the last one', async () => {
    const flow = await batchesLink();
    const words = new Words();
    await publish(flow, 'a1 a2 a3', 'b1 b2 b3', 'c1 c2 c3', 'd1');
    await consume(flow, words);
    await until(() => words.inHand.size === 6);
    // What the server would have delivered by now is here.
    await flow.link.connection.flush();
    expect([...words.inHand.keys()]).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);

    // One of each message goes on: no message is answered, and there is room for another.
    words.end('a1', 'a2', 'b1');
    await until(() => words.inHand.has('c3'));
    expect(words.inHand.has('d1')).toBe(false);

    words.end('b2', 'c1', 'c2');
    await until(() => words.inHand.has('d1'));
    words.end(...words.inHand.keys());
    await until(async () => {
      const { streams } = await flow.manager();
      return (await streams.info(batchesStream(flow.namespace))).state.messages === 0;
    });
    expect(words.done).toHaveLength(10);
  });
});

describe(BatchSplitter.name, () => {
  const sent = ['1', '2', '3'].map((id) =>
    aDispatch({ workflowId: `wf${id}`, event: anEvent({ id }) }),
  );

  function splitterOver(flow: FlowNats): BatchSplitter {
    const splitter = new BatchSplitter(flow.link, {
      namespace: flow.namespace,
      inFlightMax: 64,
      inFlightBytesMax: 1_048_576,
      ackTimeoutMs: 5_000,
      onNoStream: () => undefined,
    });
    opening(splitter);
    return splitter;
  }

  function batchOf(dispatches: readonly Dispatch[]): Message {
    const written = dispatches.map((dispatch) => {
      const text = Buffer.from(encodeDispatch(dispatch, KEYS).payload).toString();
      return { dispatch, text, bytes: Buffer.byteLength(text) };
    });
    return encodeDispatchBatch(written, KEYS);
  }

  it('sends each as if it had come alone', async () => {
    const flow = await batchesLink();
    await splitterOver(flow).split(decodeDispatchBatch(batchOf(sent), KEYS));

    const stored = await flow.stored(dispatchesStream(flow.namespace));
    expect(stored).toEqual(
      sent.map((dispatch) => ({
        subject: dispatchSubject(flow.namespace, dispatch.workflowId),
        payload: Buffer.from(encodeDispatch(dispatch, KEYS).payload).toString(),
      })),
    );
  });

  it('says so when it is closed already', async () => {
    const splitter = splitterOver(await batchesLink());
    const batch = decodeDispatchBatch(batchOf(sent), KEYS);
    await splitter.split(batch);
    splitter.close();

    await expect(splitter.split(batch)).rejects.toMatchObject({ code: 'DISPATCH_FAILED' });
  });

  it('says when the stream may lack one', async () => {
    const flow = await batchesLink();
    const splitter = splitterOver(flow);
    await (await flow.manager()).streams.delete(dispatchesStream(flow.namespace));

    const splitting = splitter.split(decodeDispatchBatch(batchOf(sent), KEYS));

    await expect(splitting).rejects.toMatchObject({ code: 'DISPATCH_FAILED' });
  });
});
