import { SigningKeys } from '@app/signing';
import { anEvent } from '../testing/an-event.js';
import { SignedRoots } from './signed-roots.js';

const roots = new SignedRoots(new SigningKeys('k'.repeat(32), 'o'.repeat(32)));
const EVENT = anEvent({ source: '/workflows/a', id: 'run:tell:1' });

function rootIn(flowroot: string, event = EVENT): string | undefined {
  return roots.rootIn({ ...event, extensions: { flowroot } });
}

describe(SignedRoots.name, () => {
  it('reads what it has signed', () => {
    expect(rootIn(roots.textOf('abc', EVENT))).toBe('abc');
    expect(roots.rootIn(EVENT)).toBeUndefined();
  });

  it('verifies values signed with either secret during a rotation', () => {
    const before = new SignedRoots(new SigningKeys('o'.repeat(32)));
    const after = new SignedRoots(new SigningKeys('k'.repeat(32)));

    expect(rootIn(before.textOf('abc', EVENT))).toBe('abc');
    expect(after.rootOf(roots.textOf('abc', EVENT), EVENT)).toBe('abc');
  });

  it.each([
    ['another id', { id: 'run:tell:2' }],
    ['another source', { source: '/workflows/b' }],
    ['parts that run into each other', { source: '/workflows/arun', id: ':tell:1' }],
  ])('finds no root in an event with %s', (_what, changed) => {
    expect(rootIn(roots.textOf('abc', EVENT), { ...EVENT, ...changed })).toBeUndefined();
  });

  it('finds no root without a signature of ours', () => {
    const text = roots.textOf('abc', EVENT);
    const strangers = new SignedRoots(new SigningKeys('s'.repeat(32)));

    const others = ['', 'abc', 'abc.', text.replace('abc', 'abd'), strangers.textOf('abc', EVENT)];
    expect(others.map((other) => rootIn(other))).toEqual(others.map(() => undefined));
    expect(rootIn(`${'a'.repeat(500)}${text}`)).toBeUndefined();
  });
});
