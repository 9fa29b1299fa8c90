import { readFileSync } from 'node:fs';
import { USER_AGENT } from './first-request.js';

it('names the version of the package', () => {
  const text = readFileSync(new URL('../../../../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };

  expect(USER_AGENT).toBe(`flow-eventing/${version}`);
});
