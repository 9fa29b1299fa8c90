import { type TaskState, type WaitReason } from '@app/workflow-engine';

type Fields = Readonly<Record<string, unknown>>;

/**
 * A task as it was stored by this version or the one before, which had flat waits: `for` a `retry` or a
 * `place`, with `until` and `failure` beside it.
 */
export function fromEarlierTask(fields: Record<string, unknown>): TaskState {
  const { for: reason, until, failure, ...task } = fields;
  if (task['status'] !== 'waiting') return fields as unknown as TaskState;
  if (task['on'] !== undefined) return task as unknown as TaskState;
  const since = task['startedAt'];
  const on =
    reason === 'place'
      ? { kind: 'slot', slot: 'http-call', since, until }
      : { kind: 'retry', since, until, failure };
  return { ...task, on } as unknown as TaskState;
}

/**
 * What the version before has to find in a wait besides, so that its executors can go on with the
 * activity while both run.
 */
export function forEarlierTask(task: TaskState): Fields {
  if (task.status !== 'waiting') return {};
  const { on } = task;
  if (on.kind === 'retry') return { for: 'retry', until: on.until, failure: on.failure };
  return on.kind === 'slot' ? { for: 'place', until: on.until } : {};
}

/** What a run waits for, which had no kind. */
export function fromEarlierWait(
  wait: Record<string, unknown>,
  tasks: Readonly<Record<string, TaskState>>,
): Record<string, unknown> {
  return wait['kind'] === undefined ? { ...wait, kind: kindOf(tasks[String(wait['task'])]) } : wait;
}

function kindOf(task: TaskState | undefined): WaitReason['kind'] | 'call' {
  if (task?.status === 'waiting') return task.on.kind;
  return task?.status === 'running' && task.queued ? 'slot' : 'call';
}
