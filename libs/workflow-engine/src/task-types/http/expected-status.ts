import { isJsonArray, isJsonObject, type JsonValue } from '@app/json';
import { type StatusRange } from '../../state/http-call.js';
import { textOf } from '../../json.js';

const RANGES_MAX = 50;

/** One status, a class or a range, or a list of them: `404`, `"2xx"`, `"200-204"`, `["2xx", 404]`. */
export function readExpectedStatus(value: JsonValue): readonly StatusRange[] | undefined {
  const entries = isJsonArray(value) ? value : [value];
  if (entries.length === 0 || entries.length > RANGES_MAX) return undefined;
  const ranges: StatusRange[] = [];
  for (const entry of entries) {
    const range =
      isJsonArray(entry) || isJsonObject(entry) ? undefined : statusRangeOf(textOf(entry));
    if (range === undefined) return undefined;
    ranges.push(range);
  }
  return ranges;
}

/** Of `404`, `2xx` or `200-204`. Final statuses only: 1xx are no answers (RFC 9110, section 15.2). */
export function statusRangeOf(text: string): StatusRange | undefined {
  const [, ofClass] = /^([2-5])xx$/i.exec(text) ?? [];
  if (ofClass !== undefined) return { from: Number(ofClass) * 100, to: Number(ofClass) * 100 + 99 };
  const [, first, last = first] = /^([2-5]\d\d)(?:-([2-5]\d\d))?$/.exec(text) ?? [];
  if (first === undefined) return undefined;
  const range = { from: Number(first), to: Number(last) };
  return range.from <= range.to ? range : undefined;
}
