import { FormatError } from '@anomclip/core';
import { GrowingArray } from './growing-array.js';

/** Collects the triangles of a mesh from polygons and strips of vertex indices. */
export class TriangleList {
  readonly #indices = new GrowingArray((length) => new Uint32Array(length));

  /** Adds a polygon as a fan around its first corner; fewer than three corners have no area and add nothing. */
  addPolygon(corners: ArrayLike<number>, start = 0, end = corners.length): void {
    for (let i = start + 2; i < end; i++) this.#push(corners[start], corners[i - 1], corners[i]);
  }

  /**
   * Adds triangle strips, separated by −1. Every second triangle is turned so that all face the same side; those
   * with a repeated corner only join strips and are left out.
   */
  addStrips(corners: ArrayLike<number>, start = 0, end = corners.length): void {
    let stripStart = start;
    for (let i = start; i < end; i++) {
      if (corners[i] === -1) stripStart = i + 1;
      else if (i >= stripStart + 2) {
        const [a, b, c] = [corners[i - 2], corners[i - 1], corners[i]];
        if (a === b || b === c || a === c) continue;
        if ((i - stripStart) % 2 === 0) this.#push(a, b, c);
        else this.#push(b, a, c);
      }
    }
  }

  /** All triangles, three indices each, or undefined when there are none. */
  toArray(format: string, vertexCount: number): Uint32Array | undefined {
    if (this.#indices.length === 0) return undefined;
    const triangles = this.#indices.toArray();
    for (const vertex of triangles) {
      if (vertex >= vertexCount) {
        throw new FormatError(format, `a face uses vertex ${vertex} of ${vertexCount}, counted from 0`);
      }
    }
    return triangles;
  }

  // What is negative or no integer becomes an index that no mesh has, and is found at the end.
  #push(a: number, b: number, c: number): void {
    this.#indices.push(vertexIndex(a));
    this.#indices.push(vertexIndex(b));
    this.#indices.push(vertexIndex(c));
  }
}

function vertexIndex(corner: number): number {
  return Number.isInteger(corner) && corner >= 0 && corner < 0xffffffff ? corner : 0xffffffff;
}
