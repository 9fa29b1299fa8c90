import { type Scenario } from './scenario.js';
import { type SimulatedOperator } from './simulated-operator.js';
import { type SimulatedRetrier } from './simulated-retrier.js';

/** A client of the API, of which a simulation has one. */
export type Client = typeof SimulatedRetrier | typeof SimulatedOperator;

/** The scenario, with each run attended by such a client. */
export function attended(Attending: Client, scenario: Scenario): Scenario {
  const { definition, send, judge } = scenario;
  let client: SimulatedRetrier | SimulatedOperator | undefined;
  return {
    ...scenario,
    send: (simulation, random, id) => {
      send?.(simulation, random, id);
      client ??= new Attending(simulation, random, definition);
      client.attend(id);
    },
    judge: (simulation) => {
      judge?.(simulation);
      client?.judgeEnd();
    },
  };
}
