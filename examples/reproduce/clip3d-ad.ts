import { clip3dAd } from './clip3d-ad/reproduction.js';
import { runReproduction } from './driver/run-reproduction.js';

await runReproduction(clip3dAd);
