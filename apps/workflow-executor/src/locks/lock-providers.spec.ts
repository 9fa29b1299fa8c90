import { MemoryLog } from '@app/observability/testing';
import { type FactoryProvider } from '@nestjs/common';
import { lockProviders } from './lock-providers.js';
import { type LockService } from './lock-service.js';

const PASSES = 5;

describe(lockProviders, () => {
  it('logs once that locks can not be checked, however many passes fail', async () => {
    const log = new MemoryLog();
    const failing = new PassesThatFail();
    const [locks] = lockProviders(log) as readonly FactoryProvider<LockService>[];
    const service = await locks?.useFactory(failing, undefined, { clock: { now: () => 0 } });

    service?.start(0);
    await failing.passed;
    await service?.stop();

    expect(log.lines.map(({ message }) => message)).toEqual([
      "Locks and slots can't be checked; the next pass tries again",
    ]);
  });
});

class PassesThatFail {
  #passes = 0;
  #onPassed: () => void = () => undefined;
  readonly passed = new Promise<void>((resolve) => {
    this.#onPassed = resolve;
  });

  due(): Promise<never> {
    this.#passes += 1;
    if (this.#passes === PASSES) this.#onPassed();
    return Promise.reject(new Error('MongoDB is gone'));
  }
}
