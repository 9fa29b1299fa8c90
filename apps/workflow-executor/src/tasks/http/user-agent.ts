/** What `http` tasks call themselves (RFC 9110, section 10.1.5); some targets refuse requests without one. */
export const USER_AGENT = 'flow-eventing/0.1.0';
