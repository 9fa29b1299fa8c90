import {
  type TaskDefinition,
  TASK_TYPES,
  type TaskType,
  type WorkflowDefinition,
} from './definition/definition.js';
import { callsIn, referencesIn } from './parameters/template.js';
import { paramTemplates } from './task-types/param-templates.js';
import { RUNNABLE_TASK_TYPES } from './task-types/task-behaviours.js';

/**
 * Counted up by a release that gives a definition a meaning which earlier ones do not know. Since 2, there are
 * `notify`, the `retry` of a run and the words of `hasLaterWord`, secrets among them; since 3, `concurrency`, `remind` and
 * functions in `$(...)`. Only a definition that has one of them is of that version.
 */
const LANGUAGE_VERSION: number = 3;

/**
 * Counted up by a release that writes states which earlier ones can't go on with. Since 2, large results
 * lie beside the activity; since 3, a run may go by versions of parameters and secrets; since 4, it may go on from
 * another one. Only a state that has such results, goes by such versions, or goes on, is of that version.
 */
const STATE_VERSION: number = 4;

/** What a run requires that goes on from another one. */
export const GOES_ON_REQUIRES: readonly string[] = [ofState(4)];

/** Every release has these: a workflow of them alone requires nothing. */
const FIRST_TASK_TYPES: ReadonlySet<TaskType> = new Set<TaskType>([
  'start',
  'end',
  'decision',
  'set-property',
  'http',
]);

/**
 * What is required of a build besides while a run waits for a slot: as the gate of such activities it tells them in
 * the index from those that an executor could begin.
 */
export const WAITS_FOR_SLOT = 'wait:slot';

/**
 * What a build must have to run a definition, beyond what every release has; the rarest first, none for
 * most. Each is `task:<type>`, or `language:<version>` for words that came later. The types may be some
 * that this build does not know: then it lacks them.
 */
export function requirementsOf({
  tasks,
  ...rest
}: Omit<WorkflowDefinition, 'params'>): readonly string[] {
  const types = new Set(
    tasks.map(({ type }) => type).filter((type) => !FIRST_TASK_TYPES.has(type)),
  );
  const ofTypes = [...types].sort((a, b) => rarityOf(b) - rarityOf(a) || (a < b ? -1 : 1));
  const language = later(languageOf(tasks, rest)).map(ofLanguage);
  return [...language.reverse(), ...ofTypes.map(ofType)];
}

/** A build that knows nothing of it would take the first reminder for the end of the wait. */
function reminds({ type, params = [] }: Pick<TaskDefinition, 'type' | 'params'>): boolean {
  const asks = type === 'approval' || type === 'manual';
  return asks && params.some(({ name }) => name === 'remind');
}

function hasFunctions({ params = [] }: Pick<TaskDefinition, 'params'>): boolean {
  const { ordered } = paramTemplates(params, '', () => undefined);
  return ordered.some(({ template }) => callsIn(template).length > 0);
}

function hasSecrets({ params = [] }: Pick<TaskDefinition, 'params'>): boolean {
  const { ordered } = paramTemplates(params, '', () => undefined);
  return ordered.some(({ template }) =>
    referencesIn(template).some(({ from }) => from === 'secret'),
  );
}

/** What it takes to begin a run at the time that its record says, and not before. */
export const START_LATER = 'start:later';

/** What a build with these task types has of all that can be required. */
export function featuresOf(taskTypes: readonly TaskType[]): readonly string[] {
  return [
    START_LATER,
    ...taskTypes.filter((type) => !FIRST_TASK_TYPES.has(type)).map(ofType),
    ...later(LANGUAGE_VERSION).map(ofLanguage),
    ...later(STATE_VERSION).map(ofState),
    WAITS_FOR_SLOT,
  ];
}

/** What this build has. */
export const BUILD_FEATURES: readonly string[] = featuresOf(RUNNABLE_TASK_TYPES);

/** What is required to go on with a state of this version; undefined for nothing. */
export function requirementOfState(version: number): string | undefined {
  return version > 1 ? ofState(version) : undefined;
}

/** What a revision, or an activity that may have begun, requires. */
export interface Requirements {
  readonly requires?: readonly string[] | undefined;
  readonly stateVersion?: number | undefined;
}

/** What of it a build with these features lacks; this build, if they are left out. */
export function lackingOf(
  { requires = [], stateVersion = 1 }: Requirements,
  features = BUILD_FEATURES,
): readonly string[] {
  const ofState = requirementOfState(stateVersion);
  const all = ofState === undefined ? requires : [ofState, ...requires];
  return all.filter((feature) => !features.includes(feature));
}

/** What an executor must have to deliver entries of that kind. */
export function ofDelivery(kind: string): string {
  return DELIVERY + kind;
}

/** Whether it is needed for what a run has left to tell, and not for the run. */
export function isOfDelivery(feature: string): boolean {
  return feature.startsWith(DELIVERY);
}

const DELIVERY = 'delivery:';

function ofType(type: TaskType): string {
  return `task:${type}`;
}

function ofLanguage(version: number): string {
  return `language:${version}`;
}

/** The earliest release's language that has all the words of these tasks. */
function languageOf(
  tasks: WorkflowDefinition['tasks'],
  { notify, retry, concurrency }: Omit<WorkflowDefinition, 'params' | 'tasks'>,
): number {
  if (concurrency !== undefined || tasks.some(hasFunctions) || tasks.some(reminds)) return 3;
  const ofRun = notify ?? retry;
  return ofRun !== undefined || tasks.some(hasLaterWord) ? 2 : 1;
}

function hasLaterWord({ dependencies = [], retry, ...task }: TaskDefinition): boolean {
  const { backoff, when, then } = retry ?? {};
  return (
    dependencies.some(({ executionCondition }) => executionCondition === 'timeout') ||
    task.finally !== undefined ||
    backoff === 'list' ||
    when !== undefined ||
    then !== undefined ||
    hasSecrets(task)
  );
}

function ofState(version: number): string {
  return `state:${version}`;
}

function later(version: number): readonly number[] {
  return Array.from({ length: version - 1 }, (_, index) => index + 2);
}

/** What this build does not know at all is rarer than what it knows. */
function rarityOf(type: TaskType): number {
  const types: readonly string[] = TASK_TYPES;
  const at = types.indexOf(type);
  return at < 0 ? TASK_TYPES.length : at;
}
