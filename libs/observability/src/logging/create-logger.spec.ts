import { loggerOn } from './create-logger.js';
import { NestLog } from './nest-log.js';
import { PinoLog, routineBudget } from './pino-log.js';

function recorded(): { readonly log: PinoLog; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const stream = {
    write(line: string): void {
      lines.push(JSON.parse(line) as Record<string, unknown>);
    },
  };
  return { log: new PinoLog(loggerOn(stream, 'listener', 'debug')), lines };
}

describe(PinoLog, () => {
  it('writes a line with the app, the level in words and all fields', () => {
    const { log, lines } = recorded();
    log.child({ activityId: 'a' }).info({ traceId: 't' }, 'Event accepted');

    expect(lines).toEqual([
      {
        app: 'listener',
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
        activityId: 'a',
        traceId: 't',
        msg: 'Event accepted',
      },
    ]);
  });

  it('redacts fields that may be secret, at the top level and one level below', () => {
    const { log, lines } = recorded();
    const headers = { authorization: 'hunter2', host: 'a' };
    const err = Object.assign(new Error('x'), { body: 'hunter2', status: 400 });
    log
      .child({ cookie: 'hunter2' })
      .warn({ token: 'hunter2', headers, data: { a: 'hunter2' }, err }, 'x');

    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines[0]).toMatchObject({
      cookie: '[redacted]',
      token: '[redacted]',
      headers: { authorization: '[redacted]', host: 'a' },
      data: '[redacted]',
      err: { body: '[redacted]', status: 400, message: 'x', stack: expect.any(String) as unknown },
    });
    expect(headers.authorization).toBe('hunter2');
  });

  it.each([
    'access_token',
    'accessToken',
    'adminToken',
    'apiKey',
    'authorization',
    'Authorization',
    'body',
    'cookie',
    'credentials',
    'data',
    'password',
    'payload',
    'query',
    'rawBody',
    'request',
    'secret',
    'sharedSecret',
    'signature',
    'token',
    'tokens',
  ])('redacts %s', (name) => {
    const { log, lines } = recorded();
    log.info({ [name]: 'hunter2', within: { [name]: 'hunter2' } }, 'x');

    expect(lines[0]).toMatchObject({ [name]: '[redacted]', within: { [name]: '[redacted]' } });
  });

  it('bounds routine lines, children included, and makes no fields for lines left out', () => {
    const lines: string[] = [];
    const logger = loggerOn({ write: (line) => lines.push(line) }, 'listener', 'info');
    const log = new PinoLog(logger, routineBudget(logger, 2));
    let asked = 0;
    const fields = (): { readonly nth: number } => ({ nth: (asked += 1) });

    log.routine(fields, 'Event recorded');
    log.child({}).routine(fields, 'Event recorded');
    log.routine(fields, 'Event recorded');
    log.info({}, 'Listening');

    expect(asked).toBe(2);
    expect(lines).toHaveLength(3);
  });

  it('counts routine lines of all levels against the same budget', () => {
    const lines: string[] = [];
    const logger = loggerOn({ write: (line) => lines.push(line) }, 'listener', 'warn');
    const log = new PinoLog(logger, routineBudget(logger, 1));

    log.routine(() => ({}), 'Event recorded');
    log.routine(() => ({}), 'Not dispatched', 'warn');
    log.routine(() => ({}), 'Not dispatched', 'warn');

    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 'warn', msg: 'Not dispatched' }),
    ]);
  });

  it('writes an error with its stack and its cause', () => {
    const { log, lines } = recorded();
    log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'Failed');

    expect(JSON.stringify(lines[0]?.['err'])).toMatch(/outer.*inner/);
  });
});

describe(NestLog, () => {
  it("writes Nest's lines about the start at the level debug", () => {
    const { log, lines } = recorded();
    new NestLog(log).log('Mapped {/x, GET} route', 'RouterExplorer');

    expect(lines[0]).toMatchObject({
      level: 'debug',
      context: 'RouterExplorer',
      msg: 'Mapped {/x, GET} route',
    });
  });

  it('keeps an error in every form in which Nest passes it', () => {
    const { log, lines } = recorded();
    const nest = new NestLog(log);
    nest.error(new Error('as message'), 'Context');
    nest.error('as stack', 'Error: x\n    at y', 'Context');
    nest.error({ odd: 'message' });

    expect(lines[0]).toMatchObject({ msg: 'as message', err: { message: 'as message' } });
    expect(lines[1]).toMatchObject({ msg: 'as stack', stack: 'Error: x\n    at y' });
    expect(lines[2]).toMatchObject({ level: 'error', msg: '{"odd":"message"}' });
  });
});
