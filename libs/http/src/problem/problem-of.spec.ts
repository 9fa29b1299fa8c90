import { FlowError, type ErrorKind, type FlowErrorOptions } from '@app/errors';
import { BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { HeadersTooLargeError, InternalError, MethodNotAllowedError } from '../errors.js';
import { flowErrorOf } from './flow-error-of.js';
import { problemOf } from './problem-of.js';

class SampleError extends FlowError {
  readonly code = 'SAMPLE';

  constructor(
    readonly kind: ErrorKind,
    options?: FlowErrorOptions,
  ) {
    super('What happened', options);
  }
}

describe(problemOf, () => {
  it.each([
    ['invalid', 400, 'Bad Request'],
    ['unauthenticated', 401, 'Unauthorized'],
    ['forbidden', 403, 'Forbidden'],
    ['not-found', 404, 'Not Found'],
    ['timeout', 408, 'Request Timeout'],
    ['conflict', 409, 'Conflict'],
    ['gone', 410, 'Gone'],
    ['precondition-failed', 412, 'Precondition Failed'],
    ['precondition-required', 428, 'Precondition Required'],
    ['too-large', 413, 'Payload Too Large'],
    ['unsupported-media-type', 415, 'Unsupported Media Type'],
    ['rate-limited', 429, 'Too Many Requests'],
    ['overloaded', 503, 'Service Unavailable'],
    ['transient', 503, 'Service Unavailable'],
  ] as const)('makes %s %i', (kind, status, title) => {
    expect(problemOf(new SampleError(kind))).toMatchObject({
      status,
      body: { type: 'about:blank', title, status, code: 'SAMPLE', detail: 'What happened' },
    });
  });

  it('reveals only the instance of a defect', () => {
    const { status, body } = problemOf(new SampleError('defect'), 'urn:uuid:1');

    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'INTERNAL', instance: 'urn:uuid:1' });
    expect(body.detail).not.toContain('What happened');
  });

  it.each([
    [new SampleError('unauthenticated'), { 'WWW-Authenticate': 'Bearer' }],
    [new SampleError('transient'), { 'Retry-After': '5' }],
    [new SampleError('overloaded', { retryAfterSeconds: 2 }), { 'Retry-After': '2' }],
    [new SampleError('rate-limited', { retryAfterSeconds: 30 }), { 'Retry-After': '30' }],
    [new MethodNotAllowedError(['GET', 'HEAD']), { Allow: 'GET, HEAD' }],
    [new SampleError('forbidden'), {}],
  ])('has the headers that the status requires', (error, headers) => {
    expect(problemOf(error).headers).toEqual(headers);
  });

  it('lists every problem, and has no list when there is none', () => {
    const problems = [{ attribute: 'source', detail: 'must not be empty' }];

    expect(problemOf(new SampleError('invalid', { problems })).body.errors).toEqual(problems);
    expect(problemOf(new SampleError('invalid')).body).not.toHaveProperty('errors');
  });

  it('takes the status of an error of the protocol', () => {
    expect(problemOf(new HeadersTooLargeError()).status).toBe(431);
  });
});

describe(flowErrorOf, () => {
  it('leaves our errors as they are', () => {
    const error = new SampleError('conflict');

    expect(flowErrorOf(error, 1)).toBe(error);
  });

  it.each([
    [new NotFoundException(), 'ROUTE_NOT_FOUND'],
    [new BadRequestException(), 'REQUEST_MALFORMED'],
    [new HttpException('x', 408), 'REQUEST_TIMEOUT'],
    [new HttpException('x', 413), 'BODY_TOO_LARGE'],
    [new HttpException('x', 415), 'MEDIA_TYPE_UNSUPPORTED'],
    [new HttpException('x', 418), 'REQUEST_MALFORMED'],
    [Object.assign(new Error('x'), { statusCode: 414 }), 'URL_TOO_LONG'],
    [new HttpException('x', 503), 'INTERNAL'],
    [Object.assign(new Error('x'), { statusCode: 'many' }), 'INTERNAL'],
    [new TypeError('x is not a function'), 'INTERNAL'],
    ['a string', 'INTERNAL'],
    [undefined, 'INTERNAL'],
  ])('makes %p %s', (error, code) => {
    expect(flowErrorOf(error, 1).code).toBe(code);
  });

  it('keeps an unknown error as the cause, for the log', () => {
    const cause = new TypeError('x');

    expect(flowErrorOf(cause, 1)).toBeInstanceOf(InternalError);
    expect(flowErrorOf(cause, 1).cause).toBe(cause);
  });
});
