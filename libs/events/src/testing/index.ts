export { aDispatch } from './a-dispatch.js';
export { anEvent, anEventWithoutData, jsonData } from './an-event.js';
export { arbitraryEvent } from './arbitrary-event.js';
export { shapesOfMoreThanLinearWork } from './linear-work.js';
export { EVENT_LIMITS } from './event-limits.js';
