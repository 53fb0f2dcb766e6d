import { ArgumentError, DownloadError } from '../errors.js';

/** @throws {@link ArgumentError} when `repository` is not `name` or `owner/name`. */
export function assertRepository(repository: string): void {
  const isName = /^[\w.-]{1,96}(\/[\w.-]{1,96})?$/.test(repository) && !isEscape(repository);
  if (!isName || repository.includes('--')) {
    throw new ArgumentError('downloadFromHub', 'a repository, owner/name', repository);
  }
}

/** @throws {@link ArgumentError} when `revision` cannot be a branch, a tag or a commit. */
export function assertRevision(revision: string): void {
  if (!/^[\w.+/-]{1,200}$/.test(revision) || isEscape(revision)) {
    throw new ArgumentError('downloadFromHub', 'a branch, a tag or a commit as revision', revision);
  }
}

/**
 * The server says how files are called, and they are going to be paths.
 *
 * @throws {@link DownloadError} when a name would leave the folder.
 */
export function assertFileName(where: string, name: unknown): asserts name is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (typeof name !== 'string' || name.length > 1000 || /[\\\u0000-\u001f:]/.test(name) || isEscape(name)) {
    throw new DownloadError(
      where,
      `the server names a file ${JSON.stringify(name)}, which leaves the folder`,
    );
  }
}

/** @throws {@link DownloadError} when the ETag cannot be the name of a file. */
export function assertKey(where: string, key: string): void {
  if (!/^[\w-][\w.-]{0,199}$/.test(key)) {
    throw new DownloadError(
      where,
      `the server sends the ETag ${JSON.stringify(key)}, which names no content`,
    );
  }
}

/** Absolute, empty, `.` and `..` parts. */
function isEscape(path: string): boolean {
  return path.split('/').some((part) => part === '' || part === '.' || part === '..');
}
