/** What an app answered, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed, if it is JSON. */
  readonly body: unknown;
}

export interface Asking {
  readonly method?: string;
  /** As the `Authorization` header's bearer; absent sends none. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text goes as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Gives up waiting; absent waits for as long as it takes. */
  readonly signal?: AbortSignal;
}

/** Follows no redirect: there is never one. */
export async function ask(
  url: string,
  { method = 'GET', token, headers, body, signal }: Asking = {},
): Promise<Answer> {
  const isText = typeof body === 'string';
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(body !== undefined && !isText && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(signal && { signal }),
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) };
}

/** The activity that an accepted event has started, by its receipt. */
export function activityIdIn({ body }: Pick<Answer, 'body'>): string {
  return (body as { readonly activityid: string }).activityid;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
