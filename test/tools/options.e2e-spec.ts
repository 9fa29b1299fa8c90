import { OptionsInvalidError, parseOptions, USAGE } from '../../tools/start/options.mjs';

describe(parseOptions.name, () => {
  it('uses the defaults without options', () => {
    expect(parseOptions([])).toEqual({ help: false, json: false, driver: 'nats' });
  });

  it('uses the given options', () => {
    const options = parseOptions([
      ...['--data-dir', 'here', '--port', '1234', '--executor-port=1235', '--json'],
      ...['--mongodb-url', 'mongodb://db/flow', '--nats-url', 'nats://queue:4222'],
    ]);

    expect(options).toEqual({
      help: false,
      json: true,
      driver: 'nats',
      dataDir: 'here',
      port: 1234,
      executorPort: 1235,
      mongodbUrl: 'mongodb://db/flow',
      natsUrl: 'nats://queue:4222',
    });
  });

  it.each([
    ['an unknown option', ['--prot', '1'], '--prot'],
    ['an option without its value', ['--port'], '--port'],
    ['a word that belongs to no option', ['7720'], '7720'],
    ['a port that is none', ['--port', '65536'], '--port'],
    ['a port that is no number', ['--executor-port', '1e3'], '--executor-port'],
    ['the same port for both', ['--port', '9', '--executor-port', '9'], 'differ'],
    ['an unknown driver', ['--driver', 'pigeon'], '"pigeon"'],
    ['a URL of something else', ['--mongodb-url', 'http://db'], 'mongodb://'],
    ['a nats-server that would not be used', ['--driver=http', '--nats-url', 'nats://q'], 'nats'],
  ])('refuses %s', (_what, args, named) => {
    expect(() => parseOptions(args)).toThrow(OptionsInvalidError);
    expect(() => parseOptions(args)).toThrow(named);
  });

  it('reports all wrong options at once', () => {
    expect(() => parseOptions(['--port', 'x', '--driver', 'y'])).toThrow(/--driver.*\n.*--port/);
  });

  it('explains every option that it takes', () => {
    for (const option of ['data-dir', 'port', 'executor-port', 'mongodb-url', 'nats-url', 'json']) {
      expect(USAGE).toContain(`--${option}`);
    }
  });
});
