import { MemoryLog } from '@app/observability/testing';
import { outageLines } from './dependencies.js';

const T = 1_000_000;

describe(outageLines, () => {
  it('tells of the loss with its reason, and of the return with how long it took', () => {
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

  it('tells of each further reason once, and of a few at most', () => {
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
