import { DefinitionInvalidError } from '../errors.js';
import { aDefinition, anHttpTask, fakePatterns } from '../testing/index.js';
import { compile } from './compile.js';

describe(compile.name, () => {
  it('puts each task behind all that it depends on', () => {
    const definition = aDefinition(
      [anHttpTask('c', ['b']), anHttpTask('b', ['a']), anHttpTask('a')],
      ['c'],
    );

    const { tasks } = compile(definition, fakePatterns);

    expect(tasks.map(({ name }) => name)).toEqual(['start', 'a', 'b', 'c', 'end']);
  });

  it('refuses a definition with problems, and names them all', () => {
    const compileBad = (): unknown => compile({ tasks: [] }, fakePatterns);

    expect(compileBad).toThrow(DefinitionInvalidError);
    expect(compileBad).toThrow('2 problem(s)');
  });
});
