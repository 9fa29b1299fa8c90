import { MemoryLog } from '@app/observability/testing';
import { outageLines } from './dependencies.js';

const T = 1_000_000;

describe(outageLines, () => {
  it('logs an outage with its reason, and its end with its duration', () => {
    const log = new MemoryLog();
    const tell = outageLines('NATS', log);
    tell({ available: true, since: T });
    tell({ available: false, since: T + 1_000, reason: 'disconnected' });
    tell({ available: true, since: T + 6_000 });

    expect(log.lines.slice(1)).toEqual([
      { level: 'warn', fields: { reason: 'disconnected' }, message: 'NATS is not available' },
      { level: 'info', fields: { goneMs: 5_000 }, message: 'NATS is available' },
    ]);
  });

  it('logs each further reason once, and at most three', () => {
    const log = new MemoryLog();
    const tell = outageLines('MongoDB', log);
    const reasons = ['ECONNREFUSED', 'Authentication failed.'];
    for (let attempt = 0; attempt < 10; attempt += 1) {
      tell({ available: false, since: T, reason: reasons[attempt % 2] ?? '' });
    }
    for (let attempt = 0; attempt < 10; attempt += 1) {
      tell({ available: false, since: T, reason: `attempt ${attempt}` });
    }

    expect(log.lines.map(({ fields }) => fields['reason'])).toEqual([...reasons, 'attempt 0']);
    expect(log.lines.map(({ message }) => message)).toEqual([
      'MongoDB is not available',
      'MongoDB is still not available',
      'MongoDB is still not available',
    ]);
  });
});
