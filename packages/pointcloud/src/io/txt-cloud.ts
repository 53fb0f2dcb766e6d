import { ArgumentError } from '@anomclip/core';
import { assembleCloud, type CloudFile } from './cloud-file.js';
import { interleavedColumns } from './columns.js';
import { GrowingArray } from './growing-array.js';
import { NumberScanner } from './number-scanner.js';
import { checkPointCount, type ReadLimits, resolveLimits } from './read-limits.js';

export interface TxtCloudOptions extends ReadLimits {
  /**
   * Column of the label, counted from 0, after x y z; −1 for none. A column that is missing, or that holds anything
   * but 32-bit integers, gives no labels. @defaultValue 3
   */
  readonly labelColumn?: number;
}

const COMMA = 44;
const SEMICOLON = 59;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Reads points from text, one per line: x y z and more columns, separated by spaces, tabs, commas or semicolons.
 * Lines that do not start with a number are skipped (headers, comments), and so is a first line that holds only
 * one number (a point count). An empty file is an empty cloud.
 *
 * @throws FormatError for a line with too few numbers, and when a file that is not empty has no line of numbers.
 */
export function readTxtCloud(bytes: Uint8Array, options: TxtCloudOptions = {}): CloudFile {
  const { labelColumn = 3 } = options;
  const { maxPoints } = resolveLimits('readTxtCloud', options);
  if (!Number.isInteger(labelColumn) || (labelColumn < 3 && labelColumn !== -1)) {
    throw new ArgumentError('readTxtCloud labelColumn', 'a column from 3, or −1', labelColumn);
  }
  const scanner = new NumberScanner(bytes, 'TXT');
  if (BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte)) scanner.position = BYTE_ORDER_MARK.length;

  const columnCount = toFirstRow(scanner);
  const hasLabels = labelColumn >= 0 && labelColumn < columnCount;
  const needed = hasLabels ? labelColumn + 1 : 3;
  const positions = new GrowingArray((length) => new Float64Array(length));
  const labels = new GrowingArray((length) => new Float64Array(length));
  for (; scanner.peek() >= 0; scanner.skipLine()) {
    scanner.skipBlanks();
    if (!scanner.startsNumber()) continue;
    for (let column = 0; column < needed; column++) {
      if (column > 0 && !skipSeparator(scanner)) {
        scanner.fail(`expected ${needed} numbers, got ${scanner.quote()} after ${column}`);
      }
      const value = scanner.number();
      if (column < 3) positions.push(value);
      else if (column === labelColumn) labels.push(value);
    }
    if (!skipSeparator(scanner) && !scanner.atLineEnd())
      scanner.fail(`expected a number, got ${scanner.quote()}`);
    checkPointCount('TXT', positions.length / 3, maxPoints, 'or more points');
  }
  return assembleCloud({
    count: positions.length / 3,
    positions: interleavedColumns(positions.toArray(), 3),
    labels: hasLabels ? { values: labels.toArray(), stride: 1 } : undefined,
  });
}

/** Moves to the first line of points, and returns how many numbers stand in it; 0 in an empty file. */
function toFirstRow(scanner: NumberScanner): number {
  let empty = true;
  let skippedCount = false;
  for (; scanner.peek() >= 0; scanner.skipLine()) {
    scanner.skipBlanks();
    if (scanner.atLineEnd()) continue;
    empty = false;
    if (!scanner.startsNumber()) continue;
    const start = scanner.position;
    const count = numbersOnLine(scanner);
    if (count >= 3) {
      scanner.position = start;
      return count;
    }
    if (count !== 1 || skippedCount || !scanner.atLineEnd())
      scanner.fail(`a row of ${count} numbers`, 'points need x, y and z');
    skippedCount = true;
  }
  if (!empty && !skippedCount) scanner.fail('no line starts with a number', 'rows of a cloud are x y z …');
  return 0;
}

function numbersOnLine(scanner: NumberScanner): number {
  let count = 0;
  do {
    scanner.number();
    count++;
  } while (skipSeparator(scanner) && scanner.startsNumber());
  return count;
}

/** Moves over blanks with at most one comma or semicolon among them; false if there are none, or the line ends. */
function skipSeparator(scanner: NumberScanner): boolean {
  const start = scanner.position;
  scanner.skipBlanks();
  const byte = scanner.peek();
  if (byte === COMMA || byte === SEMICOLON) {
    scanner.position += 1;
    scanner.skipBlanks();
  }
  return scanner.position > start && !scanner.atLineEnd();
}
