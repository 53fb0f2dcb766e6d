/** One point or direction. */
export type Xyz = readonly [x: number, y: number, z: number];
