import { aNewActivity, NOW } from '@app/persistence/testing';
import { type JsonValue } from '@app/json';
import { type OutboxEntry } from '@app/workflow-engine';
import { type OutboxDelivery } from '../outbox-delivery.js';

/** A delivery, and the other side of it as a test sees and governs it. */
export interface DeliveryRig {
  readonly delivery: OutboxDelivery;
  /** An entry's payload that the other side takes. */
  readonly payload: JsonValue;
  /** What the other side has, in the order it came: by what it can tell an entry from another. */
  readonly received: readonly string[];
  /** The other side is known to be gone, or there again. */
  setAvailable(available: boolean): void;
  /** The next delivery is taken, and its answer is lost. */
  loseNextAnswer(): void;
  /** The other side says for good that it does not want the next one. */
  refuseNext(): void;
}

/** What every `OutboxDelivery` does; `theRig` gives a fresh one. */
export function describeOutboxDelivery(name: string, theRig: () => DeliveryRig): void {
  const origin = aNewActivity();
  const never = new AbortController().signal;

  function entry(id: string, payload: JsonValue): OutboxEntry {
    return { id, key: 'a', kind: 'any', payload, createdAt: NOW };
  }

  describe(name, () => {
    it('says that it was delivered when the other side has it', async () => {
      const rig = theRig();

      expect(await rig.delivery.deliver(entry('1', rig.payload), origin, never)).toEqual({
        kind: 'delivered',
      });
      expect(rig.received).toHaveLength(1);
    });

    it('names an entry alike each time, and two entries differently', async () => {
      const rig = theRig();
      for (const id of ['1', '2', '1'])
        await rig.delivery.deliver(entry(id, rig.payload), origin, never);

      const [first, second, again] = rig.received;
      expect(again).toBe(first);
      expect(second).not.toBe(first);
    });

    it('does not say that it was delivered when the answer is lost', async () => {
      const rig = theRig();
      rig.loseNextAnswer();

      const outcome = await rig.delivery
        .deliver(entry('1', rig.payload), origin, never)
        .catch((): { readonly kind: string } => ({ kind: 'again' }));

      expect(outcome.kind).toBe('again');
      expect(await rig.delivery.deliver(entry('1', rig.payload), origin, never)).toEqual({
        kind: 'delivered',
      });
    });

    it('says what is refused for good, with a code and a reason', async () => {
      const rig = theRig();
      rig.refuseNext();

      expect(await rig.delivery.deliver(entry('1', rig.payload), origin, never)).toEqual({
        kind: 'refused',
        code: expect.stringMatching(/^[A-Z]+(_[A-Z]+)+$/) as string,
        message: expect.stringMatching(/\w/) as string,
      });
    });

    it('knows whether to try is in vain', () => {
      const rig = theRig();
      const before = rig.delivery.available;
      rig.setAvailable(false);
      const gone = rig.delivery.available;
      rig.setAvailable(true);

      expect([before, gone, rig.delivery.available]).toEqual([true, false, true]);
    });
  });
}
