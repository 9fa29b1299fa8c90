import {
  type Concurrency,
  type TaskDefinition,
  TASK_TYPES,
  type TaskType,
  type WorkflowDefinition,
} from './definition/definition.js';
import { callsIn, parseTemplate, referencesIn, type Template } from './parameters/template.js';
import { isTyped } from './parameters/typed-params.js';
import { paramTemplates } from './task-types/param-templates.js';
import { RUNNABLE_TASK_TYPES } from './task-types/task-behaviours.js';

/**
 * Incremented by a release that adds something to definitions which earlier releases do not know. Since 2, there are
 * `notify`, the `retry` of a run and the words of `hasLaterWord`, and secrets; since 3, `concurrency`, `remind` and
 * functions in `$(...)`; since 4, types and constraints of parameters, JSONPaths in `$(...)`, filters of `wait-for-event` and
 * `LATER_HTTP_PARAMS`. Only a definition that has one of them is of that version.
 */
const LANGUAGE_VERSION: number = 4;

/**
 * Incremented by a release that writes states which earlier releases can't continue. Since 2, large results are stored
 * beside the activity; since 3, a run may be pinned to versions of parameters and secrets; since 4, it may continue
 * another run. A state has such a version only if it uses the feature.
 */
const STATE_VERSION: number = 4;

/** Parameters of `http` tasks that builds of language version 3 leave out of the call. */
const LATER_HTTP_PARAMS: ReadonlySet<string> = new Set(['files', 'oauth2', 'results']);

/** The requirements of a run that continues another one. */
export const GOES_ON_REQUIRES: readonly string[] = [ofState(4)];

/** The task types of the first release. A workflow with only these requires nothing. */
const FIRST_TASK_TYPES: ReadonlySet<TaskType> = new Set<TaskType>([
  'start',
  'end',
  'decision',
  'set-property',
  'http',
]);

/**
 * The additional requirement of a run that waits for a slot. As the `gate` of such activities it separates them in the
 * index from those that an executor can begin.
 */
export const WAITS_FOR_SLOT = 'wait:slot';

/**
 * The features that a build needs to run a definition, beyond those of every release: the rarest first, none for most
 * definitions. Each is `task:<type>` or `language:<version>`. Types that this build does not know are included.
 */
export function requirementsOf({ tasks, ...rest }: WorkflowDefinition): readonly string[] {
  const types = new Set(
    tasks.map(({ type }) => type).filter((type) => !FIRST_TASK_TYPES.has(type)),
  );
  const ofTypes = [...types].sort((a, b) => rarityOf(b) - rarityOf(a) || (a < b ? -1 : 1));
  const language = later(languageOf(tasks, rest)).map(ofLanguage);
  return [...language.reverse(), ...ofTypes.map(ofType)];
}

/** Whether a task has `remind`. A build without it would take the first reminder for the end of the wait. */
function reminds({ type, params = [] }: Pick<TaskDefinition, 'type' | 'params'>): boolean {
  const asks = type === 'approval' || type === 'manual';
  return asks && params.some(({ name }) => name === 'remind');
}

/** Whether a task takes only some events of its topic. A build without filters would take any. */
function hasFilter({ type, params = [] }: Pick<TaskDefinition, 'type' | 'params'>): boolean {
  return type === 'wait-for-event' && params.some(({ name }) => name === 'filter');
}

function hasLaterHttpParam({
  type,
  params = [],
}: Pick<TaskDefinition, 'type' | 'params'>): boolean {
  return type === 'http' && params.some(({ name }) => LATER_HTTP_PARAMS.has(name));
}

function hasPath(template: Template): boolean {
  return referencesIn(template).some(({ tail }) => tail !== undefined);
}

function isKeyWithPath({ key = '' }: Concurrency): boolean {
  return hasPath(parseTemplate(key, '', () => undefined));
}

/** The parsed values of the parameters of all tasks. */
function templatesOf(tasks: WorkflowDefinition['tasks']): readonly Template[] {
  return tasks.flatMap(({ params = [] }) =>
    paramTemplates(params, '', () => undefined).ordered.map(({ template }) => template),
  );
}

function hasFunction(template: Template): boolean {
  return callsIn(template).length > 0;
}

function hasSecret(template: Template): boolean {
  return referencesIn(template).some(({ from }) => from === 'secret');
}

/** The feature of a build that begins no run before the `notBefore` of its record. */
export const START_LATER = 'start:later';

/** The features of a build with these task types. */
export function featuresOf(taskTypes: readonly TaskType[]): readonly string[] {
  return [
    START_LATER,
    ...taskTypes.filter((type) => !FIRST_TASK_TYPES.has(type)).map(ofType),
    ...later(LANGUAGE_VERSION).map(ofLanguage),
    ...later(STATE_VERSION).map(ofState),
    WAITS_FOR_SLOT,
  ];
}

/** The features of this build. */
export const BUILD_FEATURES: readonly string[] = featuresOf(RUNNABLE_TASK_TYPES);

/** The feature that a state of this version requires; undefined for none. */
export function requirementOfState(version: number): string | undefined {
  return version > 1 ? ofState(version) : undefined;
}

/** The requirements of a revision or activity. */
export interface Requirements {
  readonly requires?: readonly string[] | undefined;
  readonly stateVersion?: number | undefined;
}

/** The requirements that a build with these features does not meet. @param features those of this build by default */
export function missingFeatures(
  { requires = [], stateVersion = 1 }: Requirements,
  features = BUILD_FEATURES,
): readonly string[] {
  const ofState = requirementOfState(stateVersion);
  const all = ofState === undefined ? requires : [ofState, ...requires];
  return all.filter((feature) => !features.includes(feature));
}

/** The feature of an executor that can deliver outbox entries of that kind. */
export function ofDelivery(kind: string): string {
  return DELIVERY + kind;
}

/** Whether a feature is required to deliver the outbox, and not to run. */
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

/** The lowest language version that has all that the definition uses. */
function languageOf(
  tasks: WorkflowDefinition['tasks'],
  { notify, retry, concurrency, params = [] }: Omit<WorkflowDefinition, 'tasks'>,
): number {
  const templates = templatesOf(tasks);
  if (params.some(isTyped) || templates.some(hasPath) || tasks.some(hasFilter)) return 4;
  if (tasks.some(hasLaterHttpParam)) return 4;
  if (concurrency !== undefined && isKeyWithPath(concurrency)) return 4;
  if (concurrency !== undefined || templates.some(hasFunction) || tasks.some(reminds)) return 3;
  const ofRun = notify ?? retry;
  const isLater = ofRun !== undefined || tasks.some(hasLaterWord) || templates.some(hasSecret);
  return isLater ? 2 : 1;
}

function hasLaterWord({ dependencies = [], retry, finally: isLast }: TaskDefinition): boolean {
  const { backoff, when, then } = retry ?? {};
  return (
    dependencies.some(({ executionCondition }) => executionCondition === 'timeout') ||
    isLast !== undefined ||
    backoff === 'list' ||
    when !== undefined ||
    then !== undefined
  );
}

function ofState(version: number): string {
  return `state:${version}`;
}

function later(version: number): readonly number[] {
  return Array.from({ length: version - 1 }, (_, index) => index + 2);
}

/** The order of types by rarity. Types that this build does not know count as the rarest. */
function rarityOf(type: TaskType): number {
  const types: readonly string[] = TASK_TYPES;
  const at = types.indexOf(type);
  return at < 0 ? TASK_TYPES.length : at;
}
