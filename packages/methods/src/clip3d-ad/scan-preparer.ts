import { type Box, unionOfBoxes } from '@anomclip/pointcloud/views';
import type { Clip3dConfig } from './config.js';
import { type Clip3dSample, type Clip3dScan, prepareClip3d } from './prepare.js';

/**
 * Prepares scans one after the other, like one renderer that is never reset. Only with `cameraFit: 'accumulate'` does a scan
 * depend on those before it.
 */
export class ScanPreparer {
  /**
   * @param imageSize - Side of the model's input.
   * @param drawn - The box of what was drawn before.
   */
  constructor(
    private readonly config: Clip3dConfig,
    private readonly imageSize: number,
    public drawn?: Box,
  ) {}

  /** What is prepared already stays as it is; scans after it see what it has drawn. */
  prepare(scan: Clip3dScan | Clip3dSample): Clip3dSample {
    const sample = 'foreground' in scan ? scan : prepareClip3d(scan, this.config, this.imageSize, this.drawn);
    if (sample.drawn) this.drawn = unionOfBoxes([sample.drawn, this.drawn ?? sample.drawn]);
    return sample;
  }
}
