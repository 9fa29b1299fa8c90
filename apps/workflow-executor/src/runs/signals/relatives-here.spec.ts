import { MemoryLog } from '@app/observability/testing';
import { type Signal } from '@app/workflow-engine';
import { type OfferedSignal } from '../driving/offered-signal.js';
import { RelativesHere } from './relatives-here.js';

const SIGNAL: Signal = { id: 's', at: 1, kind: 'children-made', task: 't', attempt: 1, upTo: 2 };

/** @param outcomes what becomes of each offer: to the driver here, or to a run that is kept; absent for neither */
function taking(
  outcomes: readonly (readonly ['driver' | 'kept', 'taken' | 'left'])[],
): Promise<boolean> {
  let offers = 0;
  const settle = (to: 'driver' | 'kept', offered: OfferedSignal): boolean => {
    const [where, how] = outcomes[offers] ?? [];
    if (where !== to || how === undefined) return false;
    offers += 1;
    offered.settle(how);
    return true;
  };
  const runs = {
    offer: (_: string, offered: OfferedSignal) => settle('driver', offered),
    continueAtOnceWith: (_: string, offered: OfferedSignal) =>
      Promise.resolve(settle('kept', offered)),
  };
  const unused = { startChild: () => Promise.resolve(), deliver: () => undefined };
  return new RelativesHere(runs, unused, unused, new MemoryLog()).take('a', SIGNAL);
}

describe(RelativesHere.name, () => {
  it.each([
    ['its driver takes it', [['driver', 'taken']], true],
    ['a run that is kept takes it', [['kept', 'taken']], true],
    [
      'the next driver takes it',
      [
        ['driver', 'left'],
        ['kept', 'taken'],
      ],
      true,
    ],
    ['the run is not here', [], false],
    ['a driver left it, and the run is gone', [['driver', 'left']], false],
    [
      'nobody takes it',
      [
        ['driver', 'left'],
        ['driver', 'left'],
        ['driver', 'left'],
      ],
      false,
    ],
  ] as const)('says whether a signal is on record: %s', async (_when, outcomes, isTaken) => {
    expect(await taking(outcomes)).toBe(isTaken);
  });
});
