import { shortForm } from '../definition-forms/to-short.js';
import { typeForms, validateForm } from '../definition-forms/validate-forms.js';
import { requirementsOf } from '../requirements.js';
import { BUILT_IN_TASKS } from '../task-types/task-behaviours.js';
import {
  aPlan,
  aRun,
  aScope,
  anHttpTask,
  cancelled,
  failed,
  NOW,
  succeeded,
} from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { type Input } from '../state/activity-state.js';
import { workflowFailure } from '../state/failure.js';
import { advance } from './advance.js';
import { begin, WEBHOOK_ENTRY } from './begin.js';
import { breakRun } from './end-run.js';

const NOTIFY = [{ url: 'https://a.example/ends', secret: 'hook', on: ['failed'] as const }];
const SCOPE = aScope({}, { versions: { workflow: 3 } });
const PLAN = aPlan([anHttpTask('call')], undefined, { notify: NOTIFY });
const TOLD = {
  kind: WEBHOOK_ENTRY,
  key: 'webhook:1',
  payload: { ...NOTIFY[0], versions: { workflow: 3 } },
};

describe('the webhook of a workflow', () => {
  it('is on record from the beginning', () => {
    expect(begin(PLAN, SCOPE, NOW).holds).toMatchObject([{ entry: TOLD }]);
    expect(begin(aPlan([anHttpTask('call')]), SCOPE, NOW)).not.toHaveProperty('holds');
  });

  it.each<[string, Input]>([
    ['succeeds', succeeded('call')],
    ['fails', failed('call')],
    ['is cancelled', cancelled()],
  ])('is called when the run %s, once', (_how, input) => {
    const { state, outbox } = advance(PLAN, aRun(PLAN, SCOPE), SCOPE, [input], NOW);

    expect(outbox).toMatchObject([TOLD]);
    expect(state).not.toHaveProperty('holds');
  });

  it('is called when the engine fails on the run, without a plan', () => {
    const defect = workflowFailure('ENGINE_DEFECT', 'broken');

    expect(breakRun(aRun(PLAN, SCOPE), defect, [], NOW).outbox).toMatchObject([TOLD]);
  });

  it('is on record for a run that fails as it begins', () => {
    const plan = aPlan([], undefined, { notify: NOTIFY, params: [{ name: 'a', required: true }] });

    expect(begin(plan, SCOPE, NOW)).toMatchObject({ status: 'failed', holds: [{ entry: TOLD }] });
  });
});

describe('the member notify', () => {
  const tasks = { call: { http: { url: 'https://a.example/' } } };
  const types = typeForms(BUILT_IN_TASKS);
  const validate = (notify: unknown) =>
    validateForm({ tasks, notify }, fakePatterns, BUILT_IN_TASKS);

  it('is the same in both forms, and needs a build that knows it', () => {
    const notify = [{ url: 'https://a.example/ends', secret: 'hook', on: ['failed', 'timedout'] }];
    const validation = validate(notify);

    expect(validation).toMatchObject({ kind: 'valid', definition: { notify } });
    if (validation.kind !== 'valid') return;
    expect(shortForm(validation.definition, types).notify).toEqual(notify);
    expect(requirementsOf(validation.definition)).toEqual(['language:2']);
  });

  it.each([
    ['no list', {}, 'notify'],
    ['no URL', [{}], 'notify[0].url'],
    ['another scheme', [{ url: 'ftp://a' }], 'notify[0].url'],
    ['credentials', [{ url: 'https://a:b@c.example/' }], 'notify[0].url'],
    ['a reference', [{ url: 'https://a.example/$(params.x)' }], 'notify[0].url'],
    ['a secret itself', [{ url: 'https://a.example', secret: 'whsec_a/b=' }], 'notify[0].secret'],
    ['no end', [{ url: 'https://a.example', on: [] }], 'notify[0].on'],
    ['what is no end', [{ url: 'https://a.example', on: ['running'] }], 'notify[0].on'],
    ['a slip', [{ url: 'https://a.example', secrets: 'a' }], 'notify[0].secrets'],
  ])('is refused with %s', (_what, notify, path) => {
    expect(validate(notify)).toMatchObject({ kind: 'invalid', problems: [{ path }] });
  });
});
