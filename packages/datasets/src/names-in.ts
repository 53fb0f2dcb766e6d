import { readdir } from 'node:fs/promises';

/** Names in a folder, dot files included; `undefined` when there is no such folder. */
export async function namesIn(path: string): Promise<string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
