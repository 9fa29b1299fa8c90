/**
 * How TypeScript becomes JavaScript, for what is run and for what is tested: names and decorators stay, with
 * the types of what they decorate, as Nest needs them.
 *
 * @satisfies {import('@swc/core').Options}
 */
export const swcOptions = /** @type {const} */ ({
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
  module: { type: 'es6' },
});
