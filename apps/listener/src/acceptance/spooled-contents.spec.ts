import { anEvent, jsonData } from '@app/events/testing';
import { SpooledContents } from './spooled-contents.js';

describe(SpooledContents.name, () => {
  const event = anEvent();
  const other = anEvent({ data: jsonData('other') });

  it('compares contents by value, and returns the attributes of the first event', () => {
    const contents = new SpooledContents({ bytesMax: 10_000, ageMsMax: 1_000 });
    contents.remember('a', event);
    const { data: _, ...first } = event;

    const again = anEvent({ time: '2026-01-01T00:00:00Z' });
    expect(contents.compare('a', again)).toMatchObject({ kind: 'duplicate', first });
    expect(contents.compare('a', other)).toEqual({ kind: 'conflict' });
    expect(contents.compare('b', event)).toBeUndefined();
  });

  it('forgets events that are recorded or too old', () => {
    let now = 0;
    const contents = new SpooledContents({ bytesMax: 10_000, ageMsMax: 1_000 }, () => now);
    for (const id of ['a', 'b']) contents.remember(id, event);

    contents.forget('a');
    now = 999;
    expect(contents.compare('a', other)).toBeUndefined();
    expect(contents.compare('b', other)).toBeDefined();
    now = 1_000;
    expect(contents.compare('b', other)).toBeUndefined();
    expect(contents.size).toBe(0);
  });

  it('drops the oldest entries to stay within its bytes, and takes no entry that is larger', () => {
    const contents = new SpooledContents({ bytesMax: 10_000, ageMsMax: 1_000 });
    const ids = Array.from({ length: 100 }, (_, index) => `${index}`);
    for (const id of ids) contents.remember(id, event);

    const known = ids.filter((id) => contents.compare(id, event));
    expect(known.length).toBeGreaterThan(5);
    expect(known.length).toBeLessThan(20);
    expect(known).toEqual(ids.slice(-known.length));
    contents.remember('large', anEvent({ source: 'x'.repeat(5_000) }));
    expect(contents.compare('large', event)).toBeUndefined();
    expect(contents.compare('99', event)).toBeDefined();
  });

  it('remembers nothing with a limit of 0 bytes', () => {
    const contents = new SpooledContents({ bytesMax: 0, ageMsMax: 1_000 });
    contents.remember('a', event);
    expect(contents.size).toBe(0);
  });
});
