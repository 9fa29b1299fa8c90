import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { formsOf } from '../../support/traces-of-secret.js';
import { ACCESS_TOKEN } from '../side-effects.js';
import { HISTORIES } from './task-histories.js';
import { SECRET, SECRET_PARAM } from './task-workflows.js';

const SECRETS = [SECRET.value, SECRET_PARAM.value, ACCESS_TOKEN];

describe('recorded histories', () => {
  it('have runs that sent secrets, and none of their values in any form', async () => {
    const files = await readdir(HISTORIES);
    const texts = await Promise.all(
      files.map((file) => readFile(path.join(HISTORIES, file), 'utf8')),
    );
    const all = texts.join('\n');

    expect(all).toContain(`nonce.${SECRET.name}.`);
    expect(all).toContain(`nonce.${SECRET_PARAM.name}.`);
    expect(SECRETS.flatMap(formsOf).filter((form) => all.includes(form))).toEqual([]);
  });
});
