import { aDispatch, anEvent } from '@app/events/testing';
import { DispatchFailedError } from '../errors.js';
import { MemoryDispatcher } from '../testing/memory-dispatcher.js';
import { FailoverDispatcher } from './failover-dispatcher.js';

/** Looks available and takes nothing: a server that went away without being missed yet. */
class FailingDispatcher extends MemoryDispatcher {
  override async dispatch(): Promise<void> {
    throw new DispatchFailedError('nats', 'no acknowledgement');
  }
}

describe(FailoverDispatcher.name, () => {
  it('uses the first transport while it is available', async () => {
    const [primary, secondary] = [new MemoryDispatcher(), new MemoryDispatcher('http')];
    const dispatcher = new FailoverDispatcher(primary, secondary);

    await dispatcher.dispatch(aDispatch());

    expect(primary.dispatched).toHaveLength(1);
    expect(secondary.dispatched).toHaveLength(0);
  });

  it('does not try the first transport while it is known to be gone', async () => {
    const [primary, secondary] = [new MemoryDispatcher(), new MemoryDispatcher('http')];
    const dispatcher = new FailoverDispatcher(primary, secondary);
    primary.available = false;

    await dispatcher.notify('activity-1');

    expect(secondary.notified).toEqual(['activity-1']);
    expect(dispatcher.transport).toBe('http');
  });

  it('uses the second transport for dispatches that failed on the first', async () => {
    const secondary = new MemoryDispatcher('http');
    const dispatcher = new FailoverDispatcher(new FailingDispatcher(), secondary);

    await dispatcher.dispatch(aDispatch());

    expect(secondary.dispatched).toEqual([aDispatch()]);
  });

  it('uses the first transport again when it is back', async () => {
    const [primary, secondary] = [new MemoryDispatcher(), new MemoryDispatcher('http')];
    const dispatcher = new FailoverDispatcher(primary, secondary);
    primary.available = false;
    await dispatcher.dispatch(aDispatch({ event: anEvent({ id: 'during' }) }));
    primary.available = true;

    await dispatcher.dispatch(aDispatch({ event: anEvent({ id: 'after' }) }));

    expect(primary.dispatched).toEqual([aDispatch({ event: anEvent({ id: 'after' }) })]);
  });

  it('fails when both transports fail', async () => {
    const secondary = new MemoryDispatcher('http');
    const dispatcher = new FailoverDispatcher(new FailingDispatcher(), secondary);
    secondary.available = false;

    await expect(dispatcher.dispatch(aDispatch())).rejects.toBeInstanceOf(DispatchFailedError);
  });
});
