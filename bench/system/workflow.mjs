/** Three tasks without calls, so that only this system is measured. */
export const WORKFLOW = {
  id: 'bench',
  name: 'bench',
  triggers: { event: { enabled: true } },
  params: [{ name: 'event' }, { name: 'inputs' }],
  tasks: [
    { name: 'start', type: 'start' },
    keep('read', 'inputs', '$(params.inputs)', 'start'),
    keep('greet', 'greeting', 'Hello, $(params.inputs.key)!', 'read'),
    keep('sum up', 'summary', '$(params.event)', 'greet'),
    { name: 'end', type: 'end', dependencies: [{ taskRef: 'sum up' }] },
  ],
};

/**
 * @param {string} name
 * @param {string} output
 * @param {string} value
 * @param {string} after
 */
function keep(name, output, value, after) {
  return {
    name,
    type: 'set-property',
    dependencies: [{ taskRef: after, executionCondition: 'success' }],
    params: [
      { name: 'output', value: output },
      { name: 'value', value },
    ],
  };
}
