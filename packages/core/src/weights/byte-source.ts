/** Bytes that are read in pieces, so that a large file is never in memory at once: a file handle, a Blob, an array. */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number;
  /** The bytes from `start` up to, not including, `end`; both within 0…size. The caller owns them. */
  read(start: number, end: number): Promise<Uint8Array>;
  /** Releases the handle; later reads fail. */
  close(): Promise<void>;
}

/** The files of a model: a folder on disk, a snapshot of the hub, or a list of Blobs in a browser. */
export interface FileSource {
  /** Paths of the files, with `/` between folders and none above the root. */
  readonly names: readonly string[];
  /** @throws {@link ArgumentError} when there is no such file. */
  open(name: string): Promise<ByteSource>;
}

/** Bytes already in memory as a source. It keeps `bytes`, and gives copies. */
export function byteSource(bytes: Uint8Array): ByteSource {
  const { buffer, byteOffset, byteLength } = bytes;
  const view = new Uint8Array(buffer, byteOffset, byteLength); // the slice of a Node Buffer would not copy
  return {
    size: byteLength,
    read: async (start, end) => view.slice(start, end),
    close: async () => {},
  };
}

/** A Blob as a source: a file that a visitor of a web page has chosen, or a download in memory. */
export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
    close: async () => {},
  };
}
