import { isSameJson, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import {
  type CompiledEventFilter,
  type EventFilterCompiler,
  type FilteredEvent,
} from '../task-types/event-filter.js';

/**
 * The smallest language that an `EventFilterCompiler` can offer: `exact` on attributes, and `conditions` that compare
 * all of `$.data`.
 */
export const fakeEventFilters: EventFilterCompiler = (filter, path) => {
  const [dialect = '', ...more] = isJsonObject(filter) ? Object.keys(filter) : [];
  const value = isJsonObject(filter) ? (filter[dialect] ?? null) : null;
  if (more.length > 0 || dialect === '') return invalid(path, 'must have one dialect');
  if (dialect === 'exact' && isJsonObject(value)) return exact(value, `${path}.exact`);
  if (dialect === 'conditions' && isJsonArray(value)) return ofData(value, `${path}.conditions`);
  return invalid(`${path}.${dialect}`, 'is no dialect');
};

function exact(wanted: JsonObject, path: string): CompiledEventFilter {
  const members = Object.entries(wanted);
  const wrong = members.filter(
    ([name, value]) => !/^[a-z0-9]+$/.test(name) || typeof value !== 'string' || value === '',
  );
  if (wrong.length > 0) return invalid(wrong.map(([name]) => `${path}.${name}`));
  const holds = ({ attributes }: FilteredEvent): boolean =>
    members.every(([name, value]) => attributes[name] === value);
  return { kind: 'ok', matches: holds };
}

function ofData(conditions: readonly JsonValue[], path: string): CompiledEventFilter {
  const wanted = conditions.map((one) =>
    isJsonObject(one) && one['field'] === '$.data' ? (one['value'] ?? null) : undefined,
  );
  const wrong = wanted.flatMap((value, at) =>
    value === undefined ? [`${path}[${at}].field`] : [],
  );
  if (wrong.length > 0) return invalid(wrong);
  const holds = ({ data }: FilteredEvent): boolean =>
    data !== undefined && wanted.every((value) => isSameJson(data, value ?? null));
  return { kind: 'ok', matches: holds };
}

function invalid(paths: string | readonly string[], detail = 'is not valid'): CompiledEventFilter {
  const all = typeof paths === 'string' ? [paths] : paths;
  return { kind: 'invalid', problems: all.map((path) => ({ path, detail })) };
}
