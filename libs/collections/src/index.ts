export { BoundedMap } from './bounded-map.js';
export { InFlightMap } from './in-flight-map.js';
export { InFlightSet } from './in-flight-set.js';
