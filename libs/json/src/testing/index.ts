export { arbitraryJsonText, arbitraryNumberText, spaced } from './arbitrary-json.js';
