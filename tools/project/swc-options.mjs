/**
 * How TypeScript is compiled to JavaScript, for the apps and for tests. Names and decorators are kept, with the metadata of
 * types that Nest needs.
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
