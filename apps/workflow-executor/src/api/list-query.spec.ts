import { bodyValidation } from '@app/http';
import { PageQuery } from './list-query.js';

function read(query: object): Promise<unknown> {
  return bodyValidation().transform(query, { type: 'query', metatype: PageQuery });
}

describe(PageQuery.name, () => {
  it.each([
    ['1', 1],
    ['007', 7],
    ['100', 100],
  ])('accepts a limit of digits: %j', async (limit, expected) => {
    await expect(read({ limit })).resolves.toMatchObject({ limit: expected });
  });

  it('has a limit of 20 by default', async () => {
    await expect(read({})).resolves.toMatchObject({ limit: 20 });
  });

  it.each(['', ' 1', '1 ', '+1', '-1', '1.0', '1e1', '0x10', '0b1', '0', '101', '9'.repeat(400)])(
    'refuses another limit: %j',
    async (limit) => {
      await expect(read({ limit })).rejects.toMatchObject({
        problems: expect.arrayContaining([expect.objectContaining({ path: 'limit' })]) as unknown,
      });
    },
  );

  it.each(['constructor', 'toString'])('refuses the unknown parameter %s', async (name) => {
    await expect(read({ [name]: '1' })).rejects.toMatchObject({ problems: [{ path: name }] });
  });
});
