import { jest } from '@jest/globals';
import { ServerClock } from './server-clock.js';

describe(ServerClock.name, () => {
  const SERVER_TIME = new Date(5_000_000);

  it('is the own one until the server has said something', () => {
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

  it('goes on evenly when the clock of this machine is set', () => {
    const clock = new ServerClock();
    clock.observe(new Date(Date.now() + 60_000));
    const before = clock.now();
    const step = jest.spyOn(Date, 'now').mockReturnValue(7);

    expect(clock.now() - before).toBeGreaterThanOrEqual(0);
    expect(clock.now() - before).toBeLessThan(60_000);
    step.mockRestore();
  });

  it('takes no notice of answers that came late, nor of an offset that is none', () => {
    let local = SERVER_TIME.getTime();
    const clock = new ServerClock(() => local);
    clock.observe(SERVER_TIME);
    local += 20_000;
    clock.observe(SERVER_TIME);
    clock.observe(new Date(local - 99));

    expect(clock.now()).toBe(local);
  });

  it('forgets what was, when a clock was set or another server took over', () => {
    const clock = new ServerClock(() => SERVER_TIME.getTime());
    clock.observe(new Date(SERVER_TIME.getTime() + 60_000));
    for (let reading = 0; reading < 20; reading += 1) clock.observe(SERVER_TIME);

    expect(clock.offsetMs).toBe(0);
  });
});
