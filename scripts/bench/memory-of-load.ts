import { setUpBackend } from '@anomclip/core/backend';
import { clipConfig, TextTower, VisionTower } from '@anomclip/core/clip';
import { openFile } from '@anomclip/core/node';
import { openCheckpoint } from '@anomclip/core/weights';

/** Loads both towers of a ViT-L/14@336 checkpoint, and prints seconds and the megabytes of the process at its peak. */
const [path, backend] = process.argv.slice(2);
await setUpBackend(backend as 'cpu' | 'wasm');
const files = { names: ['weights'], open: () => openFile(path) };
const start = performance.now();
const checkpoint = await openCheckpoint(files, 'weights');
const config = clipConfig('ViT-L-14-336');
const towers = [await VisionTower.load(checkpoint, config), await TextTower.load(checkpoint, config)];
await checkpoint.close();
console.log((performance.now() - start) / 1000, process.resourceUsage().maxRSS / 1024);
for (const tower of towers) tower.dispose();
