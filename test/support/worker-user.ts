/** What docs/worker-protocol.md says that a worker of this queue and group needs in NATS, and nothing else. */
export function workerUser(queue: string, password: string, group = 'default'): WorkerUser {
  return {
    user: 'worker',
    password,
    permissions: {
      publish: {
        allow: [
          `$JS.API.CONSUMER.MSG.NEXT.FLOW_TASKS.${queue}_${group}`,
          `$JS.ACK.FLOW_TASKS.${queue}_${group}.>`,
          `flow.answer.${queue}.${group}`,
        ],
      },
      subscribe: { allow: [`_INBOX_${queue}_${group}.>`, `flow.cancel.${queue}.${group}`] },
    },
  };
}

export interface WorkerUser {
  readonly user: string;
  readonly password: string;
  readonly permissions: Readonly<Record<'publish' | 'subscribe', { readonly allow: string[] }>>;
}
