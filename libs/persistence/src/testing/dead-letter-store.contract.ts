import { type DeadLetter, type DeadLetterStore } from '../dead-letters/dead-letter-store.js';
import { NOW } from './builders.js';

const LETTER: DeadLetter = {
  id: 'FLOW_EVENTS:7',
  stream: 'FLOW_EVENTS',
  subject: 'flow.event.workflow-1',
  sequence: 7,
  deliveries: 3,
  headers: { 'ce-id': ['1'], 'a.b': ['x', 'y'], _bsontype: ['Long'], $set: [] },
  payload: Uint8Array.from([0, 255, 123, 0]),
  code: 'BODY_NOT_JSON',
  reason: 'not JSON',
  at: NOW,
};

/** What every `DeadLetterStore` does; `theStore` gives an empty one. */
export function describeDeadLetterStore(name: string, theStore: () => DeadLetterStore): void {
  describe(name, () => {
    it('keeps a letter with its bytes and headers', async () => {
      await theStore().add(LETTER);

      expect(await theStore().list(10)).toEqual([LETTER]);
    });

    it('keeps the first of the same id, of however many at once', async () => {
      await theStore().add(LETTER);
      await Promise.all(
        Array.from({ length: 10 }, () => theStore().add({ ...LETTER, deliveries: 9 })),
      );

      expect(await theStore().list(10)).toEqual([LETTER]);
    });

    it('lists the newest first, no more than asked for', async () => {
      for (const [index, id] of ['b', 'c', 'a'].entries()) {
        await theStore().add({ ...LETTER, id, at: NOW + index });
      }

      expect((await theStore().list(2)).map(({ id }) => id)).toEqual(['a', 'c']);
    });
  });
}
