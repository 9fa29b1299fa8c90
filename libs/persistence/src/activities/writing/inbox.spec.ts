import { type Signal } from '@app/workflow-engine';
import { type Model } from 'mongoose';
import { type MongoLink } from '../../connection/mongo-link.js';
import { ActivityInboxFullError } from '../../errors.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { appendSignal, INBOX_MAX } from './inbox.js';

const SIGNAL: Signal = { id: 's', kind: 'cancel', reason: 'a test', at: 1 };

/** How many signals wait in the inbox at each write, and at the read after it. */
type Lengths = readonly (readonly [atWrite: number, atRead: number])[];

/** What MongoDB answers while a run takes signals between a write and the read that explains it. */
function anInbox(lengths: Lengths): {
  append: () => ReturnType<typeof appendSignal>;
  writes: () => number;
} {
  let writes = 0;
  const link = {
    run: (what: string) => {
      const [atWrite, atRead] = lengths[writes - (what === 'read an inbox' ? 1 : 0)] ?? [0, 0];
      if (what === 'read an inbox') {
        const inbox = Array.from({ length: atRead }, (_, at) => ({ id: `other-${at}` }));
        return Promise.resolve({ status: 'running', inbox });
      }
      writes += 1;
      return Promise.resolve({ matchedCount: atWrite < INBOX_MAX ? 1 : 0 });
    },
  } as unknown as MongoLink;
  const activities = {} as Model<ActivityDocument>;
  return { append: () => appendSignal(activities, link, 'a', SIGNAL), writes: () => writes };
}

describe(appendSignal, () => {
  it('tries again when the run took signals between the write and the read', async () => {
    const inbox = anInbox([
      [INBOX_MAX, 0],
      [INBOX_MAX, 1],
      [1, 1],
    ]);

    expect(await inbox.append()).toBe('appended');
    expect(inbox.writes()).toBe(3);
  });

  it('refuses what comes to a full inbox, after one write', async () => {
    const inbox = anInbox([[INBOX_MAX, INBOX_MAX]]);

    await expect(inbox.append()).rejects.toThrow(ActivityInboxFullError);
    expect(inbox.writes()).toBe(1);
  });

  it('gives up when the inbox is full at each write', async () => {
    const inbox = anInbox(Array.from({ length: 10 }, () => [INBOX_MAX, 0] as const));

    await expect(inbox.append()).rejects.toThrow(ActivityInboxFullError);
    expect(inbox.writes()).toBe(5);
  });
});
