import { htmlEntities, namesWithoutSemicolon } from './html-entities.js';

/** Python's `html.unescape`: character references as browsers read them, old ones also without a semicolon. */
export function unescapeHtml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/gu,
    (all, reference: string) =>
      reference.startsWith('#') ? characterOf(reference) : (named(reference) ?? all),
  );
}

/**
 * What ftfy makes of character references: only those with a semicolon, as a text may say `this&not that`, but names of
 * Latin letters also in capitals (`P&EACUTE;REZ`).
 */
export function unescapeCompleteReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#?[0-9A-Za-z]{1,24});/g, (all, reference: string) => {
    if (/^#([0-9]+|[xX][0-9a-fA-F]+)$/.test(reference)) return characterOf(reference);
    return entities().get(reference) ?? capitals().get(reference) ?? all;
  });
}

let knownEntities: ReadonlyMap<string, string> | undefined;
let knownCapitals: ReadonlyMap<string, string> | undefined;

function entities(): ReadonlyMap<string, string> {
  knownEntities ??= htmlEntities();
  return knownEntities;
}

/** Names in lower case whose capitals mean nothing else. */
function capitals(): ReadonlyMap<string, string> {
  knownCapitals ??= new Map(
    [...entities()]
      .map(([name, value]): [string, string, string] => [name, name.toUpperCase(), value])
      .filter(([name, upper]) => name === name.toLowerCase() && named(`${upper};`) === undefined)
      .map(([, upper, value]) => [upper, value.toUpperCase()]),
  );
  return knownCapitals;
}

/** The longest name at the start, the rest as it is; undefined when there is none. */
function named(reference: string): string | undefined {
  const whole = reference.endsWith(';') ? entities().get(reference.slice(0, -1)) : undefined;
  if (whole !== undefined) return whole;
  const old = namesWithoutSemicolon();
  for (let length = reference.length; length > 1; length--) {
    const name = reference.slice(0, length);
    if (old.has(name)) return `${entities().get(name)}${reference.slice(length)}`;
  }
  return undefined;
}

function characterOf(reference: string): string {
  const digits = reference.replace(/;$/, '');
  const code = /^#[xX]/.test(digits)
    ? Number.parseInt(digits.slice(2), 16)
    : Number.parseInt(digits.slice(1), 10);
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  if (code >= 0x80 && code <= 0x9f) return windows1252(String.fromCharCode(code));
  const isControl = (code < 0x20 && ![0x9, 0xa, 0xc, 0xd].includes(code)) || code === 0x7f;
  const isNoCharacter = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;
  return isControl || isNoCharacter ? '' : String.fromCodePoint(code);
}

/** What Windows means by a control character of U+0080…U+009F. `TextDecoder` of Node 20 takes the name for Latin 1. */
export function windows1252(control: string): string {
  const table = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
  return table[control.charCodeAt(0) - 0x80];
}
