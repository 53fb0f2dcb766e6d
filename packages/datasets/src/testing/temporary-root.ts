import { rm } from 'node:fs/promises';
import { afterEach, beforeEach } from 'vitest';
import { createTemporaryFolder } from './tiny-files.js';

/** A new folder for every test of the file; call the result for its path. */
export function useTemporaryRoot(): () => string {
  let root = '';
  beforeEach(async () => {
    root = await createTemporaryFolder();
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  return () => root;
}
