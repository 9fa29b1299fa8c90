import { RunMemory } from './run-memory.js';

describe(RunMemory.name, () => {
  let memory: RunMemory;

  beforeEach(() => {
    memory = new RunMemory({ activityBytesMax: 80, answerBytesMax: 20 });
  });

  it('makes a run wait until others are over', async () => {
    const first = memory.tryReserve(60);
    expect(memory.tryReserve(30)).toBeUndefined();
    const waiting = memory.reserve(30);
    first?.release();
    first?.release();
    const second = await waiting;

    expect(memory.activityBytes).toBe(30);
    second.release();
    expect(memory.activityBytes).toBe(0);
  });

  it('keeps some room for due runs, however much is reserved', () => {
    memory.force(70);
    expect(memory.freeBytes).toBe(10);
    memory.force(70);
    expect(memory.freeBytes).toBe(10);
  });

  it('makes an answer wait until others are on record, and a part of its run from then on', async () => {
    const run = memory.force(10);
    const [first, second] = [run.answer(), run.answer()];
    await first.take(15);
    let read = false;
    const reading = second.take(15).then(() => (read = true));
    await Promise.resolve();
    expect({ read, answers: memory.answerBytes, run: run.bytes }).toEqual({
      read: false,
      answers: 15,
      run: 10,
    });

    first.release();
    await reading;
    expect({ answers: memory.answerBytes, run: run.bytes }).toEqual({ answers: 15, run: 25 });
    second.release();
    run.release();
    expect({ answers: memory.answerBytes, runs: memory.activityBytes }).toEqual({
      answers: 0,
      runs: 0,
    });
  });

  it('reserves no room for an answer that is no longer wanted', async () => {
    const run = memory.force(0);
    const [first, second] = [run.answer(), run.answer()];
    await first.take(20);
    const waiting = second.take(20);
    second.release();
    run.release();
    first.release();
    await waiting;

    expect({ answers: memory.answerBytes, runs: memory.activityBytes }).toEqual({
      answers: 0,
      runs: 0,
    });
  });
});
