import type { OrganisedCloud } from '@anomclip/core';
import { type AnomalyMap, createAnomalyMap } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';

/**
 * The map of somebody who has learned nothing but where the object is: 1 on its pixels and 0 elsewhere, with noise
 * below 0.001 to break the ties. Defects lie on objects, so even this map gets good pixel values.
 *
 * @param object - xyz [H, W, 3] of a scan whose background was removed.
 */
export function foregroundMap(object: OrganisedCloud, rng: Rng): AnomalyMap {
  const [height, width] = object.xyz.shape;
  const map = createAnomalyMap(height, width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const onObject = object.xyz.get(row, column, 2) !== 0;
      map.set(row, column, Number(onObject) + rng.uniform(0, 0.001));
    }
  }
  return map;
}
