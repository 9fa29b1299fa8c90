import { type EventLimits } from '@app/events';
import { type BodyBounds } from './incoming-body.js';

export interface DoorLimits {
  readonly bodies: BodyBounds;
  readonly events: EventLimits;
}
