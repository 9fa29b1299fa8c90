/**
 * The routes of the server, to tell an unknown path (404) from a wrong method (405 with `Allow`). It is only asked
 * about requests that matched no route, so it may be simple.
 */
export class RouteTable {
  readonly #routes: { readonly pattern: RegExp; readonly method: string }[] = [];

  /** @param path as Fastify writes it: `:name` is one segment, `*` the rest */
  add(methods: string | readonly string[], path: string): void {
    const pattern = patternOf(path);
    for (const method of [methods].flat()) this.#routes.push({ pattern, method });
  }

  /** The methods that a path takes, in alphabetical order; none if there is no such path. */
  methodsAt(url: string): readonly string[] {
    const [asked = ''] = url.split('?', 1);
    const path = asked.length > 1 && asked.endsWith('/') ? asked.slice(0, -1) : asked;
    const methods = this.#routes.filter(({ pattern }) => pattern.test(path));
    return [...new Set(methods.map(({ method }) => method))].sort();
  }
}

function patternOf(path: string): RegExp {
  const source = path
    .replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/:[^/]+/g, '[^/]+')
    .replaceAll('*', '.*');
  return new RegExp(`^${source}$`);
}
