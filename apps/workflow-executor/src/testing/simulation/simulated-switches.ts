import { type WorkflowSwitches } from '@app/persistence';
import { type MemoryWorkflowStore } from '@app/persistence/testing';
import { type SeededRandom } from '@app/workflow-engine/testing';
import { type Trace } from './trace.js';
import { type VirtualTime } from './virtual-time.js';

interface Change {
  readonly at: number;
  readonly isOn: boolean;
}

const ON: WorkflowSwitches = { status: 'active', triggers: { task: { enabled: true } } };
/** How long a workflow stays as it is: often for less than anybody caches it, in milliseconds. */
const STAYS_MS = [500, 3_000, 20_000] as const;

/** People who switch workflows off and on again, in each way that there is, until all is calm. */
export class SimulatedSwitches {
  readonly #changes = new Map<string, Change[]>();

  constructor(
    private readonly workflows: MemoryWorkflowStore,
    private readonly time: VirtualTime,
    private readonly trace: Trace,
  ) {}

  /** Switches the workflow, which is on now, until `calmAt`; then it is on. */
  begin(workflow: string, random: SeededRandom, calmAt: number): void {
    const { time } = this;
    const next = (): void => {
      time.after(1 + random.below(random.pick(...STAYS_MS)), () => {
        const isOn = time.now >= calmAt || !this.#isOn(workflow);
        this.#switch(workflow, isOn ? ON : off(random), isOn);
        if (time.now < calmAt) next();
      });
    };
    next();
  }

  /** Whether the workflow was like that at every instant from the one to the other. */
  was(workflow: string, isOn: boolean, from: number, to: number): boolean {
    const changes = [{ at: -Infinity, isOn: true }, ...(this.#changes.get(workflow) ?? [])];
    return changes.every((change, at) => {
      const isOver = (changes[at + 1]?.at ?? Infinity) < from;
      return isOver || change.at > to || change.isOn === isOn;
    });
  }

  #isOn(workflow: string): boolean {
    return this.#changes.get(workflow)?.at(-1)?.isOn ?? true;
  }

  #switch(workflow: string, switches: WorkflowSwitches, isOn: boolean): void {
    void this.workflows.switch(workflow, switches, undefined);
    const before = this.#changes.get(workflow) ?? [];
    this.#changes.set(workflow, [...before, { at: this.time.now, isOn }]);
    this.trace.add('switch', `${workflow} ${JSON.stringify(switches)}`);
  }
}

function off(random: SeededRandom): WorkflowSwitches {
  const triggerOff = { triggers: { task: { enabled: false } } };
  return random.pick<WorkflowSwitches>({ status: 'inactive' }, { status: 'retired' }, triggerOff);
}

/** Whether somebody was rejected because the workflow is switched off. */
export function isSwitch(code: string | undefined): boolean {
  return code === 'WORKFLOW_INACTIVE' || code === 'WORKFLOW_RETIRED' || code === 'TRIGGER_OFF';
}
