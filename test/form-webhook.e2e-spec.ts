import { jest } from '@jest/globals';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';

jest.setTimeout(300_000);

describe('a webhook that is a form', () => {
  let system: FlowSystem;
  let workflow: CreatedWorkflow;

  beforeAll(async () => {
    system = await FlowSystem.start({ servers: 'shared' });
    workflow = await system.api.createWorkflow({
      name: 'form',
      tasks: [
        { name: 'start', type: 'start' },
        {
          name: 'note',
          type: 'set-property',
          dependencies: [{ taskRef: 'start' }],
          params: [
            { name: 'output', value: 'said' },
            { name: 'value', value: '$(params.data)' },
          ],
        },
        { name: 'end', type: 'end', dependencies: [{ taskRef: 'note' }] },
      ],
    });
  });

  afterAll(async () => {
    await system.stop();
  });

  function send(fields: Record<string, string>, query = ''): Promise<Response> {
    const url = `${system.listenerUrl}/api/v2/webhook?ref=${workflow.id}${query}`;
    return fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
  }

  it('may have its token in a field, which is not passed on', async () => {
    const answer = await send({ access_token: workflow.token, text: 'a & b' });

    expect(answer.status).toBe(202);
    const { activityid } = (await answer.json()) as { activityid: string };
    const { status, results } = await system.api.untilFinal(activityid);
    expect({ status, results }).toEqual({
      status: 'succeeded',
      results: { said: { text: 'a & b' } },
    });
  });

  it('has texts alone, which become values of the declared types', async () => {
    const typed = await system.api.createWorkflow({
      name: 'typed-form',
      params: {
        count: { type: 'integer', min: 1, max: 9, required: true },
        order: { type: 'string', pattern: '[A-Z]-\\d+' },
      },
      tasks: { note: { 'set-property': { output: 'count', value: '$(params.count)' } } },
    });
    const ended = async (fields: Record<string, string>): Promise<object> => {
      const url = `${system.listenerUrl}/api/v2/webhook?ref=${typed.id}&access_token=${typed.token}`;
      const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
      const { activityid } = (await answer.json()) as { activityid: string };
      return system.api.untilFinal(activityid);
    };

    expect(await ended({ count: '4', order: 'A-7' })).toMatchObject({
      status: 'succeeded',
      results: { count: 4 },
    });
    expect(await ended({ count: 'ten', order: 'xA-7' })).toMatchObject({
      status: 'failed',
      failure: {
        code: 'PARAM_INVALID',
        message:
          'The event brings values that the workflow does not allow: ' +
          '"count" must be a whole number; "order" must match [A-Z]-\\d+',
      },
    });
  });

  it('is refused with a wrong token in its field, and without a token', async () => {
    expect((await send({ access_token: 'bfw_wrong', text: 'x' })).status).toBe(403);
    expect((await send({ text: 'x' })).status).toBe(401);
  });

  it('is authorized by the token in the query, if there is one', async () => {
    const answer = await send({ access_token: workflow.token }, '&access_token=bfw_wrong');

    expect(answer.status).toBe(403);
  });

  it('may be multipart, with its token and files in parts', async () => {
    const form = new FormData();
    form.set('access_token', workflow.token);
    form.set('subject', 'a & b');
    form.set('attachment-1', new Blob(['%PDF'], { type: 'application/pdf' }), 'a.pdf');
    const url = `${system.listenerUrl}/api/v2/webhook?ref=${workflow.id}`;
    const answer = await fetch(url, { method: 'POST', body: form });

    expect(answer.status).toBe(202);
    const { activityid } = (await answer.json()) as { activityid: string };
    const file = { filename: 'a.pdf', contentType: 'application/pdf', sizeBytes: 4 };
    expect(await system.api.untilFinal(activityid)).toMatchObject({
      status: 'succeeded',
      results: { said: { subject: 'a & b', 'attachment-1': { ...file, base64: 'JVBERg==' } } },
    });

    form.set('access_token', 'bfw_wrong');
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(403);
    form.delete('access_token');
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(401);
  });
});
