const ANSWER_MS_MAX = 30_000;

/** The API answered with an error. */
class ApiRefusedError extends Error {
  /**
   * @param {string} request
   * @param {number} status
   * @param {string} body
   */
  constructor(request, status, body) {
    super(`${request} was answered with ${status}: ${body}`);
    this.name = 'ApiRefusedError';
    this.status = status;
  }
}

/** The executor's API, as its administrator. */
export class ApiClient {
  #url;
  #adminToken;

  /**
   * @param {string} url
   * @param {string} adminToken
   */
  constructor(url, adminToken) {
    this.#url = url;
    this.#adminToken = adminToken;
  }

  /**
   * @param {string} path
   * @returns {Promise<unknown>}
   */
  get(path) {
    return this.#request('GET', path);
  }

  /**
   * @param {string} path
   * @returns {Promise<unknown>} undefined if there is no such thing
   */
  async find(path) {
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof ApiRefusedError && error.status === 404) return undefined;
      throw error;
    }
  }

  /**
   * @param {string} path
   * @param {unknown} body
   * @returns {Promise<unknown>}
   */
  post(path, body) {
    return this.#request('POST', path, body);
  }

  /**
   * @param {string} path
   * @param {unknown} body
   * @returns {Promise<unknown>}
   */
  put(path, body) {
    return this.#request('PUT', path, body);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<unknown>}
   */
  async #request(method, path, body) {
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#adminToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiRefusedError(`${method} ${path}`, response.status, text);
    /** @type {unknown} */
    const answer = JSON.parse(text);
    return answer;
  }
}
