/**
 * A workflow each of whose runs starts it three times: by an event, by a webhook and as a run of its own. Its
 * parameter `listener` is the listener's URL.
 *
 * @param token a reference to the workflow's token
 */
export function forkBomb(name: string, token: string): Readonly<Record<string, unknown>> {
  const headers = { Authorization: `Bearer ${token}` };
  const given = { listener: '$(params.listener)' };
  const by = (trigger: string): object => {
    const url = `$(params.listener)/api/v2/${trigger}?ref=$(context.params.workflow-ref)`;
    return { event: { url, type: 'com.example.again', headers, data: given } };
  };
  const enabled = { enabled: true };
  return {
    name,
    triggers: { event: enabled, webhook: enabled, task: enabled },
    tasks: {
      event: by('event'),
      webhook: by('webhook'),
      again: { 'run-workflow': { workflow: name, wait: false, params: given } },
    },
  };
}
