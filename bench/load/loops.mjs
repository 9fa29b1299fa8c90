import { setTimeout as delay } from 'node:timers/promises';

/**
 * As fast as the answers come: every connection sends again when it has its answer.
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
 * At a fixed rate, whatever the answers do. Latency counts from when a request was due, so a server
 * that stalls can't hide what it would have done to those that came meanwhile.
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
