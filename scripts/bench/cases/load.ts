import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clipConfig } from '@anomclip/core/clip';

const atMost = 1.3;
const config = clipConfig('ViT-L-14-336');

/** Peak memory of a process that loads both towers of ViT-L/14@336, relative to the size of its weights as float32. */
export async function benchLoad(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'anomclip-load-'));
  try {
    const shapes = weightShapes();
    const float32Megabytes =
      (4 * [...shapes.values()].reduce((sum, shape) => sum + product(shape), 0)) / 2 ** 20;
    let allMet = true;
    for (const format of ['safetensors fp32', 'safetensors fp16', 'PyTorch fp16'] as const) {
      const path = join(folder, 'weights');
      if (!(await writeCheckpoint[format](path, shapes))) {
        console.log(`load ViT-L/14@336, ${format}: not measured (apt-get install python3-torch)`);
        continue;
      }
      for (const backend of ['cpu', 'wasm']) {
        const [seconds, megabytes] = run('memory-of-load.ts', [path, backend]);
        const ratio = megabytes / float32Megabytes;
        const figures = `${seconds.toFixed(1)} s, peak ${megabytes.toFixed(0)} MB of ${float32Megabytes.toFixed(0)} MB`;
        const verdict = ratio < atMost ? 'met' : 'MISSED';
        console.log(
          `load ViT-L/14@336, ${format}, ${backend}: ${figures}, ratio ${ratio.toFixed(3)} (below ${atMost}: ${verdict})`,
        );
        allMet &&= ratio < atMost;
      }
      rmSync(path);
    }
    return allMet;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Each gives whether it could write the file. */
const writeCheckpoint = {
  'safetensors fp32': (path: string, shapes: Shapes) => writeSafetensors(path, shapes, 'F32'),
  'safetensors fp16': (path: string, shapes: Shapes) => writeSafetensors(path, shapes, 'F16'),
  'PyTorch fp16': async (path: string, shapes: Shapes) => writeWithPytorch(path, shapes),
} as const;

/** OpenCLIP's names and shapes. */
function weightShapes(): Shapes {
  const { vision, text, embeddingWidth } = config;
  const side = vision.imageSize / vision.patchSize;
  const shapes = new Map<string, readonly number[]>([
    ['visual.class_embedding', [vision.width]],
    ['visual.positional_embedding', [side * side + 1, vision.width]],
    ['visual.proj', [vision.width, embeddingWidth]],
    ['visual.conv1.weight', [vision.width, 3, vision.patchSize, vision.patchSize]],
    ['positional_embedding', [text.contextLength, text.width]],
    ['token_embedding.weight', [text.vocabularySize, text.width]],
    ['text_projection', [text.width, embeddingWidth]],
  ]);
  const layer = (name: string, outputs: number, inputs?: number) => {
    shapes.set(`${name}weight`, inputs === undefined ? [outputs] : [outputs, inputs]);
    shapes.set(`${name}bias`, [outputs]);
  };
  layer('visual.ln_pre.', vision.width);
  layer('visual.ln_post.', vision.width);
  layer('ln_final.', text.width);
  for (const [prefix, tower] of [
    ['visual.transformer', vision],
    ['transformer', text],
  ] as const) {
    for (let i = 0; i < tower.layers; i++) {
      const block = `${prefix}.resblocks.${i}`;
      layer(`${block}.ln_1.`, tower.width);
      layer(`${block}.attn.in_proj_`, 3 * tower.width, tower.width);
      layer(`${block}.attn.out_proj.`, tower.width, tower.width);
      layer(`${block}.ln_2.`, tower.width);
      layer(`${block}.mlp.c_fc.`, tower.mlpWidth, tower.width);
      layer(`${block}.mlp.c_proj.`, tower.width, tower.mlpWidth);
    }
  }
  return shapes;
}

/** Written in pieces: this process, too, need not hold it. */
async function writeSafetensors(path: string, shapes: Shapes, dtype: 'F32' | 'F16'): Promise<boolean> {
  let end = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of shapes) {
    const begin = end;
    end += product(shape) * (dtype === 'F32' ? 4 : 2);
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = await open(path, 'w');
  await file.write(Buffer.concat([length, text]));
  await writeNumbers(file, end);
  await file.close();
  return true;
}

/** Bytes that are small numbers as float16 and as float32. */
async function writeNumbers(file: FileHandle, byteCount: number): Promise<void> {
  const piece = Buffer.alloc(2 ** 24, Uint8Array.of(0x31, 0x2c, 0x77, 0x2c));
  for (let left = byteCount; left > 0; left -= piece.length)
    await file.write(piece, 0, Math.min(left, piece.length));
}

function writeWithPytorch(path: string, shapes: Shapes): boolean {
  const python = process.env.ANOMCLIP_PYTHON ?? '/usr/bin/python3';
  const program = `
import json, sys, torch
shapes = json.load(sys.stdin)
torch.save({name: torch.full(shape, 0.07, dtype=torch.float16) for name, shape in shapes}, sys.argv[1])`;
  try {
    const input = JSON.stringify([...shapes]);
    execFileSync(python, ['-c', program, path], { input, stdio: ['pipe', 'ignore', 'ignore'] });
    return true;
  } catch {
    return false;
  }
}

/** The numbers that a program of this folder prints, run in a process of its own. */
function run(program: string, args: readonly string[]): number[] {
  const path = fileURLToPath(new URL(`../${program}`, import.meta.url));
  const printed = execFileSync(process.execPath, [...process.execArgv, path, ...args], { encoding: 'utf8' });
  return printed.trim().split(' ').map(Number);
}

function product(shape: readonly number[]): number {
  return shape.reduce((result, side) => result * side, 1);
}
