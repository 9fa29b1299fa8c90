export { CesqlExpression, type CesqlResult, type CesqlWarning } from './cesql-expression.js';
export { type CesqlLimits, DEFAULT_CESQL_LIMITS } from './cesql-limits.js';
export { type CesqlAttributes, type CesqlType, type CesqlValue } from './cesql-value.js';
export { type CesqlError, type CesqlErrorKind, CesqlParseError } from './errors.js';
export { type CesqlFunction, type Fail } from './functions/cesql-function.js';
export { CesqlFunctions } from './functions/cesql-functions.js';
