import { changeExecutor } from '../project/changed-executor.mjs';

/**
 * An executor that is started with `--import` of this file stands for the release before: it does not have the newest
 * language version.
 */
const VERSION = /\bLANGUAGE_VERSION\s*=\s*(\d+);/;

changeExecutor((bundle) => {
  const [text, version] = VERSION.exec(bundle) ?? [];
  if (text === undefined) throw new Error(`There is no ${VERSION} in the executor any more`);
  return bundle.replace(text, `LANGUAGE_VERSION = ${Number(version) - 1};`);
});
