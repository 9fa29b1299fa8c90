import { until } from '@app/errors/testing';
import { DuePoller, type LookAgain } from './due-poller.js';

const HOUR_MS = 3_600_000;
const ignore = (): void => undefined;

describe(DuePoller.name, () => {
  it('polls again at once while there may be more, and then after the pause', async () => {
    let left = 3;
    const looks: number[] = [];
    const look = async (): Promise<LookAgain> => {
      looks.push(left);
      left -= 1;
      return left > 0 ? 'at-once' : 'after-pause';
    };
    const poller = new DuePoller(look, { pauseMs: HOUR_MS, onTrouble: ignore });

    poller.start();
    await until(() => left === 0);
    await poller.stop();

    expect(looks).toEqual([3, 2, 1]);
  });

  it('continues after a poll that fails, and reports it', async () => {
    const troubles: unknown[] = [];
    let looks = 0;
    const look = async (): Promise<LookAgain> => {
      looks += 1;
      if (looks === 1) throw new Error('gone');
      return 'after-pause';
    };
    const poller = new DuePoller(look, { pauseMs: 1, onTrouble: (error) => troubles.push(error) });

    poller.start();
    await until(() => looks > 1);
    await poller.stop();

    expect(troubles).toEqual([new Error('gone')]);
  });

  it('has one poll at a time, however often it is started', async () => {
    let looking = 0;
    let most = 0;
    let looks = 0;
    const look = async (): Promise<LookAgain> => {
      looking += 1;
      most = Math.max(most, looking);
      await new Promise((resolve) => setImmediate(resolve));
      looking -= 1;
      looks += 1;
      return 'at-once';
    };
    const poller = new DuePoller(look, { pauseMs: 0, onTrouble: ignore });

    poller.start();
    poller.start();
    await until(() => looks > 3);
    await poller.stop();

    expect(most).toBe(1);
  });

  it('stops after the poll in progress, which is told to stop, and at once in a pause', async () => {
    let stopping: AbortSignal | undefined;
    let end = ignore;
    const look = (signal: AbortSignal): Promise<LookAgain> => {
      stopping = signal;
      return new Promise((resolve) => {
        end = () => {
          resolve('after-pause');
        };
      });
    };
    const poller = new DuePoller(look, { pauseMs: HOUR_MS, onTrouble: ignore });
    poller.start();
    let hasStopped = false;
    const stopped = poller.stop().then(() => (hasStopped = true));

    await until(() => stopping?.aborted === true);
    expect(hasStopped).toBe(false);
    end();
    await stopped;
    await poller.stop();
  });
});
