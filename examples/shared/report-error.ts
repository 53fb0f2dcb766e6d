import { AnomclipError } from '@anomclip/core';

/** Our own errors say what to do; anything else is a bug and wants its stack. */
export function reportError(error: unknown): void {
  console.error(error instanceof AnomclipError ? `error: ${error.message}` : error);
  process.exitCode = 1;
}
