import { encodePng, type Image } from '@anomclip/core/image';
import type { GalleryRow } from './image-rows.js';

/** The gallery as one HTML file that needs nothing else. */
export function renderPage(sections: readonly { title: string; rows: readonly GalleryRow[] }[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Synthetic anomalies</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; }
h3 { margin: 1.5rem 0 0; } p { margin: 0 0 .4rem; color: #666; }
.row { display: flex; gap: 6px; overflow-x: auto; } img { display: block; }
</style>
</head>
<body>
<h1>Synthetic anomalies</h1>
${sections.map(({ title, rows }) => `<h2>${title}</h2>\n${rows.map(renderRow).join('\n')}`).join('\n')}
</body>
</html>
`;
}

function renderRow({ title, note, pictures }: GalleryRow): string {
  return `<section><h3>${title}</h3><p>${note}</p><div class="row">${pictures.map(picture).join('')}</div></section>`;
}

function picture(image: Image): string {
  const bytes = Buffer.from(encodePng(image)).toString('base64');
  return `<img alt="" width="${image.shape[1]}" height="${image.shape[0]}" src="data:image/png;base64,${bytes}">`;
}
