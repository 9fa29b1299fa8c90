import { bodyValidation } from '@app/http';
import { SecretBody } from './secret-body.js';

function read(label: string): Promise<unknown> {
  const body = { label, provider: 'github' };
  return bodyValidation().transform(body, { type: 'body', metatype: SecretBody });
}

describe(SecretBody.name, () => {
  it('accepts a label of visible characters', async () => {
    await expect(read('crm/prod: EU')).resolves.toMatchObject({ label: 'crm/prod: EU' });
  });

  it.each(['', 'a\0b', 'a\u200bb', '\ud800', 'a'.repeat(101)])(
    'refuses the label %j',
    async (label) => {
      await expect(read(label)).rejects.toMatchObject({
        problems: expect.arrayContaining([expect.objectContaining({ path: 'label' })]) as unknown,
      });
    },
  );
});
