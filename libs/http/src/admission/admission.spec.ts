import { jest } from '@jest/globals';
import { InFlightLimit } from './in-flight-limit.js';
import { LoopDelay } from './loop-delay.js';
import { networkOf, RateLimit } from './rate-limit.js';

describe(InFlightLimit, () => {
  it('is full until one leaves', () => {
    const limit = new InFlightLimit<object>(1);
    const request = {};
    const before = limit.isFull;
    limit.enter(request);
    const between = limit.isFull;
    limit.leave(request);

    expect([before, between, limit.isFull]).toEqual([false, true, false]);
  });

  it('ignores a request that leaves twice, or never entered', () => {
    const limit = new InFlightLimit<object>(2);
    const [inside, outside] = [{}, {}];
    limit.enter(inside);
    limit.leave(outside);
    const before = limit.inFlight;
    limit.leave(inside);
    limit.leave(inside);

    expect([before, limit.inFlight]).toEqual([1, 0]);
  });
});

describe(LoopDelay, () => {
  let now: number;
  let delay: LoopDelay;

  beforeEach(() => {
    jest.useFakeTimers();
    now = 0;
    delay = new LoopDelay(250, () => now);
  });
  afterEach(() => {
    delay.stop();
    jest.useRealTimers();
  });

  /** One turn of the loop after another, each of which takes so long. */
  function turns(...tookMs: readonly number[]): void {
    for (const ms of tookMs) {
      now += ms;
      jest.advanceTimersByTime(50);
    }
  }

  it('is long when several measurements in a row are late', () => {
    turns(400, 400);
    const before = delay.isLong;
    turns(400);

    expect([before, delay.isLong]).toEqual([false, true]);
  });

  it('is not long after one pause, however long', () => {
    turns(50, 60_000, 50);

    expect(delay.isLong).toBe(false);
  });

  it('ends with the first measurement in time', () => {
    turns(400, 400, 400, 60);

    expect(delay.isLong).toBe(false);
  });
});

describe(RateLimit, () => {
  it('lets a burst through, then returns how long to wait', () => {
    let now = 0;
    const rate = new RateLimit({ perSecond: 0.5, burst: 2 }, () => now);
    const waits = [rate.take('10.0.0.1'), rate.take('10.0.0.1'), rate.take('10.0.0.1')];
    now = 1_999;
    const early = rate.take('10.0.0.1');
    now = 2_000;

    expect([...waits, early, rate.take('10.0.0.1')]).toEqual([0, 0, 2, 1, 0]);
  });

  it('never holds more tokens than a burst', () => {
    let now = 0;
    const rate = new RateLimit({ perSecond: 1, burst: 1 }, () => now);
    rate.take('10.0.0.1');
    now = 3_600_000;

    expect([rate.take('10.0.0.1'), rate.take('10.0.0.1')]).toEqual([0, 1]);
  });

  it('gives no tokens when the clock goes back', () => {
    let now = 10_000;
    const rate = new RateLimit({ perSecond: 1, burst: 1 }, () => now);
    rate.take('10.0.0.1');
    now = 0;

    expect(rate.take('10.0.0.1')).toBe(1);
  });

  it('reports the remaining tokens, and when the bucket is full', () => {
    let now = 0;
    const rate = new RateLimit({ perSecond: 2, burst: 10 }, () => now);
    for (let index = 0; index < 10; index += 1) rate.ask('a');
    now = 1_000;

    expect(rate.ask('a')).toEqual({ waitSeconds: 0, remaining: 1, resetSeconds: 5 });
  });

  it('counts each address by itself, and remembers a bounded number of them', () => {
    const rate = new RateLimit({ perSecond: 1, burst: 1 }, () => 0);
    for (let host = 0; host < 10_000; host += 1) rate.take(`address ${host}`);
    const known = [rate.take('address 0'), rate.take('address 9999')];
    rate.take('one more');

    expect(known).toEqual([1, 1]);
    expect([rate.take('address 9999'), rate.take('address 0')]).toEqual([1, 0]);
  });
});

describe(networkOf, () => {
  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::', 'fe80:0:0:0'],
  ])('is, for %s, %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
