import { randomUUID } from 'node:crypto';

type Definition = Readonly<Record<string, unknown>>;
type Params = Readonly<Record<string, unknown>>;

/** A workflow whose only task keeps the parameter `key`, which events bring, as a result. */
export function keepingWorkflow(name: string, more: Definition = {}): Definition {
  const params = [{ name: 'key', default: 'none' }];
  return { ...chain(name, [setProperty('keep', 'kept', '$(params.key)')]), params, ...more };
}

/**
 * Posts the `n` that events bring to `/call`; `call` goes into the definition of that task. Each has
 * a name of its own, so that tests can share a system.
 */
export function callingWorkflow(targetUrl: string, call: Definition = {}): Definition {
  const params = { method: 'POST', url: `${targetUrl}/call`, body: { n: '$(params.n)' } };
  return chain(`calling-${randomUUID()}`, [httpTask('call', params, call)]);
}

/** `start`, the tasks one after the other for as long as they succeed, `end`. */
export function chain(name: string, tasks: readonly Definition[]): Definition {
  const all = [{ name: 'start', type: 'start' }, ...tasks, { name: 'end', type: 'end' }];
  const linked = all.map((task: Definition, at) =>
    at === 0 ? task : { ...task, dependencies: afterSuccess(all[at - 1]?.['name']) },
  );
  return { name, tasks: linked };
}

export function setProperty(name: string, output: string, value: unknown): Definition {
  return { name, type: 'set-property', params: paramsOf({ output, value }) };
}

/** An `http` task; `more` has its timeout, its retry policy and the like. */
export function httpTask(name: string, params: Params, more: Definition = {}): Definition {
  return { name, type: 'http', params: paramsOf(params), ...more };
}

function afterSuccess(taskRef: unknown): readonly Definition[] {
  return [{ taskRef, executionCondition: 'success' }];
}

function paramsOf(params: Params): readonly Definition[] {
  return Object.entries(params).map(([name, value]) => ({ name, value }));
}
