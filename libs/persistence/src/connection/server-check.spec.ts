import { StoreUnsupportedError } from '../errors.js';
import { checkServer } from './server-check.js';

describe(checkServer.name, () => {
  it('takes a member of a replica set from 6.0 on', () => {
    expect(() => {
      checkServer({ setName: 'rs0', maxWireVersion: 17 });
    }).not.toThrow();
  });

  it.each([
    ['a standalone server', { maxWireVersion: 17 }, /rs\.initiate/],
    ['a server before 6.0', { setName: 'rs0', maxWireVersion: 13 }, /older than 6\.0/],
    ['a server that does not say', {}, /older than 6\.0/],
  ])('refuses %s and says what to do', (_server, hello, advice) => {
    expect(() => {
      checkServer(hello);
    }).toThrow(StoreUnsupportedError);
    expect(() => {
      checkServer(hello);
    }).toThrow(advice);
  });
});
