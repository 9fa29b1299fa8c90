import { bodyValidation } from '@app/http';
import { TokenBody } from './token-body.js';

function read(body: object): Promise<unknown> {
  return bodyValidation().transform(body, { type: 'body', metatype: TokenBody });
}

describe(TokenBody.name, () => {
  it.each(['shop', 'crm/prod: EU (test)', 'Zo\u00eb', '\u{1f600}'])(
    'accepts the label %j',
    async (label) => {
      await expect(read({ label })).resolves.toMatchObject({ label });
    },
  );

  it.each(['', 'a\0b', 'a\n', 'a\u200bb', '\ud800', 'a\udc00', 'a'.repeat(101)])(
    'refuses the label %j',
    async (label) => {
      await expect(read({ label })).rejects.toMatchObject({
        problems: expect.arrayContaining([expect.objectContaining({ path: 'label' })]) as unknown,
      });
    },
  );
});
