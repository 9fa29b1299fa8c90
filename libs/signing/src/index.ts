export { isOurNotice, type Notice, signNotice } from './signed-notice.js';
export {
  contentDigest,
  digestHeader,
  type ReceivedHead,
  type RequestToSign,
  type RequestVerdict,
  signRequest,
  verifyRequest,
} from './signed-request.js';
export { type SignedPart, SigningKeys, type SigningUse } from './signing-keys.js';
