import { type JsonObject, parseJson } from '@app/json';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { bodyValidation } from './body-validation.js';

class Part {
  @IsInt()
  readonly size!: number;
}

class Thing {
  @IsOptional()
  @IsObject()
  readonly values?: JsonObject;

  @IsOptional()
  @IsArray()
  readonly list?: readonly unknown[];

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Part)
  readonly parts?: readonly Part[];
}

async function read(text: string): Promise<Thing> {
  const given = parseJson(text);
  return (await bodyValidation().transform(given, { type: 'body', metatype: Thing })) as Thing;
}

describe(bodyValidation.name, () => {
  it.each(['__proto__', 'constructor', 'prototype', 'then', 'toString'])(
    "leaves the name %s in what is a user's",
    async (name) => {
      const { values, list } = await read(
        `{"values":{"a":{"${name}":1},"${name}":"x"},"list":[{"${name}":[]}]}`,
      );

      expect(Object.keys(values ?? {})).toEqual(['a', name]);
      expect(Object.keys(values?.['a'] as object)).toEqual([name]);
      expect(Object.keys(list?.[0] as object)).toEqual([name]);
    },
  );

  it('leaves a number as exact as it was given', async () => {
    const text = '{"values":{"a":123456789012345678901234567890}}';
    const { values } = await read(text);

    expect(values).toEqual((parseJson(text) as JsonObject)['values']);
  });

  it('makes instances of members with a class, and checks them', async () => {
    const { parts } = await read('{"parts":[{"size":1}]}');

    expect(parts?.[0]).toBeInstanceOf(Part);
    await expect(read('{"parts":[{"size":"x"}]}')).rejects.toMatchObject({
      problems: [{ path: 'parts[0].size' }],
    });
  });

  it.each(['constructor', '__proto__', 'hasOwnProperty', 'toString', 'valueOf'])(
    'refuses a member that every object has, as any that is not known: %s',
    async (name) => {
      const detail = expect.stringMatching('is not a known member') as unknown;

      await expect(read(`{"${name}":1}`)).rejects.toMatchObject({
        problems: [{ path: name, detail }],
      });
      await expect(read(`{"parts":[{"size":1},{"size":1,"${name}":1}]}`)).rejects.toMatchObject({
        problems: [{ path: `parts[1].${name}`, detail }],
      });
    },
  );

  it('changes no prototype', async () => {
    const thing = await read('{"__proto__":{"evil":1}}').catch(() => ({}));

    expect('evil' in thing).toBe(false);
    expect('evil' in {}).toBe(false);
  });
});
