import { activityTrace, childTraceparent, parseTraceparent } from './trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe(parseTraceparent, () => {
  it('reads a valid one', () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({
      traceId: TRACE,
      parentId: SPAN,
      sampled: true,
    });
  });

  it('reads the first four parts of a later version', () => {
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-02-what-ever`)).toMatchObject({ sampled: false });
  });

  it.each([
    ['nothing', ''],
    ['a forbidden version', `ff-${TRACE}-${SPAN}-01`],
    ['more parts than version 00 has', `00-${TRACE}-${SPAN}-01-x`],
    ['a longer flag', `00-${TRACE}-${SPAN}-011`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a short trace', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['space around it', ` 00-${TRACE}-${SPAN}-01`],
  ])('ignores %s', (_what, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

describe(childTraceparent, () => {
  it('keeps the trace and the decision to sample, with a span of its own', () => {
    const parent = { traceId: TRACE, parentId: SPAN, sampled: false };
    const child = parseTraceparent(childTraceparent(parent));

    expect(child).toMatchObject({ traceId: TRACE, sampled: false });
    expect(child?.parentId).not.toBe(SPAN);
  });
});

describe(activityTrace, () => {
  it('is the trace of the event, where that is valid', () => {
    expect(activityTrace('a', `00-${TRACE}-${SPAN}-00`)).toEqual({
      traceId: TRACE,
      parentId: SPAN,
      sampled: false,
    });
  });

  it.each([undefined, 42, 'nonsense'])(
    'is the first half of the id when the event has %p',
    (given) => {
      expect(activityTrace(TRACE + 'f'.repeat(32), given).traceId).toBe(TRACE);
    },
  );

  it.each(['0'.repeat(64), 'not hex at all', ''])('is valid and stable for the id "%s"', (id) => {
    const trace = activityTrace(id, undefined);

    expect(parseTraceparent(childTraceparent(trace))?.traceId).toBe(trace.traceId);
    expect(activityTrace(id, undefined)).toEqual(trace);
  });
});
