import { Pool } from 'undici';

const TIMEOUT_MS = 60_000;

/**
 * Keep-alive connections to one server. Only the status of an answer is read, so that sending costs little on the machine
 * that is measured.
 */
export class Connections {
  #pool;
  #request;

  /**
   * @param {string} url that is posted to
   * @param {Record<string, string>} headers
   * @param {number} count
   */
  constructor(url, headers, count) {
    const { origin, pathname, search } = new URL(url);
    this.#pool = new Pool(origin, {
      connections: count,
      pipelining: 1,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    this.#request = /** @type {const} */ ({ path: pathname + search, method: 'POST', headers });
  }

  /**
   * @param {string} body
   * @returns {Promise<string>} the status, or the code of the error that came instead
   */
  post(body) {
    return new Promise((resolve) => {
      let status = 0;
      this.#pool.dispatch(
        { ...this.#request, body },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, code) => {
            status = code;
          },
          onResponseData: () => undefined,
          onResponseEnd: () => {
            resolve(String(status));
          },
          onResponseError: (_controller, error) => {
            resolve('code' in error ? String(error.code) : error.message);
          },
        },
      );
    });
  }

  async close() {
    await this.#pool.close();
  }
}
