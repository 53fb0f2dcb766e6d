export { type FolderStoreOptions, folderStore } from './folder-store.js';
export { hubCache } from './hub-cache.js';
export { openFile } from './open-file.js';
export { type OpenFolderOptions, openFolder } from './open-folder.js';
export { writeAtomically } from './write-atomically.js';
