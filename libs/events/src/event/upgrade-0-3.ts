import { isAbsoluteUri } from '../attributes/uri.js';

type Attributes = Readonly<Record<string, unknown>>;

/**
 * Attributes of CloudEvents 0.3 as those of 1.0; of any other version, as they are.
 *
 * `schemaurl` was renamed to `dataschema`, which must be absolute: a relative one stays behind as an
 * extension, so that nothing is lost. `datacontentencoding` has done its work once the data is read.
 */
export function upgraded(attributes: Attributes): Attributes {
  if (attributes['specversion'] !== '0.3') return attributes;

  const result: Record<string, unknown> = { ...attributes, specversion: '1.0' };
  delete result['datacontentencoding'];
  const { schemaurl, dataschema } = result;
  if (typeof schemaurl === 'string' && isAbsoluteUri(schemaurl) && isUnset(dataschema)) {
    result['dataschema'] = schemaurl;
    delete result['schemaurl'];
  }
  return result;
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null;
}
