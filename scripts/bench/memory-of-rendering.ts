import { estimateNormals } from '@anomclip/pointcloud';
import { renderViews } from '@anomclip/pointcloud/views';
import { scannedPoints } from './scanned-points.js';

/** Prints the megabytes that a process holds at most while it renders nine views of so many points. */
const positions = scannedPoints(Number(process.argv[2]));
renderViews({ positions, normals: estimateNormals(positions) }, { pointSize: 8 });
console.log(process.resourceUsage().maxRSS / 1024);
