import { HealthRegistry } from './health-registry.js';
import { type CheckedDependency, isReady, readinessOf, type DependencyState } from './readiness.js';

function dependency(name: string, state: 'up' | 'down', need?: string): CheckedDependency {
  return { name, state: { state, since: 0 }, ...(need !== undefined && { need }) };
}

describe(readinessOf, () => {
  it.each([
    ['ready', 'nothing is needed', []],
    ['ready', 'all are up', [dependency('mongodb', 'up', 'store'), dependency('nats', 'up')]],
    ['degraded', 'one that nothing needs is gone', [dependency('nats', 'down')]],
    [
      'degraded',
      'one of two that meet the same need is gone',
      [dependency('mongodb', 'down', 'record'), dependency('nats', 'up', 'record')],
    ],
    [
      'unavailable',
      'both that meet a need are gone',
      [dependency('mongodb', 'down', 'record'), dependency('nats', 'down', 'record')],
    ],
    [
      'unavailable',
      'one need is met and another is not',
      [dependency('mongodb', 'down', 'store'), dependency('nats', 'up', 'dispatch')],
    ],
  ] as const)('is %s when %s', (status, _when, checked) => {
    const readiness = readinessOf(checked, 'running');

    expect(readiness.status).toBe(status);
    expect(isReady(readiness)).toBe(status !== 'unavailable');
  });

  it.each(['starting', 'stopping'] as const)('is %s, and not ready, whatever is up', (phase) => {
    const readiness = readinessOf([dependency('mongodb', 'up', 'store')], phase);

    expect(readiness.status).toBe(phase);
    expect(isReady(readiness)).toBe(false);
  });

  it('lists the unmet needs, and since when each dependency is gone', () => {
    const state = {
      state: 'down',
      since: Date.UTC(2026, 0, 2, 3, 4, 5),
      detail: 'refused',
    } as const;

    expect(readinessOf([{ name: 'mongodb', need: 'store', state }], 'running')).toEqual({
      status: 'unavailable',
      unmet: ['store'],
      dependencies: [
        { name: 'mongodb', status: 'down', since: '2026-01-02T03:04:05.000Z', detail: 'refused' },
      ],
    });
  });
});

describe(HealthRegistry, () => {
  it('is ready from its start to its stop, while its dependencies are there', () => {
    const registry = new HealthRegistry();
    let state: DependencyState = { state: 'down', since: 1, detail: 'not connected yet' };
    registry.register({ name: 'mongodb', check: () => state }, 'store');
    const starting = registry.readiness().status;
    registry.started();
    const before = registry.readiness().status;
    state = { state: 'up', since: 2 };
    const after = registry.readiness().status;
    registry.stop();

    expect([starting, before, after, registry.readiness().status]).toEqual([
      'starting',
      'unavailable',
      'ready',
      'stopping',
    ]);
  });
});
