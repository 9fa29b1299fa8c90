import { anEvent } from '@app/events/testing';
import { aWorkflow, NOW } from '@app/persistence/testing';
import { type EventAcceptance } from './event-acceptance.js';
import { AcceptanceFixture, admitted } from './testing/acceptance-fixture.js';

const LIMITED = aWorkflow({ quotas: { runsPerMonth: 2 } });
const MONTH = new Date(NOW).getUTCFullYear() * 100 + new Date(NOW).getUTCMonth() + 1;

describe('an event for a workflow with a quota', () => {
  let fixture: AcceptanceFixture;
  let acceptance: EventAcceptance;

  beforeEach(() => {
    fixture = new AcceptanceFixture();
    acceptance = fixture.acceptance();
  });

  const send = (id: string, workflow = LIMITED): ReturnType<EventAcceptance['accept']> =>
    acceptance.accept({ ...admitted, workflow, event: anEvent({ id }) });

  it('is refused when the quota is used up, while a repeated one gets its first answer', async () => {
    const first = await send('1');
    await send('2');

    await expect(send('3')).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(await send('1')).toMatchObject({
      replayed: true,
      receipt: first.receipt,
    });
    await acceptance.settle(60_000);
    expect(fixture.dispatcher.dispatched).toHaveLength(2);
    expect(fixture.dispatcher.dispatched).toMatchObject([{ quotaMonth: MONTH }, {}]);
  });

  it('is accepted only up to the quota when many come at once', async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => send(`${Math.floor(n / 2)}`)),
    );
    const ids = all.flatMap((one) =>
      one.status === 'fulfilled' && one.value.kind === 'accepted' ? [one.value.activityId] : [],
    );

    expect(new Set(ids).size).toBe(2);
  });

  it('skips a workflow without quota if another one wants the same event', async () => {
    await send('1');
    await send('2');
    const event = anEvent({ id: '3' });
    const free = { ...admitted, workflow: aWorkflow({ id: 'free' }), event };
    const full = { ...admitted, workflow: LIMITED, event };

    const both = await acceptance.acceptForAll([full, free]);
    expect(both).toMatchObject([undefined, { kind: 'accepted' }]);
    await expect(acceptance.acceptForAll([full])).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
    await expect(acceptance.acceptAll([full, free])).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
  });

  it('is answered with other failures before QUOTA_EXCEEDED', async () => {
    await send('1');
    await send('2');
    const free = { ...admitted, workflow: aWorkflow({ id: 'free' }) };
    await acceptance.accept({ ...free, event: anEvent({ id: '3', type: 'another' }) });
    const event = anEvent({ id: '3' });

    await expect(
      acceptance.acceptForAll([
        { ...admitted, workflow: LIMITED, event },
        { ...free, event },
      ]),
    ).rejects.toMatchObject({ code: 'EVENT_CONFLICT' });
  });

  it('is kept on JetStream while MongoDB is gone, even if the quota is known to be used up', async () => {
    await send('1');
    await send('2');
    await expect(send('3')).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    fixture.store.outage.begin();

    expect(await send('3')).toMatchObject({ kind: 'accepted', replayed: false });
    expect(fixture.spoolDispatcher?.dispatched).toMatchObject([{ quotaMonth: MONTH }]);
  });

  it('is not counted for a workflow without a quota', async () => {
    for (const id of ['1', '2', '3']) await send(id, aWorkflow());
    await acceptance.settle(60_000);

    expect(fixture.dispatcher.dispatched.map(({ quotaMonth }) => quotaMonth)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
