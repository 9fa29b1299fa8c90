import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { projectRoot } from '../project/project-root.mjs';

/** What Node needs for Jest, in whatever folder. Without `compile-once.mjs`, no test file runs. */
export const JEST_NODE_OPTIONS = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  `--import=${pathToFileURL(path.join(projectRoot, 'tools/jest/compile-once.mjs')).href}`,
];
