import { computeFpfh, estimateNormals } from '@anomclip/pointcloud';
import { scannedPoints } from './scanned-points.js';

/** Prints the megabytes that normals and FPFH of so many points add to the process. */
const points = scannedPoints(Number(process.argv[2]));
const before = process.resourceUsage().maxRSS;
computeFpfh(points, estimateNormals(points, { radius: 0.006 }), { radius: 0.015 });
console.log((process.resourceUsage().maxRSS - before) / 1024);
