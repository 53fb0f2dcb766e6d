import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { EncodedCloud } from '../driver/cell.js';
import type { EmbeddedCloud } from './embedded-cloud.js';

/** Points of all clouds of a report together: 15 MB. */
const pointBudget = 1_000_000;

/** Collects the clouds of a report while its cases are written. */
export interface CloudCollection {
  /** HTML of the button that shows a cloud. */
  button(id: string, cloud: EncodedCloud): string;
  /** HTML with the clouds and the viewer, which needs nothing else; to be put behind all buttons. Empty without clouds. */
  script(): Promise<string>;
}

export function cloudCollection(): CloudCollection {
  const clouds: (EncodedCloud & { readonly id: string })[] = [];
  return {
    button(id, cloud) {
      clouds.push({ id, ...cloud });
      return `<button type="button" class="show-points" data-cloud="${clouds.length - 1}" aria-expanded="false">points in space</button>`;
    },
    async script() {
      if (clouds.length === 0) return '';
      const limit = Math.floor(pointBudget / clouds.length);
      const json = JSON.stringify(clouds.map((cloud) => thinned(cloud, limit))).replaceAll('<', '\\u003c');
      return `<script type="application/json" id="clouds">${json}</script>
<script>${await viewerProgram()}</script>`;
    },
  };
}

/** Any first points are an even sample of all. */
function thinned(
  { id, count, ...arrays }: EncodedCloud & { readonly id: string },
  limit: number,
): EmbeddedCloud {
  const kept = Math.min(count, limit);
  const first = (base64: string) => {
    const bytes = Buffer.from(base64, 'base64');
    return bytes.subarray(0, (bytes.length / count) * kept).toString('base64');
  };
  const { positions, scores, truth, colours } = arrays;
  return {
    id,
    count: kept,
    positions: first(positions),
    scores: first(scores),
    ...(truth && { truth: first(truth) }),
    ...(colours && { colours: first(colours) }),
  };
}

/** The viewer with what it needs of three.js, as one classic script: modules do not load from `file:`. */
async function viewerProgram(): Promise<string> {
  const entry = fileURLToPath(new URL('./browser.ts', import.meta.url));
  const output = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry, formats: ['iife'], name: 'pointViewer' }, target: 'es2022' },
  });
  const [bundle] = Array.isArray(output) ? output : [output];
  if (!('output' in bundle)) throw new Error('vite watches the viewer instead of building it');
  const [{ code }] = bundle.output;
  // An end tag within a string of the program would end the script.
  return code.replaceAll('</script', '<\\/script');
}
