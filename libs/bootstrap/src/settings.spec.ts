import { FlowConfig } from '@app/config';
import { httpOptions, jsonLimits } from './settings.js';

class TestConfig extends FlowConfig {}

const config = Object.assign(new TestConfig(), {
  JSON_NESTING_MAX: 7,
  JSON_MEMBERS_MAX: 11,
  BODY_BYTES_MAX: 13,
  HEADER_BYTES_MAX: 17,
});

describe('the settings of an operator', () => {
  it('bound all JSON that comes from outside', () => {
    expect(jsonLimits(config)).toEqual({ nestingMax: 7, membersMax: 11 });
  });

  it('reach the HTTP server', () => {
    expect(httpOptions(config, 'json')).toMatchObject({
      bodyBytesMax: 13,
      headerBytesMax: 17,
      json: { nestingMax: 7, membersMax: 11 },
    });
  });
});
