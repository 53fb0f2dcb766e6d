import { existsSync } from 'node:fs';
import { clipFiles, downloadFromHub } from '@anomclip/core/hub';
import { hubCache, openFolder } from '@anomclip/core/node';
import type { FileSource } from '@anomclip/core/weights';

/** The files of a model: a folder on this machine, else a repository of the hub, which is downloaded once. */
export function openModel(folderOrRepository: string): Promise<FileSource> {
  if (existsSync(folderOrRepository)) return openFolder(folderOrRepository);
  return downloadFromHub(folderOrRepository, hubCache(), { files: clipFiles });
}
