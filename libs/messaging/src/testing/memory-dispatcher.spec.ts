import { describeDispatcher } from './dispatcher.contract.js';
import { MemoryDispatcher } from './memory-dispatcher.js';

describeDispatcher(MemoryDispatcher.name, async () => {
  const inFlightMax = 8;
  const inFlightBytesMax = 65_536;
  const dispatcher = new MemoryDispatcher('nats', inFlightMax, inFlightBytesMax);
  return {
    dispatcher,
    inFlightMax,
    inFlightBytesMax,
    dispatched: async () => dispatcher.dispatched.map(({ activityId }) => activityId),
    notified: async () => dispatcher.notified,
    takeAway: async () => {
      dispatcher.available = false;
    },
    bringBack: async () => {
      dispatcher.available = true;
    },
    close: async () => undefined,
  };
});
