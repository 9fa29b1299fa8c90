import { type ScriptLimits } from './script-answer.js';
import { ScriptCheck } from './script-check.js';

const LIMITS: ScriptLimits = { msMax: 1_000, memoryBytesMax: 2 ** 24, resultBytesMax: 2 ** 16 };

it('a check that fails does not fail those behind it', async () => {
  // No thread can be started from such a URL, and one that ends at once answers nothing.
  const entry = new URL('http://127.0.0.1/');
  const check = new ScriptCheck(LIMITS, entry);
  await expect(check.mistakesIn(['return 1;'])).rejects.toThrow();
  entry.href = 'data:text/javascript,';

  expect(await check.mistakesIn(['return 1;'])).toEqual([]);
});
