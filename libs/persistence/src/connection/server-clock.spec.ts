import { jest } from '@jest/globals';
import { ServerClock } from './server-clock.js';

describe(ServerClock.name, () => {
  const SERVER_TIME = new Date(5_000_000);

  it('is the local clock until the first answer of the server', () => {
    expect(new ServerClock(() => 7).now()).toBe(7);
  });

  it('shows the time of the server, whether that is ahead or behind', () => {
    for (const aheadMs of [3_600_000, -3_600_000]) {
      const clock = new ServerClock(() => SERVER_TIME.getTime() - aheadMs);
      clock.observe(SERVER_TIME);

      expect(clock.offsetMs).toBe(aheadMs);
      expect(clock.now()).toBe(SERVER_TIME.getTime());
    }
  });

  it('goes on evenly when the clock of the machine is set', () => {
    const clock = new ServerClock();
    clock.observe(new Date(Date.now() + 60_000));
    const before = clock.now();
    const step = jest.spyOn(Date, 'now').mockReturnValue(7);

    expect(clock.now() - before).toBeGreaterThanOrEqual(0);
    expect(clock.now() - before).toBeLessThan(60_000);
    step.mockRestore();
  });

  it('ignores late answers, and an offset that is too small to be certain', () => {
    let local = SERVER_TIME.getTime();
    const clock = new ServerClock(() => local);
    clock.observe(SERVER_TIME);
    local += 20_000;
    clock.observe(SERVER_TIME);
    clock.observe(new Date(local - 99));

    expect(clock.now()).toBe(local);
  });

  it('keeps what it knows when a paused process reads the answers of a minute at once', () => {
    let local = SERVER_TIME.getTime();
    const clock = new ServerClock(() => local);
    const aheadMs = 5_000;
    clock.observe(new Date(local + aheadMs));
    const pausedAt = local;
    local += 60_000;

    for (let answer = 1; answer <= 120; answer += 1) {
      clock.observe(new Date(pausedAt + aheadMs + answer * 500));
      local += 0.5;

      expect(clock.offsetMs).toBe(aheadMs);
    }
  });

  it('shows whole milliseconds, whatever the local clock has', () => {
    let local = 1_000.25;
    const clock = new ServerClock(() => local);
    clock.observe(new Date(700_000));

    for (let tick = 0; tick < 100; tick += 1) {
      local += 0.37;
      expect(Number.isInteger(clock.now())).toBe(true);
    }
  });

  it('starts again when a clock was set or another server took over', () => {
    let local = SERVER_TIME.getTime();
    const clock = new ServerClock(() => local);
    clock.observe(new Date(local + 60_000));
    for (let reading = 0; reading < 20; reading += 1) {
      local += 500;
      clock.observe(new Date(local));
    }

    expect(clock.offsetMs).toBe(0);
  });
});
