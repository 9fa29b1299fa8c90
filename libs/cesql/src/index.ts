export { CesqlExpression } from './cesql-expression.js';
export { type CesqlLimits, DEFAULT_CESQL_LIMITS } from './cesql-limits.js';
export { type CesqlValue } from './cesql-value.js';
export { CesqlParseError } from './errors.js';
