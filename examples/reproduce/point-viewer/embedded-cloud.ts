/** A cloud as it lies in the report, see `EncodedCloud`: arrays in base64. */
export interface EmbeddedCloud {
  readonly id: string;
  readonly count: number;
  readonly positions: string;
  readonly scores: string;
  readonly truth?: string;
  readonly colours?: string;
}
