import { FormatError } from '@anomclip/core';

/** Numbers and strings by name, at most two levels deep. */
export type SimpleYaml = ReadonlyMap<string, YamlScalar | ReadonlyMap<string, YamlScalar>>;

/** What a name stands for. */
type YamlScalar = number | string;

/**
 * The part of YAML that Eyecandies uses: `name: value`, and `name:` followed by indented `name: value` or by
 * `{name: value, …}` on the same line. Comments, `---` and empty lines are skipped, everything else is refused.
 *
 * @throws FormatError that names the line.
 */
export function parseSimpleYaml(text: string): SimpleYaml {
  const result = new Map<string, YamlScalar | Map<string, YamlScalar>>();
  let open: Map<string, YamlScalar> | undefined; // the map that indented lines belong to
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '$1').trimEnd();
    if (line.trim() === '' || line === '---') continue;
    const [name, value] = splitPair(line, index);
    const isIndented = /^\s/.test(line);
    if (isIndented && !open) throw wrong(index, line);
    if (isIndented && open) open.set(name, parseScalar(value));
    else if (value === '') {
      open = new Map();
      result.set(name, open);
    } else {
      open = undefined;
      result.set(name, value.startsWith('{') ? parseFlow(value, index) : parseScalar(value));
    }
  }
  return result;
}

/** By plain searches: a pattern with two repetitions would take a long time for a long line of blanks. */
function splitPair(line: string, index: number): [name: string, value: string] {
  const text = line.trim();
  const quoted = /^("[^"]+"|'[^']+')\s*:/.exec(text)?.[0];
  const colon = quoted ? quoted.length - 1 : text.indexOf(':');
  const [name, value] = [text.slice(0, Math.max(0, colon)).trimEnd(), text.slice(colon + 1)];
  const isPlain = quoted !== undefined || /^[^-"'{}][^{}]*$/.test(name);
  if (!isPlain || !/^(\s|$)/.test(value)) throw wrong(index, line);
  return [unquote(name), value.trim()];
}

function parseFlow(value: string, index: number): Map<string, YamlScalar> {
  if (!/^\{[^{}]*\}$/.test(value)) throw wrong(index, value);
  const inside = value.slice(1, -1).trim();
  const pairs = inside === '' ? [] : inside.split(',').map((pair) => splitPair(pair, index));
  return new Map(pairs.map(([name, scalar]) => [name, parseScalar(scalar)]));
}

function parseScalar(value: string): YamlScalar {
  const isNumber = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value);
  return isNumber ? Number(value) : unquote(value);
}

function unquote(text: string): string {
  return /^(["']).*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

function wrong(index: number, line: string): FormatError {
  return new FormatError(
    'YAML',
    `line ${index + 1} is no "name: value": ${JSON.stringify(line.slice(0, 60))}`,
  );
}
