import { aDefinition, aTask } from '@app/workflow-engine/testing';
import { PATIENT } from './definitions.js';
import { type Scenario } from './scenario.js';
import { SECRET } from './simulated-sender.js';
import { type Simulation } from './simulation.js';

/** Sends the secret that its event has to the target, which gives it back, and keeps and tells what came back. */
const CHARGING = aDefinition(
  [
    aTask(
      'charge',
      'http',
      ['start'],
      { url: 'https://example.org/charge', method: 'POST', body: { card: '$(params.card)' } },
      PATIENT,
    ),
    aTask('keep', 'set-property', ['charge'], {
      output: 'said',
      value: '$(tasks.charge.results)',
    }),
    aTask(
      'tell',
      'event',
      ['keep'],
      { url: 'https://example.org/', type: 'done', data: '$(tasks.charge.results)' },
      PATIENT,
    ),
  ],
  ['tell'],
  { params: [{ name: 'card', type: 'string', secret: true }] },
);

/** Runs with a secret parameter, which the target gets in each call, also after a crash, and no record has. */
export const SECRETS: Scenario = {
  definition: CHARGING,
  begin: (simulation) => {
    simulation.watch({
      onSignal: () => undefined,
      onCommit: (_, commit) => {
        if (JSON.stringify(commit).includes(SECRET))
          simulation.trace.violation(`${commit.id.slice(0, 6)} has a secret on record`);
      },
    });
  },
  judge: judgeSecrets,
};

/** Says it when a call went without the secret that it is for. */
function judgeSecrets({ target, trace }: Simulation): void {
  for (const { task, number, sent } of target.calls)
    if (task.endsWith(':charge') && !sent.includes(SECRET))
      trace.violation(`call ${number} ${task.slice(0, 6)} was made without its secret`);
}
