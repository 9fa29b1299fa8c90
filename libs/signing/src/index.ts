export { verifyNotice, signNotice } from './signed-notice.js';
export {
  contentDigest,
  digestHeader,
  type ReceivedHead,
  signRequest,
  verifyRequest,
} from './signed-request.js';
export { SigningKeys } from './signing-keys.js';
