import { until } from '@app/errors/testing';

/** Several executors on one store, with a number of items that are due now. */
export interface DueWorkScene {
  readonly pollers: readonly { start(): void; stop(): Promise<void> }[];
  /** How often each item has been done so far. */
  readonly timesDone: () => Promise<ReadonlyMap<string, number>>;
}

/** The contract of work that every executor polls for and that must be done once. */
export function dueWorkContract(
  what: string,
  scene: (executors: number, things: number) => Promise<DueWorkScene>,
): void {
  describe(`what is due: ${what}`, () => {
    it.each([1, 3])('is done once by %i executors', async (executors) => {
      const things = 7;
      const { pollers, timesDone } = await scene(executors, things);

      for (const poller of pollers) poller.start();
      await until(async () => (await timesDone()).size === things);
      await Promise.all(pollers.map((poller) => poller.stop()));

      expect([...(await timesDone()).values()]).toEqual(Array(things).fill(1));
    });

    it('is done by those that are left when one has stopped', async () => {
      const things = 2;
      const { pollers, timesDone } = await scene(2, things);
      const [gone, left] = pollers;

      gone?.start();
      await gone?.stop();
      left?.start();
      await until(async () => (await timesDone()).size === things);
      await left?.stop();

      expect([...(await timesDone()).values()]).toEqual(Array(things).fill(1));
    });
  });
}
