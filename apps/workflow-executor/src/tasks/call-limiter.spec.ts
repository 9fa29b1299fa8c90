import { CallLimiter, type Entry, type Release } from './call-limiter.js';

const SLOW = 'https://slow.example';
const FAST = 'https://fast.example';

describe(CallLimiter.name, () => {
  let now: number;
  let limiter: CallLimiter;
  let entered: string[];
  let leaves: Release[];
  let abort: AbortController;

  beforeEach(() => {
    now = 0;
    entered = [];
    leaves = [];
    abort = new AbortController();
    limiter = limiterWith({});
  });

  function limiterWith(limits: Partial<ConstructorParameters<typeof CallLimiter>[0]>): CallLimiter {
    const some = {
      callsMax: 10,
      perOriginMax: 2,
      perWorkflowMax: 10,
      waitingMax: 16,
      bytesPerOriginMax: 1_000_000,
    };
    return new CallLimiter({ ...some, ...limits }, () => now);
  }

  function ask(origin: string, workflowId: string, name = workflowId, bytes = 0): Entry['kind'] {
    const entry = limiter.acquire({ origin, workflowId, bytes }, abort.signal);
    const enter = (leave: Release): void => {
      entered.push(name);
      leaves.push(leave);
    };
    if (entry.kind === 'entered') enter(entry.leave);
    if (entry.kind === 'waiting') void entry.entered.then(enter);
    return entry.kind;
  }

  async function leaveNext(): Promise<void> {
    leaves.shift()?.();
    await Promise.resolve();
  }

  it('lets a slow origin have its own slots only', () => {
    expect([1, 2, 3].map(() => ask(SLOW, 'a'))).toEqual(['entered', 'entered', 'waiting']);
    expect([1, 2].map(() => ask(FAST, 'a'))).toEqual(['entered', 'entered']);
    expect({ calls: limiter.calls, waiting: limiter.waiting }).toEqual({ calls: 4, waiting: 1 });
  });

  it('lets a workflow have its own slots only', () => {
    limiter = limiterWith({ perWorkflowMax: 2 });

    const kinds = ['https://1', 'https://2', 'https://3'].map((origin) => ask(origin, 'a'));

    expect(kinds).toEqual(['entered', 'entered', 'waiting']);
    expect(ask('https://3', 'b')).toBe('entered');
  });

  it('gives a free slot to one workflow after the other, and in each to who came first', async () => {
    ask(SLOW, 'a', 'a1');
    ask(SLOW, 'a', 'a2');
    for (const name of ['a3', 'a4', 'a5', 'b1']) ask(SLOW, name.charAt(0), name);

    for (let free = 0; free < 4; free += 1) await leaveNext();

    expect(entered).toEqual(['a1', 'a2', 'a3', 'b1', 'a4', 'a5']);
  });

  it('goes past who may not have a slot to somebody who may', async () => {
    limiter = limiterWith({ perOriginMax: 1, perWorkflowMax: 1 });
    ask(SLOW, 'a', 'a-slow');
    ask(FAST, 'b', 'b-fast');
    expect(ask(FAST, 'a', 'a-fast')).toBe('waiting');
    expect(ask(FAST, 'c', 'c-fast')).toBe('waiting');

    leaves[1]?.();
    await Promise.resolve();

    expect(entered).toEqual(['a-slow', 'b-fast', 'c-fast']);
  });

  it('never has more than it may, and forgets what nobody needs', async () => {
    limiter = limiterWith({ callsMax: 3, perOriginMax: 3, waitingMax: 400 });
    for (let at = 0; at < 60; at += 1) ask(`https://${at % 7}`, `w${at % 5}`);
    for (let left = 0; left < 60; left += 1) {
      expect(limiter.calls).toBeLessThanOrEqual(3);
      await leaveNext();
    }

    expect(entered).toHaveLength(60);
    expect({ calls: limiter.calls, waiting: limiter.waiting }).toEqual({ calls: 0, waiting: 0 });
  });

  it('takes who is aborted out of the line', async () => {
    ask(SLOW, 'a');
    ask(SLOW, 'a');
    ask(SLOW, 'gone');
    abort.abort();
    abort = new AbortController();
    ask(SLOW, 'next');

    expect(limiter.waiting).toBe(1);
    await leaveNext();
    expect(entered).toEqual(['a', 'a', 'next']);
  });

  it('lets in everybody for whom the end of one call makes room', async () => {
    limiter = limiterWith({ perOriginMax: 1, perWorkflowMax: 1 });
    ask(SLOW, 'a', 'a at slow');
    ask(SLOW, 'b', 'b at slow');
    ask(FAST, 'a', 'a at fast');

    await leaveNext();

    expect(entered).toEqual(['a at slow', 'b at slow', 'a at fast']);
    expect({ calls: limiter.calls, waiting: limiter.waiting }).toEqual({ calls: 2, waiting: 0 });
  });

  it('gives a slot back once', async () => {
    ask(SLOW, 'a');
    const [leave] = leaves;
    leave?.();
    leave?.();
    await Promise.resolve();

    expect(limiter.calls).toBe(0);
  });

  it('sends away who finds no slot to wait in, at the pace of the origin', () => {
    const kinds = Array.from({ length: 7 }, () => ask(SLOW, 'a'));
    expect(kinds.slice(0, 6)).toEqual(['entered', 'entered', ...Array<string>(4).fill('waiting')]);
    expect(kinds[6]).toBe('full');
    expect(ask(FAST, 'a')).toBe('entered');

    expect(delaysOf(2)).toEqual([250, 250]);
  });

  /** Of so many that find no slot to wait in. */
  function delaysOf(runs: number): readonly (number | undefined)[] {
    return Array.from({ length: runs }, () => {
      const entry = limiter.acquire({ origin: SLOW, workflowId: 'b', bytes: 0 }, abort.signal);
      return entry.kind === 'full' ? entry.delayMs : undefined;
    });
  }

  it('lets a burst of runs at an origin of unknown pace come back within seconds', () => {
    limiter = limiterWith({
      callsMax: 512,
      perOriginMax: 64,
      perWorkflowMax: 128,
      waitingMax: 1_024,
    });
    for (let run = 0; run < 64 + 256; run += 1) ask(SLOW, 'a');

    expect(Math.max(...delaysOf(500).map(Number))).toBeLessThan(5_000);
  });

  it('takes the first end of a burst, which a busy process sees late, for no slowness of the origin', async () => {
    limiter = limiterWith({
      callsMax: 512,
      perOriginMax: 64,
      perWorkflowMax: 128,
      waitingMax: 1_024,
    });
    for (let run = 0; run < 64 + 256; run += 1) ask(SLOW, 'a');
    now += 200;
    await leaveNext();
    for (let run = 0; run < 64; run += 1) ask(SLOW, 'a');

    expect(Math.max(...delaysOf(300).map(Number))).toBeLessThan(5_000);
  });

  it('tells who comes back to a slow origin to stay away for longer, one after the other', async () => {
    for (let run = 0; run < 6; run += 1) ask(SLOW, 'a');
    for (let end = 0; end < 2; end += 1) {
      now += 10_000;
      await leaveNext();
      ask(SLOW, 'a');
    }

    const [first = 0, second = 0] = delaysOf(2).map(Number);
    expect(first).toBeGreaterThan(4 * 1_000);
    expect(second).toBeGreaterThan(first);
  });

  it('takes a time in which nothing was asked of an origin for no slowness of it', async () => {
    ask(SLOW, 'a', 'hangs');
    now += 60_000;
    ask(SLOW, 'a', 'quick');
    now += 20;
    leaves.pop()?.();
    await Promise.resolve();
    for (let run = 0; run < 5; run += 1) ask(SLOW, 'a');

    expect(delaysOf(1)).toEqual([250]);
  });

  it('lets the runs that call or wait for one origin hold so many bytes, and one alone more', () => {
    limiter = limiterWith({ bytesPerOriginMax: 100 });

    expect(ask(SLOW, 'a', 'large', 150)).toBe('entered');
    expect(ask(SLOW, 'a', 'next', 1)).toBe('full');
    expect(ask(FAST, 'a', 'elsewhere', 60)).toBe('entered');
    expect(ask(FAST, 'a', 'fits', 40)).toBe('entered');
    expect(ask(FAST, 'a', 'does not wait either', 1)).toBe('full');
    for (const leave of leaves) leave();
    expect(ask(SLOW, 'a', 'later', 100)).toBe('entered');
    expect(ask(FAST, 'a', 'later', 100)).toBe('entered');
  });

  it('remembers no origin that it sends everybody away from', () => {
    limiter = limiterWith({ callsMax: 1, waitingMax: 0 });
    ask(SLOW, 'a');
    const delayed = (): unknown =>
      limiter.acquire({ origin: FAST, workflowId: 'b', bytes: 0 }, abort.signal);

    expect([delayed(), delayed()]).toEqual([
      { kind: 'full', delayMs: 250 },
      { kind: 'full', delayMs: 250 },
    ]);
  });
});
