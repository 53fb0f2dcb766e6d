import type { NdArray } from 'ndarray';

/** A scan on the sensor's pixel grid. */
export interface OrganisedCloud {
  /** [H, W, 3], metres, (0, 0, 0) where nothing was measured. */
  readonly xyz: NdArray<Float32Array>;
}

/** Points without a grid. */
export interface PointCloud {
  /** [N, 3], metres unless the source says otherwise. */
  readonly positions: NdArray<Float32Array>;
  /** [N, 3], unit length. */
  readonly normals?: NdArray<Float32Array>;
  /** [N, 3], red, green, blue. */
  readonly colours?: NdArray<Uint8Array>;
  /** [N], 0 normal, 1 anomalous, or whatever the file's label field holds. */
  readonly labels?: Uint8Array | Uint16Array | Uint32Array | Int32Array;
}
