import { readFileSync } from 'node:fs';

/**
 * @param {string} file
 * @returns {unknown} what the file holds; the caller says what it expects that to be
 * @throws if there is no such file, or it holds no JSON
 */
export function readJson(file) {
  /** @type {unknown} */
  const parsed = JSON.parse(readFileSync(file, 'utf8'));
  return parsed;
}
