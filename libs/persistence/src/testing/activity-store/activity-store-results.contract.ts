import { type JsonObject } from '@app/json';
import { type ActivityState, type TaskState } from '@app/workflow-engine';
import { type ActivityStore } from '../../activities/activity-store.js';
import { aCommit, aState, NOW, recorded, succeeded } from '../builders.js';

const FEATURES = ['state:2'];
const CLAIM = { now: NOW + 60_000, limit: 10, leaseMs: 1_000, owner: 'me', features: FEATURES };
const LARGE = 50_000;

function over(results: JsonObject): TaskState {
  return { status: 'succeeded', attempt: 1, startedAt: NOW, endedAt: NOW + 1, results };
}

function withTasks(
  tasks: ActivityState['tasks'],
  more: Partial<ActivityState> = {},
): ActivityState {
  return aState({ tasks, ...more });
}

/** A commit writes only what differs from the state before; the stored state afterwards is complete. */
export function describeResults(theStore: () => ActivityStore): void {
  describe('the results of a run', () => {
    /** Commits each state after the one before, and reads it back. */
    async function walk(states: readonly ActivityState[]): Promise<string> {
      const { id } = await recorded(theStore());
      let before: ActivityState | undefined;
      for (const [at, state] of states.entries()) {
        const commit = aCommit({ id, lockVersion: at + 1, state, before, wakeAt: NOW });
        expect(await theStore().commit(commit)).toBe('committed');
        expect((await theStore().get(id))?.state).toEqual(state);
        before = state;
      }
      return id;
    }

    it.each([10, 2_000, LARGE, 1_000_000])(
      'of %d characters each come back whole',
      async (chars) => {
        const names = Array.from({ length: 6 }, (_, at) => `task ${at}.$`);
        const states: ActivityState[] = [];
        const none: TaskState = { status: 'pending' };
        const pending = Object.fromEntries(names.map((name) => [name, none]));
        let tasks: ActivityState['tasks'] = pending;
        for (const name of names.slice(0, 5)) {
          const text = `${name} ${'$ä'.repeat(chars / 4)}`;
          tasks = { ...tasks, [name]: over({ text, nested: { 'a.b': [null, 1.5] } }) };
          states.push(withTasks(tasks));
        }

        const id = await walk(states);

        const last = states.at(-1);
        const [claimed] = await theStore().claimDue(CLAIM);
        expect(claimed).toMatchObject({ id, lockVersion: 7 });
        expect(claimed?.state).toEqual(last);
      },
    );

    it('are read with the state of all tasks, also after one was replaced', async () => {
      const text = (char: string): string => char.repeat(LARGE);
      const first = { '10': text('a'), small: 1, b: [text('b')] };
      const more = { ...first, c: { text: text('c') } };
      const states = [
        withTasks({}, { results: { small: 0 } }),
        withTasks({}, { results: first }),
        withTasks({}, { results: more }),
        withTasks({}, { results: more, earlyLost: 3 }),
        withTasks({}, { results: { ...more, b: text('d'), small: 'now "text"' } }),
        withTasks({}, { results: { small: 2 } }),
        withTasks({}, { results: { small: 2, again: text('e') } }),
      ];

      await walk(states);
    });

    it('stay when only the lease is renewed, or when a signal comes', async () => {
      const state = withTasks(
        { one: over({ text: 'x'.repeat(LARGE) }), two: { status: 'pending' } },
        {
          results: { all: 'y'.repeat(LARGE) },
          waitingFor: [{ task: 'two', kind: 'timer', what: 'it', since: NOW }],
        },
      );
      const { id } = await recorded(theStore());
      await theStore().commit(aCommit({ id, state, wakeAt: NOW, leaseOwner: 'me' }));

      const renewal = { state, before: state, wakeAt: NOW + 9, leaseOwner: 'me', leaseMs: 9 };
      await theStore().commit(aCommit({ id, lockVersion: 2, ...renewal }));
      expect((await theStore().get(id))?.state).toEqual(state);
      await theStore().signal(id, { id: 's', kind: 'cancel', reason: 'a test', at: NOW });
      expect((await theStore().get(id))?.state).toEqual(state);
    });

    it('are those of the successful one of two commits', async () => {
      const { id } = await recorded(theStore());
      const before = withTasks({
        one: over({ text: 'x'.repeat(LARGE) }),
        two: { status: 'pending' },
      });
      await theStore().commit(aCommit({ id, state: before, wakeAt: NOW }));
      const others = ['a', 'b'].map((char) =>
        withTasks({ ...before.tasks, two: over({ text: char.repeat(LARGE) }) }),
      );

      const outcomes = await Promise.all(
        others.map((state) => theStore().commit(aCommit({ id, lockVersion: 2, state, before }))),
      );

      expect(outcomes.toSorted()).toEqual(['committed', 'stale']);
      const expected = others[outcomes.indexOf('committed')];
      expect((await theStore().get(id))?.state).toEqual(expected);
    });

    it('are left to builds that can read them, where they are large', async () => {
      const small = withTasks({ one: over({ text: 'x' }) });
      const large = withTasks({ one: over({ text: 'x'.repeat(LARGE) }) });
      const ids: string[] = [];
      for (const state of [small, large]) {
        const { id } = await recorded(theStore(), `event ${ids.length}`);
        await theStore().commit(
          aCommit({ id, state, wakeAt: NOW, stateVersion: state === large ? 2 : 1 }),
        );
        ids.push(id);
      }

      const before = await theStore().claimDue({ ...CLAIM, features: [] });
      expect(before.map(({ id }) => id)).toEqual([ids[0]]);
      expect(await theStore().countUnsupported([], 10)).toBe(1);
      const then = await theStore().claimDue(CLAIM);
      expect(then.map(({ id }) => id)).toEqual([ids[1]]);
    });

    it('count in the bytes of a claim', async () => {
      const state = withTasks({ one: over({ text: 'x'.repeat(LARGE) }) });
      for (const event of ['1', '2', '3']) {
        const { id } = await recorded(theStore(), event);
        await theStore().commit(aCommit({ id, state, wakeAt: NOW + Number(event) }));
      }

      expect(await theStore().claimDue({ ...CLAIM, bytesMax: LARGE * 2.5 })).toHaveLength(2);
    });

    it('are not in a list', async () => {
      const state = withTasks(
        { one: over({ text: 'x'.repeat(LARGE) }) },
        { results: { y: 'y'.repeat(LARGE) } },
      );
      const { id } = await recorded(theStore());
      await theStore().commit(aCommit({ id, state }));

      const { activities } = await theStore().list({ limit: 1 });

      expect(activities[0]?.state).toEqual({ ...state, results: {}, tasks: { one: over({}) } });
    });

    it('end with a small state, too', async () => {
      const state = withTasks({ one: over({ text: 'x'.repeat(LARGE) }) });
      const { id } = await recorded(theStore());
      await theStore().commit(aCommit({ id, state, wakeAt: NOW }));
      await theStore().commit(aCommit({ id, lockVersion: 2, before: state, state: succeeded() }));

      expect((await theStore().get(id))?.state).toEqual(succeeded());
    });
  });
}
