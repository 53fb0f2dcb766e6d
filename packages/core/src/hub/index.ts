export { clipFiles } from './clip-files.js';
export { type DownloadFromHubOptions, downloadFromHub, type HubSnapshot } from './download-from-hub.js';
export type { HubStorage, PartialContent, StreamHash } from './hub-storage.js';
export { memoryHubStorage } from './memory-hub-storage.js';
