import process from 'node:process';
import { parse } from 'acorn';
import { simple } from 'acorn-walk';

/** The major version of Node whose V8 needs no help. */
const NODE_WITHOUT_NEED = 22;
/** What may be an object literal that begins with a spread. */
const PERHAPS = /\{\s*\.\.\./;
/** Spreads nothing: the literal is then made member by member, from the empty object. */
const NOTHING = '...null,';

/**
 * What a bundle for the Node of this process is made of.
 *
 * @param {string} code
 * @returns {string}
 */
export function forThisNode(code) {
  const isNeeded = Number.parseInt(process.versions.node, 10) < NODE_WITHOUT_NEED;
  return isNeeded ? withSharedClasses(code) : code;
}

/**
 * Lets all objects of a literal such as `{ ...one, name }` share a hidden class. V8 of Node 20 copies the first spread with
 * its hidden class, and makes a new class for each object to which more members are added. That takes a microsecond, and
 * whatever reads these objects can't be optimized for their class (docs/adr/0058). So such a literal gets a spread of
 * nothing in front, which changes neither the object nor the lines of the text.
 *
 * @param {string} code JavaScript, a module or a script
 * @returns {string}
 */
export function withSharedClasses(code) {
  if (!PERHAPS.test(code)) return code;
  /** @type {number[]} */
  const places = [];
  const program = parse(code, {
    ecmaVersion: 'latest',
    allowAwaitOutsideFunction: true,
    allowHashBang: true,
    allowImportExportEverywhere: true,
    allowReturnOutsideFunction: true,
  });
  simple(program, {
    ObjectExpression({ properties: [first, ...others] }) {
      if (first?.type === 'SpreadElement' && others.length > 0) places.push(first.start);
    },
  });
  let from = 0;
  let text = '';
  for (const place of places.toSorted((a, b) => a - b)) {
    text += code.slice(from, place) + NOTHING;
    from = place;
  }
  return text + code.slice(from);
}
