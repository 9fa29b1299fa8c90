import { aNewActivity, NOW } from '@app/persistence/testing';
import { type JsonValue } from '@app/json';
import { type OutboxEntry } from '@app/workflow-engine';
import { type OutboxDelivery } from '../outbox-delivery.js';

/** A delivery, and its recipient under the control of a test. */
export interface DeliveryRig {
  readonly delivery: OutboxDelivery;
  /** The payload of an entry that the recipient accepts. */
  readonly payload: JsonValue;
  /** The deliveries that the recipient has, in order of arrival: for each, the identity that it sees of the entry. */
  readonly received: readonly string[];
  /** Makes the recipient known to be unavailable, or available again. */
  setAvailable(available: boolean): void;
  /** The recipient accepts the next delivery, and its answer is lost. */
  loseNextAnswer(): void;
  /** The recipient refuses the next delivery for good. */
  refuseNext(): void;
}

/**
 * The contract of every `OutboxDelivery`.
 * @param theRig makes a new rig for each test
 */
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
