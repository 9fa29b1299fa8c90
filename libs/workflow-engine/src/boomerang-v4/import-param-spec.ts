import { type JsonObject } from '@app/json';
import { type ExportContext, isEmpty, reportBoth, reportUnknown } from './export-context.js';

/** How a form asks for the parameter. Boomerang's engine checks none of it; docs/compatibility.md lists it. */
export const IGNORED_OF_PARAM = [
  ...['type', 'label', 'options', 'placeholder', 'helpertext', 'helperText', 'language'],
  ...['minValueLength', 'maxValueLength', 'readOnly', 'disabled', 'hiddenValue'],
] as const;

const KNOWN = [
  ...['name', 'key', 'description', 'required', 'default', 'defaultValue', 'value', 'values'],
  ...IGNORED_OF_PARAM,
];

/** The declaration of a parameter, which some versions call `key`, with its `defaultValue`. */
export function importParamSpec(given: JsonObject, at: number, context: ExportContext): JsonObject {
  const path = `params[${at}]`;
  const { problems, places } = context;
  reportUnknown(given, KNOWN, path, context);
  reportBoth(given, 'name', 'key', path, context);
  reportBoth(given, 'default', 'defaultValue', path, context);
  const { name = given['key'], description, required } = given;
  const fallback = given['default'] ?? given['defaultValue'];
  if (given['name'] === undefined) places.set(`${path}.name`, `${path}.key`);
  if (given['default'] === undefined) places.set(`${path}.default`, `${path}.defaultValue`);
  for (const member of ['value', 'values']) {
    if (isEmpty(given[member])) continue;
    problems.add(`${path}.${member}`, 'a declaration has no value here: write it as "default"');
  }
  const isSecret = given['type'] === 'password' && !isEmpty(fallback);
  if (isSecret) {
    const detail =
      'a password does not stand in a workflow: keep it as a secret, and use $(secrets.name)';
    problems.add(places.shortOf(`${path}.default`), detail);
  }
  return {
    ...(name !== undefined && { name }),
    ...(!isEmpty(description) && { description: description ?? '' }),
    ...(required !== undefined && { required }),
    ...(fallback !== undefined && { default: fallback }),
  };
}
