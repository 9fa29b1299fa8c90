import { RUNNABLE_TASK_TYPES } from './task-types/task-behaviours.js';
import { featuresOf, missingFeatures, requirementOfState, requirementsOf } from './requirements.js';

function tasks(...types: string[]): Parameters<typeof requirementsOf>[0] {
  return { tasks: types.map((type, index) => ({ name: `t${index}`, type: type })) };
}

describe(requirementsOf.name, () => {
  it('is nothing for what every release has', () => {
    expect(requirementsOf(tasks('start', 'http', 'decision', 'set-property', 'end'))).toEqual([]);
  });

  it('names each type once, the rarest first, also one that this build does not know', () => {
    const definition = tasks('start', 'sleep', 'script', 'sleep', 'teleport', 'end');

    expect(requirementsOf(definition)).toEqual(['task:teleport', 'task:script', 'task:sleep']);
  });
});

describe(missingFeatures.name, () => {
  it('is what a build does not have', () => {
    const features = featuresOf(['start', 'sleep']);

    const required = { requires: ['task:script', 'task:sleep'], stateVersion: 99 };
    expect(missingFeatures(required, features)).toEqual(['state:99', 'task:script']);
    expect(missingFeatures({}, features)).toEqual([]);
  });

  it.each(RUNNABLE_TASK_TYPES)('is nothing for a type that this build runs: %s', (type) => {
    expect(missingFeatures({ requires: requirementsOf(tasks(type)) })).toEqual([]);
  });
});

it('requires nothing of a state of the first version, and the version of later ones', () => {
  expect([requirementOfState(1), requirementOfState(2)]).toEqual([undefined, 'state:2']);
});
