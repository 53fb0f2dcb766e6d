import { unescapeCompleteReferences, unescapeHtml, windows1252 } from './unescape-html.js';

/**
 * A text as CLIP's tokenizer wants it: what `ftfy.fix_text` repairs (typographic quotes, ligatures, full-width letters,
 * line breaks, control characters, byte order marks, character references, composed accents), `html.unescape` twice, runs
 * of white space as one space, lower case.
 *
 * Departs from CLIP: text that was decoded with the wrong encoding (`Ã©` for `é`) stays as it is.
 */
export function cleanText(text: string): string {
  return unescapeHtml(unescapeHtml(fixText(text)))
    .split(whiteSpace)
    .filter(Boolean)
    .join(' ')
    .toLowerCase();
}

/** What Python takes for white space; JavaScript's `\s` also has the byte order mark, and lacks U+0085. */
export const whiteSpaceCharacters =
  '\\t\\n\\v\\f\\r\\u001c-\\u001f \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const whiteSpace = new RegExp(`[${whiteSpaceCharacters}]+`, 'u');

function fixText(text: string): string {
  let withReferences = true;
  const lines = text.split(/(?<=\n)/).map((line) => {
    withReferences &&= !line.includes('<'); // as in ftfy, for this line and all after it: it may be HTML
    let before: string;
    let fixed = line;
    // ftfy repeats until nothing changes; a text gets shorter or closer to NFC with every round.
    do {
      before = fixed;
      fixed = fixCharacters(withReferences ? unescapeCompleteReferences(before) : before);
    } while (fixed !== before);
    return fixed;
  });
  return lines.join('');
}

function fixCharacters(text: string): string {
  return text
    .replace(/[\u0080-\u009f]/g, windows1252)
    .replace(
      /[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]/g,
      (ligature) => ligatures[ligature],
    )
    .replace(/[\u3000\uff01-\uffef]/g, (wide) => wide.normalize('NFKC'))
    .replace(/[\u02bc\u2018-\u201b]/g, "'")
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/\r\n|[\r\u2028\u2029\u0085]/g, '\n')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(terminalEscapes, '')
    .replace(unwantedControls, '')
    .normalize('NFC');
}

const ligatures: Readonly<Record<string, string>> = {
  Ĳ: 'IJ',
  ĳ: 'ij',
  ŉ: 'ʼn',
  Ǆ: 'DŽ',
  ǅ: 'Dž',
  ǆ: 'dž',
  Ǉ: 'LJ',
  ǈ: 'Lj',
  ǉ: 'lj',
  Ǌ: 'NJ',
  ǋ: 'Nj',
  ǌ: 'nj',
  Ǳ: 'DZ',
  ǲ: 'Dz',
  ǳ: 'dz',
  ﬀ: 'ff',
  ﬁ: 'fi',
  ﬂ: 'fl',
  ﬃ: 'ffi',
  ﬄ: 'ffl',
  ﬅ: 'ſt',
  ﬆ: 'st',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const terminalEscapes = /\u001b\[[0-9;]*[a-zA-Z]/g;
const unwantedControls =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b\u000e-\u001f\u007f\u206a-\u206f\ufeff\ufff9-\ufffc]/g;
