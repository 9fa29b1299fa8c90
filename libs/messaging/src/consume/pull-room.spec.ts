import { type Pulled, PullRoom } from './pull-room.js';

const NOTHING: Pulled = { places: 0, bytes: 0, requested: 0, requestedBytes: 0 };

describe(PullRoom.name, () => {
  let room: PullRoom;

  beforeEach(() => {
    room = new PullRoom({ messagesInFlightMax: 8, bytesInFlightMax: 100 });
  });

  it('requests parts of the room, so that the rest of one request does not delay the others', () => {
    expect(room.next(NOTHING)).toEqual({ messages: 2, bytes: 25 });
    expect(room.next({ ...NOTHING, requested: 6, requestedBytes: 75 })).toEqual({
      messages: 2,
      bytes: 25,
    });
    expect(room.next({ ...NOTHING, requested: 8, requestedBytes: 100 })).toBeUndefined();
  });

  it.each([
    ['messages', { ...NOTHING, places: 7, requested: 1 }],
    ['bytes', { ...NOTHING, places: 1, bytes: 50, requested: 2, requestedBytes: 26 }],
  ])('requests no more than there is room for in %s', (_what, pulled) => {
    expect(room.next(pulled)).toBeUndefined();
  });

  it('requests a single message with all the room once the next is known to be larger', () => {
    room.tooLarge(25);
    room.tooLarge(5);

    expect(room.next({ ...NOTHING, requested: 1 })).toBeUndefined();
    expect(room.next({ ...NOTHING, places: 1, bytes: 75 })).toBeUndefined();
    expect(room.next({ ...NOTHING, places: 1, bytes: 40 })).toEqual({ messages: 1, bytes: 60 });
  });

  it('accepts a message larger than all the room when nothing else is in flight', () => {
    room.tooLarge(100);

    expect(room.next({ ...NOTHING, places: 1, bytes: 1 })).toBeUndefined();
    expect(room.next(NOTHING)).toEqual({ messages: 1 });
  });

  it('forgets the size of the next message when one has arrived', () => {
    room.tooLarge(100);
    room.delivered();

    expect(room.next(NOTHING)).toEqual({ messages: 2, bytes: 25 });
  });

  it.each([
    [256, 0, 4],
    [256, 1, 3],
    [256, 64, 3],
    [256, 65, 2],
    [256, 193, undefined],
    [63, 0, 1],
    [63, 1, undefined],
  ])(
    'of messages that bring 64: with places for %d, %d taken, asks for %p',
    (max, places, asked) => {
      const ofBatches = new PullRoom({ messagesInFlightMax: max, placesMax: 64 });

      expect(ofBatches.next({ ...NOTHING, places })?.messages).toBe(asked);
    },
  );

  it('requests all the room at once without a bound on bytes', () => {
    const unbounded = new PullRoom({ messagesInFlightMax: 8 });

    expect(unbounded.next(NOTHING)).toEqual({ messages: 8 });
  });
});
