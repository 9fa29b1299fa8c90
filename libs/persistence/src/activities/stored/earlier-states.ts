import { type TaskState, type WaitReason } from '@app/workflow-engine';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a task that this version or version 0.2 stored. Version 0.2 had flat waits: `for` was `retry` or
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
 * The fields of a wait that version 0.2 reads. They are written besides, so that executors of both
 * versions can drive the same activity during an upgrade.
 */
export function forEarlierTask(task: TaskState): Fields {
  if (task.status !== 'waiting') return {};
  const { on } = task;
  if (on.kind === 'retry') return { for: 'retry', until: on.until, failure: on.failure };
  return on.kind === 'slot' ? { for: 'place', until: on.until } : {};
}

/** Adds the `kind` that an entry of `waitingFor` lacks if version 0.2 stored it. */
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
