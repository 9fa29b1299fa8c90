import { type JsonObject, toJsonText } from '@app/json';
import { aNewActivity, anEvent } from '@app/persistence/testing';
import { RunScopes } from './run-scopes.js';

async function paramsOf(value: JsonObject, trigger: 'task' | 'event'): Promise<unknown> {
  const event = anEvent({ data: { kind: 'json', text: toJsonText(value), value } });
  const nobody = {
    latest: () => Promise.reject(new Error()),
    get: () => Promise.reject(new Error()),
  };
  const scopes = new RunScopes(nobody, { rootIn: () => undefined });
  const scope = await scopes.scopeOf(aNewActivity({ event, trigger }), undefined);
  return 'event' in scope ? scope.event.params : undefined;
}

describe('parameters of a run that a task begins', () => {
  const given = { sum: 5, inputs: { sum: 1 }, properties: { sum: 2 } };

  it('are those that the task gives, and nothing inside one takes the place of another', async () => {
    expect(await paramsOf(given, 'task')).toMatchObject({ ...given, data: given });
    expect(await paramsOf(given, 'event')).toMatchObject({ sum: 1 });
  });

  it('may have names that others have from their event', async () => {
    expect(await paramsOf({ data: 'x', event: 'y' }, 'task')).toEqual({ data: 'x', event: 'y' });
  });
});
