export { FlowError, type ErrorKind, type FlowErrorOptions, type Problem } from './flow-error.js';
export { assertNever } from './assert-never.js';
