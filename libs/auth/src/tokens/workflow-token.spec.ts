import { type WorkflowToken } from '@app/persistence';
import { NOW, aWorkflow } from '@app/persistence/testing';
import { hashOf } from './secret-text.js';
import { isTokenOf, mintToken } from './workflow-token.js';

describe(mintToken.name, () => {
  it('shows the text and stores its hash', () => {
    const { text, token } = mintToken('deploys', NOW, NOW + 1);

    expect(text).toMatch(/^bfw_/);
    expect(token).toMatchObject({
      label: 'deploys',
      hash: hashOf(text),
      createdAt: NOW,
      expiresAt: NOW + 1,
    });
    expect(text.startsWith(token.prefix)).toBe(true);
    expect(JSON.stringify(token)).not.toContain(text);
  });

  it('makes a token that does not expire, without an end', () => {
    expect(mintToken('for ever', NOW).token).not.toHaveProperty('expiresAt');
  });
});

describe(isTokenOf.name, () => {
  const first = mintToken('first', NOW);
  const second = mintToken('second', NOW, NOW + 1_000);
  const workflow = aWorkflow({ tokens: [first.token, second.token] });

  it('accepts each of several tokens, so that one can replace another without a gap', () => {
    expect(isTokenOf(workflow, hashOf(first.text), NOW)).toBe(true);
    expect(isTokenOf(workflow, hashOf(second.text), NOW)).toBe(true);
  });

  it.each([
    ['another text', mintToken('other', NOW).text],
    ['a stored hash', first.token.hash],
    ['a beginning', first.text.slice(0, -1)],
    ['more than the text', `${first.text}x`],
    ['other capitals', first.text.toUpperCase()],
    ['nothing', ''],
    ['a very long text', 'x'.repeat(100_000)],
  ])('takes no %s', (_, text) => {
    expect(isTokenOf(workflow, hashOf(text), NOW)).toBe(false);
  });

  it('accepts a token until the moment it expires', () => {
    expect(isTokenOf(workflow, hashOf(second.text), NOW + 999)).toBe(true);
    expect(isTokenOf(workflow, hashOf(second.text), NOW + 1_000)).toBe(false);
    expect(isTokenOf(workflow, hashOf(first.text), NOW + 1_000)).toBe(true);
  });

  it('accepts no token for a workflow without tokens, nor without a workflow', () => {
    expect(isTokenOf(aWorkflow(), first.text, NOW)).toBe(false);
    expect(isTokenOf(undefined, hashOf(first.text), NOW)).toBe(false);
  });

  it.each(['first', 'second', 'none'])('compares with all tokens when %s matches', (fitting) => {
    const compared: string[] = [];
    const all = [first, second, mintToken('third', NOW)].map(({ token }) => token);
    const spied = all.map((token) => spyOnHash(token, compared));
    const text = { first: first.text, second: second.text }[fitting] ?? 'none';

    isTokenOf(aWorkflow({ tokens: spied }), text, NOW);

    expect(compared).toEqual(all.map(({ id }) => id));
  });
});

/** Calls back whenever the hash of the token is read. */
function spyOnHash(token: WorkflowToken, compared: string[]): WorkflowToken {
  return {
    ...token,
    get hash() {
      compared.push(token.id);
      return token.hash;
    },
  };
}
