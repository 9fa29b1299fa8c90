/**
 * What runs in the sandbox before a script, in its language. It gives back the function that runs one: it
 * takes the code, the input as JSON and the mark of big integers, and resolves with a letter and a text:
 *
 * - `R` and JSON: the script returned; `U`: it returned nothing
 * - `S` and why: its code can't be parsed
 * - `J` and why: what it returned can't be written as JSON
 * - `T` and name, message and place of what it threw
 *
 * Of what is wrong it says 1,000 characters at most.
 *
 * It keeps what it needs before the script can change it. A script can spoil only its own answer.
 */
export const PRELUDE = `(() => {
  'use strict';
  const { parse, stringify } = JSON;
  const AsyncFunction = (async () => {}).constructor;
  const BigIntOf = BigInt;
  const ErrorOf = Error;
  const startsWith = Function.prototype.call.bind(String.prototype.startsWith);
  const slice = Function.prototype.call.bind(String.prototype.slice);
  const split = Function.prototype.call.bind(String.prototype.split);

  // The first line of the stack that is in the script; the function's head takes two lines.
  const placeIn = (stack) => {
    const lines = split(stack, '\\n');
    for (let at = 0; at < lines.length; at += 1) {
      const found = /<input>:(\\d+)/.exec(lines[at]);
      if (found && found[1] > 2) return ' (line ' + (found[1] - 2) + ')';
    }
    return '';
  };
  const textOf = (thrown) => {
    if (!(thrown instanceof ErrorOf)) return typeof thrown === 'object' ? stringify(thrown) : '' + thrown;
    return thrown.name + ': ' + thrown.message + placeIn('' + thrown.stack);
  };
  const described = (thrown) => {
    try {
      return slice(textOf(thrown), 0, 1_000);
    } catch {
      return "something that can't be shown";
    }
  };

  return async (source, text, mark) => {
    const big = (_, value) =>
      typeof value === 'string' && startsWith(value, mark) ? BigIntOf(slice(value, mark.length)) : value;
    const written = (_, value) => (typeof value === 'bigint' ? mark + value : value);
    let run;
    try {
      run = new AsyncFunction('input', source);
    } catch (error) {
      return 'S' + described(error);
    }
    const input = text.includes(mark) ? parse(text, big) : parse(text);
    let returned;
    try {
      returned = await run(input);
    } catch (error) {
      return 'T' + described(error);
    }
    if (returned === undefined) return 'U';
    try {
      const json = stringify(returned, written);
      return json === undefined ? 'J' + 'a ' + typeof returned : 'R' + json;
    } catch (error) {
      return 'J' + described(error);
    }
  };
})()`;
