import { Buffer } from 'node:buffer';
import { parseMediaType } from './attributes/media-type.js';
import { isAttributeText } from './attributes/attribute-rules.js';
import { isTimestamp } from './attributes/timestamp.js';
import { isAbsoluteUri, isUriReference } from './attributes/uri.js';
import { decodeHeaderValue } from './binary/header-value.js';
import { contentModeOf } from './http/content-mode.js';
import { readHttpMessage } from './http/read-http.js';
import { asSent, NO_HEADERS } from './testing/as-sent.js';
import { EVENT_LIMITS } from './testing/event-limits.js';
import { decodeMessage } from './nats/message.js';
import { withoutToken } from './nats/without-token.js';
import { parseSubject } from './event/subject.js';
import { shapesOfMoreThanLinearWork } from './testing/linear-work.js';

const AROUND = [
  ['', ''],
  ['a/b', ''],
  ['a/b', 'x'],
  ['a/b; charset=', '\u0001'],
  ['"', ''],
  ['http://', ' '],
  ['2026-11-26T10:00:00.', 'x'],
] as const;

const JSON_AROUND = [
  ['', ''],
  ['{"specversion":"1.0","data":"', '"}'],
  ['{"specversion":"1.0","datacontenttype":"', '"}'],
] as const;

const limits = EVENT_LIMITS;

/*
 * Whatever a stranger sends: ten times as long is ten times the work, not a hundred times. The rules
 * of eslint-plugin-regexp say it of expressions; this says it of whole readers.
 */
describe('reading a text of 100,000 characters of the worst shape', () => {
  it.each<[string, (text: string) => unknown]>([
    ['parseMediaType', parseMediaType],
    ['isAttributeText', isAttributeText],
    ['isTimestamp', isTimestamp],
    ['isAbsoluteUri', isAbsoluteUri],
    ['isUriReference', isUriReference],
    ['decodeHeaderValue', decodeHeaderValue],
    ['contentModeOf', (text) => contentModeOf({ 'content-type': text })],
    ['parseSubject', parseSubject],
  ])('takes %s work in proportion to its length', (_, read) => {
    expect(shapesOfMoreThanLinearWork(read, AROUND)).toEqual([]);
  });

  it.each<[string, (body: Buffer) => unknown]>([
    ['structured mode', (body) => readHttpMessage('structured', NO_HEADERS, body, limits)],
    ['batch mode', (body) => readHttpMessage('batch', NO_HEADERS, body, limits)],
    [
      'binary mode',
      (body) =>
        readHttpMessage('binary', asSent({ 'content-type': 'application/json' }), body, limits),
    ],
    ['decodeMessage', (payload) => decodeMessage({ headers: {}, payload }, limits)],
    ['withoutToken', (payload) => withoutToken({ headers: {}, payload })],
  ])('takes %s work in proportion to its length', (_, read) => {
    expect(shapesOfMoreThanLinearWork((text) => read(Buffer.from(text)), JSON_AROUND)).toEqual([]);
  });

  it('finds one that is not linear', () => {
    // eslint-disable-next-line regexp/no-super-linear-move -- so that there is one
    const shapes = shapesOfMoreThanLinearWork((text) => / +$/.exec(text), [['', 'x']]);

    expect(shapes).toContain(JSON.stringify(['', ' ', 'x']));
  });
});
