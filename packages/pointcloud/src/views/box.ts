import { type Coordinates, countPoints } from '../check-points.js';
import type { Xyz } from '../xyz.js';

/** An axis-aligned box. One without points has `low` Infinity and `high` −Infinity. */
export interface Box {
  readonly low: Xyz;
  readonly high: Xyz;
}

/**
 * The smallest box around the points (xyz triples).
 *
 * @throws {@link ShapeError} when they are no triples, {@link ArgumentError} when a coordinate is not finite.
 */
export function boundingBox(positions: Coordinates): Box {
  countPoints('boundingBox', positions);
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i += 3) {
    for (let axis = 0; axis < 3; axis++) {
      const value = positions[i + axis];
      if (value < low[axis]) low[axis] = value;
      if (value > high[axis]) high[axis] = value;
    }
  }
  return { low, high };
}

/** The smallest box around all boxes. */
export function unionOfBoxes(boxes: readonly Box[]): Box {
  const pick = (choose: (...values: number[]) => number, corner: 'low' | 'high'): Xyz => [
    choose(...boxes.map((box) => box[corner][0])),
    choose(...boxes.map((box) => box[corner][1])),
    choose(...boxes.map((box) => box[corner][2])),
  ];
  return { low: pick(Math.min, 'low'), high: pick(Math.max, 'high') };
}

/**
 * What a viewer that is never reset sees: entry i is the union of boxes 0…i.
 *
 * @param drawnBefore - What was drawn before the first box.
 */
export function accumulatedBoxes(boxes: readonly Box[], drawnBefore?: Box): Box[] {
  let union = drawnBefore;
  return boxes.map((box) => {
    union = union ? unionOfBoxes([union, box]) : box;
    return union;
  });
}

/**
 * What a view aims at: the centre of a box and its longest side. A box of one point, whose sides are 0, is taken for
 * one of side 1, so that the point is seen; a box without points for one of side 1 about the origin.
 */
export function boxTarget({ low, high }: Box): { centre: Xyz; extent: number } {
  if (!(low[0] <= high[0])) return { centre: [0, 0, 0], extent: 1 };
  const extent = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  const centre: Xyz = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2];
  return { centre, extent: extent > 0 ? extent : 1 };
}
