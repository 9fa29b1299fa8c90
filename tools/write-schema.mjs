import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBuild } from './project/build.mjs';
import { projectRoot } from './project/project-root.mjs';

/**
 * @typedef {{ workflowSchema: (types: unknown) => unknown }} SchemaModule
 * @typedef {{ TASK_TYPES_RUN: unknown }} TypesModule
 */

// Writes schemas/workflow.schema.json from the code; a test holds the two against each other.
await ensureBuild();
const built = path.join(projectRoot, 'dist/modules/apps/workflow-executor/src');
const schemas = /** @type {SchemaModule} */ (await load('api/workflows/workflow-schema.js'));
const types = /** @type {TypesModule} */ (await load('tasks/task-handler.js'));
const schema = JSON.stringify(schemas.workflowSchema(types.TASK_TYPES_RUN), undefined, 2);
writeFileSync(path.join(projectRoot, 'schemas/workflow.schema.json'), `${schema}\n`);

/**
 * @param {string} file
 * @returns {Promise<unknown>}
 */
function load(file) {
  return import(path.join(built, file));
}
