import { createHash } from 'node:crypto';
import { type FormPart } from '@app/workflow-engine';

export interface MultipartBody {
  readonly bytes: Buffer;
  /** For the `Content-Type`. */
  readonly boundary: string;
}

/**
 * Parts as `multipart/form-data` (RFC 7578), names encoded as browsers do (HTML standard, "multipart/form-data
 * encoding algorithm"). The boundary is a hash of the parts and the idempotency key: a repeated call has the same
 * bytes, and nobody can write a part that contains the boundary.
 */
export function multipartBody(parts: readonly FormPart[], idempotencyKey: string): MultipartBody {
  const contents = parts.map((part) => Buffer.concat([Buffer.from(headOf(part)), contentOf(part)]));
  const hash = createHash('sha256').update(idempotencyKey);
  for (const content of contents) hash.update(`${content.length}:`).update(content);
  const boundary = hash.digest('hex');
  const line = Buffer.from(`--${boundary}\r\n`);
  const bytes = Buffer.concat([
    ...contents.flatMap((content) => [line, content, Buffer.from('\r\n')]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return { bytes, boundary };
}

function headOf({ name, filename, contentType }: FormPart): string {
  const file = filename === undefined ? '' : `; filename="${quoted(filename)}"`;
  const type = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`;
  return `Content-Disposition: form-data; name="${quoted(name)}"${file}\r\n${type}\r\n`;
}

function contentOf({ text = '', base64 }: FormPart): Buffer {
  return base64 === undefined ? Buffer.from(text) : Buffer.from(base64, 'base64');
}

function quoted(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}
