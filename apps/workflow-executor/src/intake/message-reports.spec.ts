import { DispatchSignatureInvalidError } from '@app/events';
import { type ConsumerTrouble } from '@app/messaging';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { jest } from '@jest/globals';
import { MessageReports } from './message-reports.js';

const MANY = 1_000;

describe(MessageReports.name, () => {
  let log: MemoryLog;
  let metrics: FlowMetrics;
  let reports: MessageReports;

  beforeEach(() => {
    jest.useFakeTimers();
    log = new MemoryLog();
    metrics = new FlowMetrics();
    reports = new MessageReports(metrics, log);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function failMany(
    acknowledgement: Parameters<MessageReports['failed']>[0]['acknowledgement'],
  ): void {
    const error = new DispatchSignatureInvalidError();
    const message = { subject: 'flow.events.x', deliveries: 5, error, acknowledgement };
    for (let sequence = 1; sequence <= MANY; sequence += 1)
      reports.failed({ ...message, sequence });
  }

  it('logs many dead letters in one line at the beginning and one with their number, and counts each', async () => {
    failMany({ do: 'dead-letter' });

    expect(log.lines).toMatchObject([
      { level: 'error', message: 'A message became a dead letter', fields: { sequence: 1 } },
    ]);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(log.lines.slice(1)).toMatchObject([{ level: 'info', fields: { count: MANY } }]);
    expect(await metrics.registry.metrics()).toMatch(
      new RegExp(`flow_dead_letters_total\\{.*\\} ${MANY}\\n`),
    );
  });

  it('limits lines about messages that are redelivered', async () => {
    failMany({ do: 'nak', delayMs: 500 });
    await jest.advanceTimersByTimeAsync(60_000);

    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  it.each<ConsumerTrouble['kind']>([
    'pull-lost',
    'reopen-failed',
    'stuck',
    'miscounted',
    'recreated',
  ])(
    'limits lines about consumers: %s, without hiding one problem behind another',
    async (kind) => {
      const trouble = { stream: 'FLOW_EVENTS', consumer: 'executor', reason: 'a test' };
      for (let n = 0; n < MANY; n += 1) reports.trouble({ ...trouble, kind });
      reports.trouble({ ...trouble, kind: kind === 'stuck' ? 'miscounted' : 'stuck' });
      await jest.advanceTimersByTimeAsync(60_000);

      expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'warn', 'info', 'info']);
    },
  );
});
