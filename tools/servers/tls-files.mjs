/**
 * PEM files of one party of TLS: the trusted certificates, and its own certificate and key.
 *
 * @typedef {object} TlsFiles
 * @property {string} caFile
 * @property {string} certFile
 * @property {string} keyFile
 * @property {string} bothFile certificate and key in one file, which MongoDB requires
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
