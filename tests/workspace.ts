import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Folder with the golden results, beside the repository; absent on a user's machine. */
export const shared = join(root, '../shared');

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly sideEffects: boolean;
  readonly exports: Record<string, unknown>;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

export interface WorkspacePackage {
  /** `core`, `pointcloud`, … */
  readonly folder: string;
  readonly path: string;
  readonly json: PackageJson;
}

export function workspacePackages(): WorkspacePackage[] {
  return readdirSync(join(root, 'packages')).map((folder) => {
    const path = join(root, 'packages', folder);
    return {
      folder,
      path,
      json: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as PackageJson,
    };
  });
}

/** Runs a command to its end; rejects with what it printed when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      cwd: root,
      maxBuffer: 2 ** 26,
      ...options,
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed: ${message}\n${stdout}\n${stderr}`);
  }
}
