export {
  type PointNetConfig,
  type PointNetLevel,
  type PointNetScale,
  pointNetMsg,
  pointNetSsg,
  pointNetTiny,
} from './config.js';
export { ballQuery, farthestPoints } from './grouping.js';
export { type DropoutMask, PointNet, type PointNetMode, type PointNetOptions } from './pointnet.js';
export {
  chooseGroups,
  describeGroups,
  groupPoints,
  type LevelGroups,
  type LevelRows,
  levelRows,
} from './set-abstraction.js';
export { addBatchNorm, addLinear, addMlp, type MlpLayer, runMlp } from './shared-mlp.js';
