import { until } from '@app/errors/testing';
import { aNewActivity, anEvent } from '@app/persistence/testing';
import { aScope } from '@app/workflow-engine/testing';
import { KeptRuns } from './kept-runs.js';
import { type Run } from './run.js';

function aRun(id: string, bytes: number): Run & { readonly bytes: number } {
  const trace = { traceId: 'a'.repeat(32), parentId: 'b'.repeat(16), sampled: true };
  const origin = aNewActivity({ event: anEvent({ id }) });
  return { activityId: id, plan: undefined, scope: aScope(), trace, origin, bytes };
}

describe(KeptRuns.name, () => {
  it('drops what is kept briefly once its time is over, and makes room', async () => {
    const kept = new KeptRuns(1_000, 1);
    kept.keepBriefly(aRun('a', 800));
    kept.keepBriefly(aRun('b', 800));
    expect([kept.runOf('a')?.bytes, kept.runOf('b')]).toEqual([800, undefined]);

    await until(() => kept.runOf('a') === undefined);
    kept.keep(aRun('b', 800));
    expect(kept.runOf('b')?.bytes).toBe(800);
  });

  it('keeps a run that is kept again', async () => {
    const kept = new KeptRuns(10_000, 1);
    kept.keepBriefly(aRun('a', 1));
    kept.keepBriefly(aRun('b', 1));
    kept.keep(aRun('a', 2));

    await until(() => kept.runOf('b') === undefined);
    expect(kept.runOf('a')?.bytes).toBe(2);
    kept.end();
  });
});
