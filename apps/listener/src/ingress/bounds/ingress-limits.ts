import { type EventLimits } from '@app/events';
import { type BodyBounds } from '../incoming-body.js';

export interface IngressLimits {
  readonly bodies: BodyBounds;
  readonly events: EventLimits;
  /** Of the query and the headers that are parameters of a webhook's run. */
  readonly requestBytesMax: number;
}
