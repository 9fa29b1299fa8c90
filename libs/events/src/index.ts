export {
  activityIdOf,
  childActivityIdOf,
  retryActivityIdOf,
  contentDigest,
  isSameEvent,
} from './event/event-identity.js';
export { decodeHeaderValue } from './binary/header-value.js';
export { type EventName, SignedRoots } from './event/signed-roots.js';
export { HOPS, hopsOf, ROOT } from './event/hops.js';
export { attributesFromHeaders, binaryHttpHeaders } from './binary/binary-attributes.js';
export { checkEvent, requireEvent } from './event/check-event.js';
export {
  type CloudEvent,
  type EventData,
  contextAttributes,
  rawSubject,
  type RawEvent,
} from './event/cloud-event.js';
export {
  type Dispatch,
  TRIGGER_KINDS,
  type TriggerKind,
  type WebhookRequest,
} from './dispatch/dispatch.js';
export {
  type BatchedDispatch,
  decodeDispatchBatch,
  DISPATCH_BATCH_ITEMS_MAX,
  encodeDispatchBatch,
  type WrittenDispatch,
} from './dispatch/dispatch-batch.js';
export {
  decodeDispatch,
  encodeDispatch,
  type ReceivedDispatch,
} from './dispatch/dispatch-message.js';
export {
  BodyOutOfBoundsError,
  DispatchSignatureInvalidError,
  InvalidEventError,
  UnsupportedContentTypeError,
} from './errors.js';
export { BATCH_CONTENT_TYPE } from './http/batch.js';
export { contentModeOf, type ContentMode } from './http/content-mode.js';
export { headerOf, type Headers } from './headers.js';
export { readHttpMessage, type HttpMessage } from './http/read-http.js';
export { type EventLimits } from './limits.js';
export {
  isJsonType,
  isTextType,
  isUtf8Type,
  parseMediaType,
  type MediaType,
} from './attributes/media-type.js';
export { makeEvent } from './event/make-event.js';
export {
  decodeMessage,
  encodeBinaryMessage,
  encodeStructuredMessage,
  looseAttributes,
  type Message,
  type ReceivedMessage,
} from './nats/message.js';
export { withoutToken } from './nats/without-token.js';
export { receiptOf } from './event/receipt.js';
export { stripReserved } from './event/reserved-extensions.js';
export {
  isWorkflowId,
  parseSubject,
  type SubjectReading,
  subjectOf,
  WORKFLOW_ID,
  WORKFLOW_ID_RULE,
} from './event/subject.js';
export { STRUCTURED_CONTENT_TYPE, toStructuredJson } from './structured/structured-json.js';
export { readJsonBody } from './event/event-data.js';
