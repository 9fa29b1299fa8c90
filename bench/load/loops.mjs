import { setTimeout as delay } from 'node:timers/promises';

/**
 * A closed loop: every connection sends again when it has its answer.
 *
 * @param {(dueAt: number) => Promise<void>} send
 * @param {{ connections: number, seconds: number }} load
 */
export async function closedLoop(send, { connections, seconds }) {
  const end = performance.now() + seconds * 1000;
  const sendOn = async () => {
    for (let now = performance.now(); now < end; now = performance.now()) await send(now);
  };
  await Promise.all(Array.from({ length: connections }, sendOn));
}

/**
 * An open loop: sends at a fixed rate, whether answers come or not. Latency counts from the time when a request was due, so
 * it includes the delay of the requests that wait while a server stalls.
 *
 * @param {(dueAt: number) => Promise<void>} send
 * @param {{ perSecond: number, seconds: number }} load
 */
export async function openLoop(send, { perSecond, seconds }) {
  const begin = performance.now();
  const count = Math.round(perSecond * seconds);
  /** @type {Promise<void>[]} */
  const sent = [];
  while (sent.length < count) {
    const dueCount = Math.ceil(((performance.now() - begin) * perSecond) / 1000);
    while (sent.length < Math.min(dueCount, count)) {
      sent.push(send(begin + (sent.length * 1000) / perSecond));
    }
    await delay(1);
  }
  await Promise.all(sent);
}
