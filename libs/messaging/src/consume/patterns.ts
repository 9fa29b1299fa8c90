/** Names that handlers use in `@EventPattern`, whatever the namespace in NATS is. */
export const FLOW_EVENT = 'flow.event';
export const FLOW_SIGNAL = 'flow.signal';
