import { parseSubject, subjectOf } from './subject.js';

describe(parseSubject.name, () => {
  it.each([
    ['/wf1', { workflowId: 'wf1' }],
    ['/a_B-9/topic', { workflowId: 'a_B-9', topic: 'topic' }],
    ['/wf1/activity/topic with space', { workflowId: 'wf1', topic: 'activity/topic with space' }],
    ['/wf1//x/', { workflowId: 'wf1', topic: '/x/' }],
    ['/wf1/', { workflowId: 'wf1' }],
    [`/${'x'.repeat(100)}`, { workflowId: 'x'.repeat(100) }],
  ])('reads %s', (subject, target) => {
    expect(parseSubject(subject)).toEqual({ kind: 'target', target });
  });

  it.each([
    undefined,
    '',
    'wf1',
    '/',
    '//topic',
    '/a.b',
    '/*',
    '/>',
    '/a b/c',
    '/ü',
    `/${'x'.repeat(101)}`,
  ])('finds no workflow in %p', (subject) => {
    expect(parseSubject(subject)).toMatchObject({
      kind: 'problem',
      problem: { attribute: 'subject' },
    });
  });

  it('reads back what was built', () => {
    for (const target of [{ workflowId: 'w' }, { workflowId: 'w', topic: 'a/b' }]) {
      expect(parseSubject(subjectOf(target))).toEqual({ kind: 'target', target });
    }
  });
});
