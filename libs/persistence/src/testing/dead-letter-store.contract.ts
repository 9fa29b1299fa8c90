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
  dispensable: false,
};

/** What every `DeadLetterStore` does; `theStore` gives an empty one. */
export function describeDeadLetterStore(name: string, theStore: () => DeadLetterStore): void {
  describe(name, () => {
    it('keeps a letter with its bytes and headers', async () => {
      await theStore().add(LETTER);

      expect(await theStore().list(10)).toEqual([LETTER]);
    });

    it('keeps one of many concurrent letters with the same id', async () => {
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

    describe('beyond a bound', () => {
      const NONE = { lettersMax: 1_000, bytesMax: 1_000_000 };
      const fill = async (
        count: number,
        rest: (index: number) => Partial<DeadLetter>,
      ): Promise<void> => {
        for (let index = 0; index < count; index += 1) {
          await theStore().add({ ...LETTER, id: `${index}`, at: NOW + index, ...rest(index) });
        }
      };
      const ids = async (): Promise<readonly string[]> =>
        (await theStore().list(100)).map(({ id }) => id).toReversed();

      it('in number removes the oldest dispensable letters', async () => {
        await fill(6, (index) => ({ dispensable: index % 2 === 1 }));
        expect(await theStore().trim(NONE)).toBe(0);

        expect(await theStore().trim({ ...NONE, lettersMax: 4 })).toBe(2);

        expect(await ids()).toEqual(['0', '2', '4', '5']);
        expect((await theStore().totals()).letters).toBe(4);
      });

      it('in bytes removes as many as necessary', async () => {
        await fill(6, () => ({ dispensable: true, payload: new Uint8Array(10_000) }));
        const { bytes } = await theStore().totals();

        expect(await theStore().trim({ ...NONE, bytesMax: Math.floor(bytes * 0.6) })).toBe(3);

        expect(await ids()).toEqual(['3', '4', '5']);
      });

      it('keeps letters that are the only copy, however many there are', async () => {
        await fill(6, (index) => ({ dispensable: index === 5 }));

        expect(await theStore().trim({ lettersMax: 1, bytesMax: 1 })).toBe(1);

        expect(await ids()).toEqual(['0', '1', '2', '3', '4']);
      });
    });
  });
}
