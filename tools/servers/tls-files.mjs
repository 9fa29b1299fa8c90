/**
 * PEM files of one party of TLS: whom it trusts, and how it shows who it is.
 *
 * @typedef {object} TlsFiles
 * @property {string} caFile
 * @property {string} certFile
 * @property {string} keyFile
 * @property {string} bothFile certificate and key in one file, as MongoDB wants them
 */

/**
 * @param {TlsFiles} files
 * @returns {string} the parameters of a MongoDB URL
 */
export function mongodbTlsParameters({ caFile, bothFile }) {
  return new URLSearchParams({
    tls: 'true',
    tlsCAFile: caFile,
    tlsCertificateKeyFile: bothFile,
  }).toString();
}
