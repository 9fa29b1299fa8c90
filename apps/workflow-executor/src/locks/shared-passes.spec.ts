import { SharedPasses } from './shared-passes.js';

interface Pass {
  readonly key: string;
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}

let begun: Pass[];
let passes: SharedPasses;

beforeEach(() => {
  begun = [];
  passes = new SharedPasses(
    (key) =>
      new Promise((end, fail) => {
        begun.push({ key, end, fail });
      }),
  );
});

/** The keys of the passes that have begun, once everything that can go on has gone on. */
async function keys(): Promise<readonly string[]> {
  await new Promise(setImmediate);
  return begun.map(({ key }) => key);
}

describe(SharedPasses.name, () => {
  it('makes two passes of a burst of calls, the second after the first', async () => {
    const ended: number[] = [];
    const calls = Array.from({ length: 50 }, (_, at) =>
      passes.run('door').then(() => ended.push(at)),
    );
    expect(await keys()).toEqual(['door']);

    begun[0]?.end();
    expect(await keys()).toEqual(['door', 'door']);
    expect(ended).toEqual([0]);

    begun[1]?.end();
    await Promise.all(calls);
    expect(await keys()).toHaveLength(2);
  });

  it('begins another pass for a call that comes after all have ended', async () => {
    const first = passes.run('door');
    begun[0]?.end();
    await first;

    void passes.run('door');

    expect(await keys()).toHaveLength(2);
  });

  it('makes passes of other keys at the same time', async () => {
    void passes.run('door');
    void passes.run('window');

    expect(await keys()).toEqual(['door', 'window']);
  });

  it('fails only the calls whose pass fails', async () => {
    const first = passes.run('door');
    const second = passes.run('door');
    begun[0]?.fail(new Error('broken'));
    await expect(first).rejects.toThrow('broken');

    await keys();
    begun[1]?.end();

    await expect(second).resolves.toBeUndefined();
  });
});
