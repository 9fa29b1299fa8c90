import { BaseRpcContext } from '@nestjs/microservices';
import { type Delivery } from './delivery.js';

/** What a handler may know of the message that its data came in; its `@Ctx()`. */
export class JetStreamContext extends BaseRpcContext<[Delivery]> {
  constructor(delivery: Delivery) {
    super([delivery]);
  }

  get subject(): string {
    return this.args[0].subject;
  }

  /** Of the message in its stream. */
  get sequence(): number {
    return this.args[0].sequence;
  }

  /** How often it was delivered, with this time. */
  get deliveries(): number {
    return this.args[0].deliveries;
  }

  get headers(): Readonly<Record<string, readonly string[]>> {
    return this.args[0].headers;
  }
}
