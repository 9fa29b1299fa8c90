import { commitStatements, type RevisionUpdate } from './commit-statement.js';

function anUpdate(id: string, update: Partial<RevisionUpdate> = {}): RevisionUpdate {
  return { id, lockVersion: 1, commitId: id, set: { status: 'succeeded' }, unset: [], ...update };
}

function membersOf(updates: readonly RevisionUpdate[]): unknown {
  return commitStatements(updates).map(({ members }) => members);
}

describe(commitStatements.name, () => {
  it('puts updates with the same operations into one statement, whatever their values', () => {
    const of = (id: string): Partial<RevisionUpdate> => ({
      signals: [id],
      leaseMs: id.length,
      lockVersion: id.length,
      outbox: { posted: [{ id }], gone: [], undelivered: [] },
    });

    expect(membersOf(['a', 'bb', 'ccc'].map((id) => anUpdate(id, of(id))))).toEqual([[0, 1, 2]]);
  });

  it.each<[string, Partial<RevisionUpdate>]>([
    ['unset', { unset: ['wakeAt'] }],
    ['members that stay', { kept: ['params'] }],
    ['signals', { signals: ['s'] }],
    ['a lease', { leaseMs: 1 }],
    ['an outbox', { outbox: { posted: [], gone: [], undelivered: [] } }],
    ['added entries', { entries: { tasks: { changed: [], added: [{ name: 't' }] } } }],
    ['changed entries', { entries: { tasks: { changed: [{ name: 't' }], added: [] } } }],
  ])('keeps what differs apart: %s', (_, update) => {
    expect(membersOf([anUpdate('a'), anUpdate('b', update), anUpdate('c')])).toEqual([[0, 2], [1]]);
  });

  it('looks for a record alone by its id, which needs no plan', () => {
    const [alone] = commitStatements([anUpdate('a')]);
    const [together] = commitStatements([anUpdate('a'), anUpdate('b')]);

    expect(alone?.statement).toMatchObject({ q: { _id: 'a' } });
    expect(alone?.statement).not.toHaveProperty('multi');
    expect(together?.statement).toMatchObject({ q: { _id: { $in: ['a', 'b'] } }, multi: true });
  });
});
