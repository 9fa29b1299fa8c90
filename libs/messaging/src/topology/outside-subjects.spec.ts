import { OutsideSubjects } from './outside-subjects.js';

const subjects = new OutsideSubjects('flow', ['orders.*.paid', 'audit.>', '>', '$JS.>']);
const few = new OutsideSubjects('flow', ['orders.*.paid', 'audit.>']);

describe(OutsideSubjects.name, () => {
  it.each(['flow.out.a', 'flow.out.a.b', 'orders.7.paid', 'audit.x.y'])(
    'lets through %s',
    (one) => {
      expect(few.problem(one)).toBeUndefined();
    },
  );

  it.each(['orders.paid', 'orders.7.paid.x', 'orders.7', 'audit', 'other'])('refuses %s', (one) => {
    expect(few.problem(one)).toContain('orders.*.paid');
  });

  it.each([
    'flow',
    'flow.out',
    'flow.event.w',
    'flow.dispatch.w',
    'flow.task.q.default.k',
    'flow.signal.a',
  ])("refuses the system's own subject %s, whatever is allowed", (one) => {
    expect(subjects.problem(one)).toContain('belongs to Flow Eventing itself');
  });

  it.each([
    '$JS.API.STREAM.DELETE.FLOW_EVENTS',
    '$SYS.REQ.SERVER.PING',
    '_INBOX.abc',
    '_INBOX_w.1',
    '$KV.b.k',
  ])("refuses the server's subject %s, whatever is allowed", (one) => {
    expect(subjects.problem(one)).toContain('belongs to NATS itself');
  });

  it("permits a name that only begins like the system's own", () => {
    expect(subjects.problem('flows.event.w')).toBeUndefined();
  });
});
