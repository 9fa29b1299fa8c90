import { InvalidNamespaceError } from '../errors.js';
import * as names from './names.js';

describe('names in NATS', () => {
  it('are those of the design', () => {
    const flow = names.DEFAULT_NAMESPACE;

    expect([
      names.eventsStream(flow),
      names.signalsStream(flow),
      names.eventSubject(flow, 'wf1'),
      names.eventWildcard(flow),
      names.signalSubject(flow, 'a1'),
      names.signalWildcard(flow),
      names.workflowChangedSubject(flow, 'wf1'),
      names.workflowChangedWildcard(flow),
    ]).toEqual([
      'FLOW_EVENTS',
      'FLOW_SIGNALS',
      'flow.event.wf1',
      'flow.event.*',
      'flow.signal.a1',
      'flow.signal.*',
      'flow.changed.workflow.wf1',
      'flow.changed.workflow.*',
    ]);
  });

  it.each(['flow', 'test-1_2', 'a'.repeat(32)])('take the namespace %s', (namespace) => {
    expect(() => {
      names.assertNamespace(namespace);
    }).not.toThrow();
  });

  it.each(['', 'Flow', '1a', 'a.b', 'a*', 'a>', 'a b', 'ü', 'a'.repeat(33), 'flow\n'])(
    'refuse the namespace "%s"',
    (namespace) => {
      expect(() => {
        names.assertNamespace(namespace);
      }).toThrow(InvalidNamespaceError);
    },
  );
});
