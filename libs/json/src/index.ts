export { canonicalJson } from './canonical-json.js';
export { BodyNotJsonError, decodeUtf8, type ParsedJson, parseJsonBytes } from './parse-bytes.js';
export { ExactNumber } from './exact-number.js';
export { type JsonLimits } from './json-limits.js';
export { jsonProblems } from './json-problems.js';
export { elementStarts, memberText, valueStart } from './json-source.js';
export { looseMembers } from './loose-members.js';
export { asciiJson, toJsonText } from './json-text.js';
export {
  doubleOf,
  isJsonArray,
  isJsonContainer,
  isJsonNumber,
  isJsonObject,
  isJsonValue,
  memberOf,
  type JsonObject,
  type JsonValue,
} from './json-value.js';
export { jsonObjectOf, membersIn, namesIn } from './member-order.js';
export { parseJson, parseJsonWithin } from './parse-json.js';
export { compareNumbers, isWholeNumber } from './number-order.js';
export { isSameJson } from './same-json.js';
export { uriComponent } from './uri-component.js';
