/** In which way somebody tries to start what is not theirs, and what that must be answered with. */
export const INTRUSIONS = {
  'no token': 401,
  'a wrong token': 403,
  "another workflow's token": 403,
  'an unknown workflow': 403,
} as const;

export type Intrusion = keyof typeof INTRUSIONS;
