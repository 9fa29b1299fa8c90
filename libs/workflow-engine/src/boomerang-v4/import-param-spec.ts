import { type JsonObject } from '@app/json';
import { type ExportContext, isEmpty, reportBoth, reportUnknown } from './export-context.js';

/**
 * Members of a parameter that describe its field in a form and are ignored: Boomerang's engine checks none of them.
 * docs/compatibility.md lists them.
 */
export const IGNORED_OF_PARAM = [
  ...['type', 'label', 'options', 'placeholder', 'helpertext', 'helperText', 'language'],
  ...['minValueLength', 'maxValueLength', 'readOnly', 'disabled', 'hiddenValue'],
] as const;

const KNOWN = [
  ...['name', 'key', 'description', 'required', 'default', 'defaultValue', 'value', 'values'],
  ...IGNORED_OF_PARAM,
];

/** Imports the declaration of a parameter. Some versions have `key` for `name` and `defaultValue` for `default`. */
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
    problems.add(
      `${path}.${member}`,
      'is not a member of a declaration here: write it as "default"',
    );
  }
  const isSecret = given['type'] === 'password' && !isEmpty(fallback);
  if (isSecret) {
    const detail =
      'a workflow must not contain a password: store it as a secret, and use $(secrets.name)';
    problems.add(places.shortOf(`${path}.default`), detail);
  }
  return {
    ...(name !== undefined && { name }),
    ...(!isEmpty(description) && { description: description ?? '' }),
    ...(required !== undefined && { required }),
    ...(fallback !== undefined && { default: fallback }),
  };
}
