export type { OrganisedCloud, PointCloud } from './clouds.js';
export { AnomclipError, ArgumentError, DownloadError, FormatError, ShapeError } from './errors.js';
export type { LongWorkOptions, ProgressEvent } from './long-work.js';
