import { type EventSignal } from '@app/workflow-engine';
import { type ActivityStore } from '../../activities/activity-store.js';
import { waitKeyOf } from '../../correlated-events/wait-key.js';
import { aCommit, aNewActivity, anEvent, aState, NOW, waitingForEvents } from '../builders.js';

const PAID = waitKeyOf('paid', 'order-1');
const SENT = waitKeyOf('sent', 'order-1');

function event(id: string, wait = PAID): EventSignal {
  return { id, kind: 'event', at: NOW + 5, topic: 'paid', correlationKey: 'order-1', wait };
}

export function describeOpenWaits(theStore: () => ActivityStore): void {
  /** Stores an activity that waits for events by these keys. */
  async function waiting(
    id: string,
    waits: readonly (readonly [string, string])[],
    workflowId = 'workflow-1',
  ): Promise<void> {
    await theStore().record(aNewActivity({ id, workflowId, event: anEvent({ id }) }));
    await theStore().commit(aCommit({ id, state: waitingForEvents(...waits), wakeAt: NOW }));
  }
  const found = (key = PAID, workflowId = 'workflow-1', limit = 10) =>
    theStore().waitingFor(workflowId, key, limit);

  describe('waits for events by a key', () => {
    it('are found in their workflow, by topic and key, as far as asked', async () => {
      await waiting('b', [['paid', 'order-1']]);
      await waiting('a', [
        ['paid', 'order-1'],
        ['sent', 'order-1'],
      ]);
      await waiting('other', [['paid', 'order-2']]);
      await waiting('foreign', [['paid', 'order-1']], 'workflow-2');

      expect(await found()).toEqual(['a', 'b']);
      expect(await found(PAID, 'workflow-1', 1)).toEqual(['a']);
      expect(await found(SENT)).toEqual(['a']);
      expect(await found(PAID, 'workflow-2')).toEqual(['foreign']);
      expect(await found(waitKeyOf('paid', 'order-3'))).toEqual([]);
    });

    it('do not confuse topic and key', () => {
      expect(waitKeyOf('a', 'b,c')).not.toBe(waitKeyOf('a,b', 'c'));
      expect(waitKeyOf('', 'ab')).not.toBe(waitKeyOf('a', 'b'));
    });

    it('are removed when the run no longer waits', async () => {
      await waiting('a', [['paid', 'order-1']]);
      await theStore().commit(
        aCommit({ id: 'a', lockVersion: 2, state: aState(), wakeAt: NOW + 1 }),
      );

      expect(await found()).toEqual([]);
      expect(await theStore().signal('a', event('e'))).toBe('not-waiting');
    });

    it('take one event, and are found for the next when they wait again', async () => {
      await waiting('a', [
        ['paid', 'order-1'],
        ['sent', 'order-1'],
      ]);

      expect(await theStore().signal('a', event('e-1'))).toBe('appended');
      expect(await theStore().signal('a', event('e-1'))).toBe('duplicate');
      expect(await theStore().signal('a', event('e-2'))).toBe('not-waiting');
      expect(await found()).toEqual([]);
      expect(await found(SENT)).toEqual(['a']);
      expect(await theStore().signal('a', event('e-3', SENT))).toBe('appended');

      const again = { ...waitingForEvents(['paid', 'order-1']), taken: ['e-1', 'e-3'] };
      await theStore().commit(
        aCommit({
          id: 'a',
          lockVersion: 4,
          state: again,
          signals: ['e-1', 'e-3'],
          wakeAt: NOW + 1,
        }),
      );
      expect(await found()).toEqual(['a']);
      expect(await theStore().signal('a', event('e-2'))).toBe('appended');
    });

    it('distinguish a taken event from one that the run waits for', async () => {
      await waiting('a', [['paid', 'order-1']]);
      await theStore().signal('a', event('e-1'));
      const state = aState({ taken: ['e-1'] });
      await theStore().commit(
        aCommit({ id: 'a', lockVersion: 3, state, signals: ['e-1'], wakeAt: NOW + 1 }),
      );

      expect(await theStore().signal('a', event('e-1'))).toBe('duplicate');
      expect(await theStore().signal('a', event('e-2'))).toBe('not-waiting');
    });

    it('take one of many concurrent events', async () => {
      await waiting('a', [['paid', 'order-1']]);

      const outcomes = await Promise.all(
        Array.from({ length: 10 }, (_, at) => theStore().signal('a', event(`e-${at}`))),
      );

      expect(outcomes.toSorted()).toEqual(['appended', ...Array<string>(9).fill('not-waiting')]);
    });
  });
}
