import { type Param } from '../definition/definition.js';
import { type ParamRule, type TaskBehaviour } from './task-behaviour.js';
import { sortTopologically, type Graph } from '../definition/graph.js';
import { type ParamTemplate } from '../parameters/resolve.js';
import { type JoinText } from '../parameters/text-part.js';
import { parseTemplate, referencesIn, type OnMalformed } from '../parameters/template.js';

export interface ParamTemplates {
  /** Each after those of the same task that it refers to. */
  readonly ordered: readonly ParamTemplate[];
  readonly cycles: readonly (readonly string[])[];
}

/**
 * Reads a task's parameters. `$(params.x)` means the task's own parameter `x` before the event's,
 * but a parameter that names itself means the outer one: `value: $(params.value)` is no circle.
 */
export function paramTemplates(
  params: readonly Param[],
  path: string,
  malformed: OnMalformed,
  behaviour?: TaskBehaviour,
): ParamTemplates {
  const templates = new Map(
    params.map(({ name, value }, at): [string, ParamTemplate] => {
      const { join, verbatim, members } = behaviour?.params.get(name) ?? {};
      if (verbatim) return [name, { name, template: { kind: 'literal', value } }];
      const template = parseTemplate(value, `${path}[${at}].value`, malformed);
      const joins = members && joinsOf(members);
      return [name, { name, template, ...(join && { join }), ...(joins && { joins }) }];
    }),
  );
  const { order, cycles } = sortTopologically(graphOf([...templates.values()]));
  const ordered = order.flatMap((name) => templates.get(name) ?? []);
  return { ordered, cycles };
}

function joinsOf(members: ReadonlyMap<string, ParamRule>): ReadonlyMap<string, JoinText> {
  return new Map([...members].flatMap(([name, { join }]) => (join ? [[name, join]] : [])));
}

function graphOf(params: readonly ParamTemplate[]): Graph {
  return new Map(
    params.map(({ name, template }) => [
      name,
      referencesIn(template)
        .filter((reference) => reference.from === 'params' && reference.name !== name)
        .map((reference) => reference.name),
    ]),
  );
}
