export { FlowError, type ErrorKind, type FlowErrorOptions, type Problem } from './flow-error.js';
export { assertNever } from './assert-never.js';
export { comparableName } from './comparable-name.js';
export { hintFor, nearestName, unknownMember } from './nearest-name.js';
