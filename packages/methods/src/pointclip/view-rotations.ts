import { composeRotations, type Matrix3, rotationXyz, rotationY } from '@anomclip/pointcloud';

/**
 * The ten views of PointCLIP V2 (section 9 of PointAD's specification): eight around the object, one from either end; each
 * then turned a little about y. They act on column vectors from the left.
 */
export function viewRotations(): Matrix3[] {
  const { PI } = Math;
  const around = [1 / 4, 3 / 4, 5 / 4, 7 / 4, 0, 1 / 2, 1, 3 / 2].map((share) =>
    composeRotations(rotationY(PI / 9), rotationXyz(share * PI, 0, PI / 2)),
  );
  const ends = [-PI / 2, PI / 2].map((angle) =>
    composeRotations(rotationY(PI / 15), rotationXyz(0, angle, PI / 2)),
  );
  return [...around, ...ends];
}
