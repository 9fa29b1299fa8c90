import { INSTALLATION } from '@app/persistence';
import { aDefinition, anHttpTask, aTask, type SeededRandom } from '@app/workflow-engine/testing';
import { PATIENT } from './definitions.js';
import { type Scenario } from './scenario.js';
import { CALM_AT_MS, type Simulation } from './simulation.js';

const SENT = {
  url: 'https://example.org/charge',
  method: 'POST',
  headers: { authorization: 'Bearer $(secrets.key)' },
  body: { to: '$(global.params.address)' },
} as const;

/** Two calls, one after the other, with a parameter and a secret of the installation. */
const CHARGING = aDefinition([
  aTask('first', 'http', ['start'], SENT, PATIENT),
  anHttpTask('between', ['first'], PATIENT),
  aTask('last', 'http', ['between'], SENT, PATIENT),
]);
/** How long parameters and secrets stay as they are at most, in milliseconds. */
const STAYS_MS = [50, 3_000, 20_000] as const;

/** Runs while the parameters and the secrets of the installation change. */
export const ROTATIONS: Scenario = {
  definition: CHARGING,
  begin: (simulation) => {
    rotate(simulation, simulation.random);
    simulation.watch({
      onSignal: () => undefined,
      onCommit: (_, commit) => {
        if (JSON.stringify(commit).includes(secretOf('')))
          simulation.trace.violation(`${commit.id.slice(0, 6)} has a secret on record`);
      },
    });
  },
  judge: judgeVersions,
};

/** Version 7 of both is `address-7` and `secret-key-7`. */
function rotate({ time, scopes, trace }: Simulation, random: SeededRandom): void {
  let version = 0;
  const next = (): void => {
    version += 1;
    const parameters = { address: `address-${version}` };
    const secrets = [{ name: 'key', encrypted: secretOf(String(version)), changedAt: time.now }];
    const change = () => ({ parameters, secrets });
    void scopes.put({ scope: INSTALLATION, createdAt: time.now, replacedBefore: 0, change });
    trace.add('operator', `version ${version} of parameters and secrets`);
    if (time.now < CALM_AT_MS) time.after(1 + random.below(random.pick(...STAYS_MS)), next);
  };
  next();
}

/** Says it when a call of a run has something of another version than the one that the run has begun with. */
function judgeVersions({ activities, records, target, trace }: Simulation): void {
  for (const { id } of activities) {
    const version = String(records.peek(id)?.state?.scope?.installation);
    const calls = target.calls.filter(({ task, sent }) => task.startsWith(id) && isCharge(sent));
    for (const { number, sent } of calls) {
      const wanted = [`"address-${version}"`, `Bearer ${secretOf(version)}"`];
      if (!wanted.every((one) => sent.includes(one)))
        trace.violation(
          `call ${number} of ${id.slice(0, 6)} is not of version ${version}: ${sent}`,
        );
    }
  }
}

function isCharge(sent: string): boolean {
  return sent.includes(SENT.url);
}

function secretOf(version: string): string {
  return `secret-key-${version}`;
}
