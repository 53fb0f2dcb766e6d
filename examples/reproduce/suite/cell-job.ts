/** What a worker needs to know to run a cell: it plans the run again and takes the cell with the key. */
export interface CellJob {
  readonly key: string;
  readonly reproduction: string;
  /** As on the command line of the reproduction. */
  readonly args: readonly string[];
}
