import { settingsOf, type WorkerOptions } from './options.js';

describe(settingsOf.name, () => {
  it.each([
    ['none', {}],
    ['one that is undefined', { servers: undefined }],
    ['an empty text', { servers: '' }],
    ['an empty list', { servers: [] }],
  ])('says what to write where the servers are missing (%s)', (_, options) => {
    expect(() => settingsOf('invoices', options as unknown as WorkerOptions)).toThrow(
      /^servers must name a NATS server, such as "nats:/,
    );
  });

  it('takes one server, or several', () => {
    const [one, other] = ['nats://a:4222', 'nats://b:4222'];

    expect(settingsOf('invoices', { servers: one }).servers).toBe(one);
    expect(settingsOf('invoices', { servers: [one, other] }).servers).toEqual([one, other]);
  });
});
