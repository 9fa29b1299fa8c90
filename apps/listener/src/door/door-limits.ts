import { type EventLimits } from '@app/events';

export interface DoorLimits {
  readonly bodyBytesMax: number;
  readonly events: EventLimits;
}
