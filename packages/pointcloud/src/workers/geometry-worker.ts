import workerpool from 'workerpool';
import { tasks } from './tasks.js';

// The script of every worker. The build puts everything it needs into one file, which bundlers may copy as it is.
workerpool.worker({
  normals: (...request: Parameters<typeof tasks.normals>) => given(tasks.normals(...request)),
  fpfh: (...request: Parameters<typeof tasks.fpfh>) => given(tasks.fpfh(...request)),
  view: (...request: Parameters<typeof tasks.view>) => {
    const pixels = tasks.view(...request);
    const buffers = [pixels.image.buffer, ...(pixels.groundTruth ? [pixels.groundTruth.buffer] : [])];
    return new workerpool.Transfer(pixels, buffers);
  },
});

/** Hands the memory over instead of copying it. */
function given(rows: Float32Array | Float64Array) {
  return new workerpool.Transfer(rows, [rows.buffer]);
}
