export { type FolderStoreOptions, folderStore } from './folder-store.js';
export { writeAtomically } from './write-atomically.js';
