import { type Problem } from '@app/errors';
import { BodyInvalidError } from '@app/http';
import { isJsonArray, isJsonObject, type JsonValue, memberOf } from '@app/json';
import { type WorkflowDefinition } from '@app/workflow-engine';
import { type ScriptCheck, type ScriptMistake } from '../../tasks/script/script-check.js';
import { INVALID } from './read-workflow.js';
import { YamlBody } from './yaml/yaml-bodies.js';

/**
 * Parses the scripts of a workflow that is valid otherwise. The engine's validation can't: it has no JavaScript.
 * @param body what the definition was read from, for the places of problems
 * @throws BodyInvalidError with the first mistake of each script
 */
export async function checkScripts(
  { tasks }: WorkflowDefinition,
  body: unknown,
  check: Pick<ScriptCheck, 'mistakesIn'>,
): Promise<void> {
  const scripts = tasks.flatMap(({ type, name, params = [] }) => {
    const source = params.find((param) => param.name === 'source')?.value;
    return type === 'script' && typeof source === 'string' ? [{ name, source }] : [];
  });
  const mistakes = await check.mistakesIn(scripts.map(({ source }) => source));
  const problems = mistakes.flatMap((mistake) => {
    const script = scripts[mistake.index];
    return script === undefined ? [] : [problemOf(mistake, script.name, body)];
  });
  if (problems.length > 0) throw new BodyInvalidError(INVALID, problems);
}

function problemOf({ message, line, column }: ScriptMistake, task: string, body: unknown): Problem {
  const place = line === undefined ? '' : ` (line ${line}, column ${String(column)} of the script)`;
  const detail = `is no JavaScript: ${message}${place}`;
  if (!(body instanceof YamlBody)) return { path: pathIn(body as JsonValue, task), detail };
  const path = pathIn(body.value, task);
  return { path, detail, ...body.placeOf(path) };
}

/** The path of a script in either form of a workflow. */
function pathIn(workflow: JsonValue, task: string): string {
  if (!isJsonObject(workflow)) return 'tasks';
  for (const group of ['tasks', 'finally']) {
    const tasks = memberOf(workflow, group);
    if (tasks === undefined) continue;
    if (isJsonArray(tasks)) {
      const at = tasks.findIndex((one) => isJsonObject(one) && memberOf(one, 'name') === task);
      if (at >= 0) return `${group}[${at}].params${sourceIn(tasks[at] ?? null)}`;
    } else if (isJsonObject(tasks)) {
      const found = memberOf(tasks, task);
      if (found !== undefined && isJsonObject(found)) {
        const script = memberOf(found, 'script') ?? null;
        return `${group}.${task}.script${isJsonObject(script) ? '.source' : ''}`;
      }
    }
  }
  return 'tasks';
}

/** The place of the source in the parameters of the long form. */
function sourceIn(task: JsonValue): string {
  const params = isJsonObject(task) ? memberOf(task, 'params') : undefined;
  if (params === undefined || !isJsonArray(params)) return '';
  const at = params.findIndex((one) => isJsonObject(one) && memberOf(one, 'name') === 'source');
  return at < 0 ? '' : `[${at}].value`;
}
