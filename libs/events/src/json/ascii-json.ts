import { toJsonText } from '@app/json';

/** The same JSON in ASCII alone, as headers need it. */
export function asciiJson(value: object): string {
  return toJsonText(value).replace(/[\u007f-\uffff]/g, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
