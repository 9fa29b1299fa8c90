import { FlowError } from '@app/errors';

/**
 * It is not certain that a dispatch or a notification was handed over; another transport, or a later try, may
 * succeed.
 */
export class DispatchFailedError extends FlowError {
  readonly code = 'DISPATCH_FAILED';
  readonly kind = 'transient';

  constructor(
    readonly transport: 'nats' | 'http',
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`Not sent over ${transport}: ${reason}`, { ...options, retryAfterSeconds: 1 });
  }
}

/** Nothing was sent, because too much is in flight. */
export class NoRoomError extends DispatchFailedError {}

/** No stream takes the subject, so nothing has it. */
export class NoStreamError extends DispatchFailedError {}

/** JetStream answered that it does not take the message. */
export class DispatchRefusedError extends DispatchFailedError {
  constructor(
    reason: string,
    /** JetStream's own code for why; absent where it gave none. */
    readonly errCode: number | undefined,
  ) {
    super('nats', reason);
  }
}

/** A dispatch is larger than the transport takes; another transport, or MongoDB, may have room for it. */
export class DispatchTooLargeError extends DispatchFailedError {
  constructor(
    transport: 'nats' | 'http',
    readonly bytes: number,
    readonly bytesMax: number,
  ) {
    super(transport, `the message has ${bytes} bytes, and at most ${bytesMax} are accepted`);
  }
}

/**
 * The queue of a worker has all the room in its stream that it may have; the task waits on record until there is
 * room.
 */
export class TaskQueueFullError extends FlowError {
  readonly code = 'WORKER_QUEUE_FULL';
  readonly kind = 'transient';

  constructor(
    readonly queue: string,
    readonly tasks: number,
  ) {
    super(
      `The queue "${queue}" has ${tasks} tasks, which fill its share of the stream; start workers for it, or raise ` +
        'NATS_STREAM_MEBIBYTES_MAX',
      { retryAfterSeconds: 1 },
    );
  }
}

/** There is no connection to NATS now; it is being reconnected. */
export class NatsUnavailableError extends FlowError {
  readonly code = 'NATS_UNAVAILABLE';
  readonly kind = 'transient';

  constructor(reason: string, options?: ErrorOptions) {
    super(`NATS can't be reached: ${reason}`, { ...options, retryAfterSeconds: 1 });
  }
}

/** A stream or consumer on the server differs from its declaration in a way the server won't change. */
export class TopologyMismatchError extends FlowError {
  readonly code = 'TOPOLOGY_MISMATCH';
  readonly kind = 'defect';

  constructor(
    /** `stream X` or `consumer X/Y`. */
    readonly what: string,
    /** One line a field: what it is, and what it should be. */
    readonly differences: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      `JetStream's ${what} is not as configured, and the server refuses to change it: ` +
        `${differences.join('; ')}. Set the configuration to what is there. Do not delete a stream of ` +
        `events: it may have the only copy of what it holds, and is made anew when it is empty`,
      options,
    );
  }
}

/** JetStream refuses the storage that a stream needs; the stream is created once there is room. */
export class StreamStorageInsufficientError extends FlowError {
  readonly code = 'STREAM_STORAGE_INSUFFICIENT';
  readonly kind = 'transient';

  constructor(
    /** `stream X` */
    readonly what: string,
    options: { readonly cause: Error },
  ) {
    super(
      `JetStream has no room for ${what}: ${options.cause.message}. It grants all streams together ` +
        `max_file_store, by default three quarters of the disk that was free when it started. Free ` +
        `disk or raise max_file_store, and restart nats-server; or set NATS_STREAM_MEBIBYTES_MAX to less`,
      options,
    );
  }
}

/** The configured consumers and the event handlers of the application don't match. */
export class HandlerMismatchError extends FlowError {
  readonly code = 'HANDLER_MISMATCH';
  readonly kind = 'defect';
}

/** A message was delivered as often as allowed without success. */
export class DeliveriesExhaustedError extends FlowError {
  readonly code = 'DELIVERIES_EXHAUSTED';
  readonly kind = 'defect';

  constructor(deliveries: number) {
    super(
      `Delivered ${deliveries - 1} times without a handler ending on it: ` +
        `the process crashed each time, or dead letters could not be kept`,
    );
  }
}

/** A handler failed with an error that was not raised on purpose; that one is the `cause`. */
export class HandlerFailedError extends FlowError {
  readonly code = 'HANDLER_FAILED';
  readonly kind = 'defect';

  constructor(cause: unknown) {
    super(`The handler failed: ${cause instanceof Error ? cause.message : JSON.stringify(cause)}`, {
      cause,
    });
  }
}
